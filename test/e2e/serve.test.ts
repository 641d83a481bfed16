/** One bridge serves many runs: hosts come and go, the model stays as they leave it. */
import { expect, it } from 'vitest'
import { at, base, configOf } from '../support/configs.js'
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

it('the first host sees the same bursts as every later one', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axi4_ram'))
  const bridge = startTrapline(scratch, ['serve', '--config', config])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const dd = ['dd', 'if=/dev/mem', 'bs=256', 'count=1', `skip=${base / 256}`, 'status=none', 'of=/dev/null']
  const counts: string[] = []
  for (let host = 1; host <= 3; host++) {
    const { status, sentences } = await trapline(scratch, ['run', '--bridge', address, '--', ...dd])
    counts.push(`${status}: ${sentences.at(-1)?.replace(/, p50.*/, '')}`)
  }
  expect(counts).toEqual(Array(3).fill('0: 1 access'))
  bridge.kill('SIGINT')
  expect((await bridge.ended).status).toBe(0)
})

it('a model that can not be built is out of reach, and no more than that', async () => {
  const scratch = makeScratch()
  const { models, devices } = configOf('axil_regs')
  const broken = { top: 'broken', sources: [scratch.write('broken.v', 'module broken (input clk; endmodule\n')] }
  const config = scratch.write('c.json', {
    models: { ...models, broken },
    devices: {
      ...devices,
      other: { kind: 'mem', path: '/dev/mem', base: base + 0x1000, size: 0x1000, model: 'broken' },
    },
  })
  const bridge = startTrapline(scratch, ['serve', '--config', config])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const read = (offset: number) =>
    trapline(scratch, ['run', '--bridge', address, '--', 'busybox', 'devmem', at(offset), '32'])
  expect(await read(4)).toMatchObject({ status: 0, stdout: '0x54524150\n' })
  const { status, stderr } = await read(0x1000)
  expect(status).toBe(125)
  expect(stderr).toMatch(/Verilator refused broken at .*broken\.v:1/)
  bridge.kill('SIGINT')
  expect((await bridge.ended).status).toBe(0)
})
