/** One bridge serves many runs: hosts come and go, the model stays as they leave it. */
import { expect, it } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

it('what one run writes the next one reads', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'])
  const [address] = await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
  const run = (...program: string[]) => trapline(scratch, ['run', '--bridge', address, '--', ...program])
  expect(await run('busybox', 'devmem', at(0), '32', '0x5eed')).toMatchObject({ status: 0 })
  expect(await run('busybox', 'devmem', at(0), '32')).toMatchObject({ status: 0, stdout: '0x00005EED\n' })
  expect(await run('busybox', 'devmem', at(0x40), '32')).toMatchObject({ status: 135, stdout: '' })
  bridge.kill('SIGINT')
  expect((await bridge.ended).status).toBe(0)
})
