/** Commands of the pages that have place-holders in them: filled in, and run word for word. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeAuthority } from '../support/certificates.js'
import { at, configOf, sampleModel } from '../support/configs.js'
import { blocksOf } from '../support/documents.js'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

/** The arguments of each line that has our command, and its variables. */
function commandsOf(page: string, mark: string) {
  const [block = ''] = blocksOf(page, mark)
  return block
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [variables = '', words = ''] = line.split('npx trapline ')
      return { args: words.split(' '), variables: variables.trim().split(/[ =]/) }
    })
}

it('a bridge for others and a program on it, with mutual TLS and token (docs/command-line.md)', async () => {
  const scratch = makeScratch()
  // These lie where the page has them: ca.pem, bridge.pem, bridge.key, me.pem, me.key.
  const authority = makeAuthority(scratch)
  for (const name of ['bridge', 'me']) authority.sign(name)
  scratch.write('trapline.config.json', configOf(sampleModel('axil_regs', { Id: "32'hcafe0001" })))
  const [serve, run] = commandsOf('docs/command-line.md', 'sh trust')
  expect([serve?.variables, run?.variables]).toEqual(Array(2).fill(['TRAPLINE_TOKEN', '…']))
  const options = { cwd: scratch.path, env: { TRAPLINE_TOKEN: 'correct-horse-battery' } }
  const bridge = startTrapline(scratch, serve?.args.map((word) => word.replace(/:50051$/, ':0')) ?? [], options)
  onTestFinished(async () => {
    bridge.kill('SIGTERM')
    await bridge.ended
  })
  const [, port] = await bridge.untilStdout(/^0\.0\.0\.0:(\d+)$/m)
  const program = ['busybox', 'devmem', at(4), '32']
  const filled = run?.args.flatMap((word) =>
    word === 'PROGRAM' ? program : word.replace('lab:50051', `localhost:${port}`),
  )
  const { status, stdout, stderr } = await trapline(scratch, filled ?? [], options)
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '0xCAFE0001\n' })
})

it('a configuration for a core of one’s own, and what it leads to (docs/your-core.md)', async () => {
  const scratch = makeScratch()
  copyFileSync(join(root, 'test/docker/newcomer/rtl/core.sv'), join(scratch.path, 'core.sv'))
  const [init] = commandsOf('docs/your-core.md', 'sh core')
  const options = { cwd: scratch.path }
  const made = await trapline(scratch, init?.args ?? [], options)
  expect(made.status, made.stderr).toBe(0)
  const script = `busybox devmem ${at(0)} 32 40; busybox devmem ${at(4)} 32 2; busybox devmem ${at(8)} 32`
  const { status, stdout, stderr } = await trapline(scratch, ['run', '--', 'sh', '-ec', script], options)
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '0x0000002A\n' })
})
