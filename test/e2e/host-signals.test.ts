/** Faults that are not ours reach the program as they would without us. */
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const regs = configOf('axil_regs')

it("the program's own SIGSEGV handler gets its fault, and accesses work before and after", async () => {
  const { status, stdout, log } = await runHost(makeScratch(), regs, [host('segv'), 'handler', '/dev/mem', `${base}`])
  expect(stdout).toBe('segv: si_addr 0x10, si_code 1, device 0x00000000 before, 0x00000000 after\n')
  expect(status).toBe(0)
  expect(log.length).toBe(2)
})

it('without a handler it dies by SIGSEGV', async () => {
  const { status, stdout, log } = await runHost(makeScratch(), regs, [host('segv'), 'die', '/dev/mem', `${base}`])
  expect({ status, stdout }).toEqual({ status: 128 + 11, stdout: '' })
  expect(log.length).toBe(1)
})

it('an alternate stack has room for an access in its handler, or its host is ended, nothing overwritten', async () => {
  const tries =
    `for spare in $(seq 512 128 16384); do ${host('altstack')} /dev/mem ${base} $spare; echo "status ` + `$?"; done`
  const { stdout, sentences } = await runHost(makeScratch(), regs, ['sh', '-c', `(${tries}) 2>&1`])
  expect(stdout).not.toContain('was changed')
  const ends = stdout.match(/status \d+/g)?.join(' ')
  expect(ends, sentences.join('\n')).toMatch(/^(status 139 ?)*(status 125 ?)+(status 0 ?)+$/)
  expect(stdout).toMatch(/ran over the end of the handler's alternate stack of \d+ bytes; .* make it \d+ bytes or more/)
  const needed = Math.max(...[...stdout.matchAll(/make it (\d+) bytes/g)].map(([, bytes]) => Number(bytes)))
  expect(needed).toBeLessThan(32_768)
})

it.each([0, 42])('exit status %i of the program is that of the run', async (status) => {
  expect((await runHost(makeScratch(), regs, ['sh', '-c', `exit ${status}`])).status).toBe(status)
})

it('a program killed by a signal gives 128 + its number', async () => {
  expect((await runHost(makeScratch(), regs, ['sh', '-c', 'kill -KILL $$'])).status).toBe(137)
})

it('one whose own filter does not allow an access dies by SIGSYS, and a line says what that needs', async () => {
  const program = [host('allows_nothing'), '/dev/mem', `${base}`]
  const { status, sentences } = await runHost(makeScratch(), regs, program, { byGrpc: 'it confines itself' })
  expect(status).toBe(128 + 31)
  expect(sentences).toContainEqual(
    expect.stringMatching(/allows_nothing was killed by SIGSYS: .* needs read, write and rt_sigreturn, the first one /),
  )
})
