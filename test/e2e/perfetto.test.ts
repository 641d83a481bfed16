/** What is made of a real run afterwards: a trace for Perfetto. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, configOf } from '../support/configs.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

async function record(scratch: Scratch) {
  const program = [host('accesses'), '/dev/mem', String(base)]
  const { status, stderr, log } = await runHost(scratch, configOf('axil_ram'), program)
  expect(status, stderr).toBe(0)
  return log
}

it('Perfetto: each access on the track of its device and on that of its thread', async () => {
  const scratch = makeScratch()
  const log = await record(scratch)
  const output = join(scratch.path, 'trace.json')
  const { status, stderr } = await trapline(scratch, ['export', '--perfetto', output, 'accesses.jsonl'])
  expect(status, stderr).toBe(0)
  const events: Record<string, unknown>[] = JSON.parse(readFileSync(output, 'utf8')).traceEvents
  const names = events.filter(({ ph }) => ph === 'M').map(({ args }) => (args as { name: string }).name)
  expect(names).toEqual(['bus', 'dut', `host ${log[0]?.pid}`, `thread ${log[0]?.tid}`])
  const slices = events.filter(({ ph, cat }) => ph === 'X' && cat === 'bus')
  expect(slices.map(({ ts, dur }) => [ts, dur])).toEqual(
    log.map(({ cycleStart, cycleEnd }) => [cycleStart / 100, ((cycleEnd - cycleStart) * 10_000) / 1e6]),
  )
  const inHost = events.filter(({ cat }) => cat === 'host')
  expect(inHost.map(({ name }) => name)).toEqual(log.map(({ symbol }) => symbol))
})

it('Perfetto: interrupts and DMA of the RTL stand on the same axis', async () => {
  const scratch = makeScratch()
  const output = join(scratch.path, 'trace.json')
  const config: TraplineConfig = {
    models: { dma: { top: 'axi_dma', sources: [sampleRtl('axi_dma')] } },
    devices: {
      dma0: { kind: 'uio', model: 'dma', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
      udmabuf0: { kind: 'u-dma-buf', size: 1 << 20 },
    },
  }
  const program = [host('dma_copy'), '/dev/uio0', 'udmabuf0', '65536']
  const { status, stderr } = await runHost(scratch, config, program, { flags: ['--perfetto', output] })
  expect(status, stderr).toBe(0)
  const events: Record<string, unknown>[] = JSON.parse(readFileSync(output, 'utf8')).traceEvents
  const names = events.filter(({ ph }) => ph === 'M').map(({ args }) => (args as { name: string }).name)
  expect(names).toEqual(expect.arrayContaining(['bus', 'dma0', 'RTL', 'irq_o', 'DMA m_axi reads', 'DMA m_axi writes']))
  const bursts = events.filter(({ cat, name }) => cat === 'rtl' && String(name).startsWith('write 0x'))
  const bytes = bursts.map(({ name }) => Number(/(\d+) B$/.exec(String(name))?.[1]))
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(65536)
  const high = events.filter(({ name }) => name === 'irq_o high')
  expect(high.length).toBe(1)
  const lastBurst = Math.max(...bursts.map(({ ts }) => Number(ts)))
  expect(Number(high[0]?.ts)).toBeGreaterThan(lastBurst)
})
