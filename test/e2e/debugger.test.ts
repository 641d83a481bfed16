/**
 * Under gdb a program stops where it crashes, not where it touches a device; who looks in from outside sees no zeros.
 */
import { existsSync } from 'node:fs'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, configOf } from '../support/configs.js'
import { processesOf, signalUnlessGone } from '../support/leftovers.js'
import { cache, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline, toWords, trapline } from '../support/trapline.js'

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

  it('shows the token of a bridge to nobody', async () => {
    const scratch = makeScratch()
    const token = 'told-to-nobody-else'
    const [config, env] = [scratch.write('c.json', configOf('axil_ram')), { TRAPLINE_TOKEN: token }]
    const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'], { env })
    const [address] = await bridge.untilStdout(/^127.*$/m)
    const look = `shell cat /proc/[0-9]*/cmdline | grep -ac ${token.replace('-', '[-]')}`
    const input = scratch.write('commands', [look, 'run', look, 'quit'].join('\n') + '\n')
    const program = [host('loop'), '/dev/mem', String(base), '0', '20']
    const wrapper = ['sh', '-c', `exec "$@" < ${input}`, 'sh']
    const run = await trapline(scratch, ['run', '--bridge', address, '--gdb', '--', ...program], { env, wrapper })
    bridge.kill('SIGTERM')
    await bridge.ended
    expect(run.stdout.match(/^\(gdb\) \d+$/gm), run.stdout).toEqual(['(gdb) 0', '(gdb) 0'])
    expect(run.stdout).toMatch(/^loop: 20 reads[^]*exited normally/m)
  })

  it('neither reads nor writes registers, and says so', async () => {
    const commands = ['print *(int *) device', 'x/2xw device', 'set var *(int *) device = 3', 'delete', 'continue']
    const { stdout, stderr } = await debug(
      ['break by_file', 'run', ...commands, 'quit'],
      [host('outside'), '/dev/mem', String(base)],
    )
    const refused = [...`${stdout}\n${stderr}`.matchAll(/Cannot access memory at address 0x[\da-f]+/g)]
    expect(refused.length, stdout + stderr).toBe(3)
    expect(stdout).toMatch(/^the word: 0x5eed$/m)
  })
})

it.skipIf(!existsSync('/usr/bin/gdb'))('gdb sees all of the stacks of threads in patched accesses', async () => {
  const scratch = makeScratch()
  const file = scratch.write('c.json', configOf('axil_regs'))
  const program = [host('patched'), 'endless', '/dev/mem', String(base), '200']
  const run = startTrapline(scratch, ['run', '--config', file, '--patch', '--', ...program], {
    env: { TRAPLINE_PATCH_AFTER: '3' },
  })
  await run.untilStdout(/^endless: code changed$/m)
  const started = (place: string) =>
    processesOf(run.temporary).find(({ executable }) => executable.startsWith(place))?.pid ?? Number.NaN
  const [pid, model] = [started(host('patched')), started(cache)]
  process.kill(model, 'SIGSTOP')
  const { stdout } = await execa('gdb', ['-nx', '-batch', '-p', String(pid), '-ex', 'thread apply all backtrace'])
  // The run ends a model that is stopped for long; gdb has the program by then.
  signalUnlessGone(model, 'SIGCONT')
  run.kill('SIGTERM')
  await run.ended
  const outermost = stdout.split(/^Thread \d+ .*$/m).slice(1)
  expect(outermost, stdout).toHaveLength(2)
  for (const stack of outermost)
    expect(stack).toMatch(/patched_carry_out.*<signal handler called>.*in load_far_code .*in read_endlessly /s)
  expect(stdout).toMatch(/in read_endlessly .*in start_thread /s)
  expect(stdout).toMatch(/in read_endlessly .*in main /s)
  expect(stdout).not.toContain('Backtrace stopped')
})

/** What the host's own process and its parent get, who try by the kernel what is no access. */
const refusals = [
  ...['read of /proc/PID/mem: EIO', 'write of /proc/PID/mem: EIO'],
  ...['process_vm_readv: EFAULT', 'process_vm_writev: EFAULT'],
]
const ram = { kind: 'char' as const, path: '/dev/ram0', size: 0x1000, model: 'dut' }
const config: TraplineConfig = {
  ...configOf('axil_ram'),
  devices: {
    ...configOf('axil_ram').devices,
    ram0: ram,
    uio0: { kind: 'uio', maps: [{ size: 0x1000 }], model: 'dut' },
  },
}

it.each([
  ['/dev/mem', base],
  ['/dev/ram0', 0],
  ['/dev/uio0', 0],
])('who reads or writes a window of %s by the kernel gets an error', async (path, offset) => {
  const { status, stdout, stderr, log } = await runHost(makeScratch(), config, [host('outside'), path, String(offset)])
  expect(status, stderr).toBe(0)
  const traced = ['PTRACE_PEEKDATA: EIO', 'PTRACE_POKEDATA: EIO']
  expect(stdout.trimEnd().split('\n')).toEqual([...refusals, ...refusals, ...traced, 'the word: 0x5eed'])
  expect(log.map((access) => toWords(access).replace(/^(\S+) \S+/, '$1'))).toEqual([
    'write 4 B = 0x00005eed',
    'read 4 B = 0x00005eed',
  ])
})
