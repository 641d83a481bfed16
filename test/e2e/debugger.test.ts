/** Under gdb a program stops where it crashes, not where it touches a device. */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

describe.skipIf(!existsSync('/usr/bin/gdb'))('gdb', () => {
  /** gdb reads its commands from the run's standard input, which a shell gives it. */
  async function debug(commands: string[], program: string[]) {
    const scratch = makeScratch()
    const config = scratch.write('c.json', configOf('axil_ram'))
    const input = scratch.write('commands', commands.join('\n') + '\n')
    return trapline(scratch, ['run', '--config', config, '--gdb', '--', ...program], {
      wrapper: ['sh', '-c', `exec "$@" < ${input}`, 'sh'],
    })
  }

  it('does not stop at accesses', async () => {
    const { stdout } = await debug(['run', 'quit'], [host('loop'), '/dev/mem', String(base), '0', '20'])
    expect(stdout).toMatch(/^loop: 20 reads/m)
    expect(stdout).toMatch(/exited normally/)
  })

  it('stops at a crash, at its true place', async () => {
    const { stdout } = await debug(
      ['run', 'backtrace', 'kill', 'quit'],
      [host('segv'), 'die', '/dev/mem', String(base)],
    )
    expect(stdout).toMatch(/Catchpoint \d+ \(signal SIGSEGV\).*load_through_null/s)
    expect(stdout).toMatch(/#0 .* in load_through_null/)
  })
})
