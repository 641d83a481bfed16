/** What is made of a real run afterwards: a trace for Perfetto, and the page of a regression as a browser shows it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { writeResult } from '../../bridge/regression/result.js'
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

/** A small regression: many passed, one that failed at an access of a real log. */
async function makePage(scratch: Scratch): Promise<string> {
  const failing = (await record(scratch))[7]
  const results = join(scratch.path, 'results')
  const plain = {
    format: 'trapline-result-1',
    suite: 'ram',
    startedAt: '2026-01-02T03:04:05Z',
    durationMs: 321,
  } as const
  for (let i = 0; i < 30; i++) writeResult(results, `a${i}`, { ...plain, test: `passes ${i}`, status: 'passed' })
  writeResult(results, 'z', {
    ...plain,
    test: 'reads back what it wrote <b>&',
    status: 'failed',
    message: 'expected 0x0 to be 0x1',
    location: { file: 'test/ram.test.ts', line: 12 },
    seed: 7,
    repeat: 'npx vitest run test/ram.test.ts --seed 7',
    output: 'hello from the host',
    log: '../accesses.jsonl',
    failingAccess: { seq: 8, message: `read dut+0x${failing?.offset.toString(16)} gave the wrong value` },
  })
  writeResult(results, 'b', { ...plain, test: 'never ran', status: 'not-run' })
  const page = join(scratch.path, 'report.html')
  const { status, stderr } = await trapline(scratch, ['report', results, '-o', page])
  expect(stderr).toContain('never ran: planned, but it never came to an end')
  expect(status).toBe(1)
  return page
}

async function chromium(scratch: Scratch, flags: string[]) {
  const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run']
  const profile = `--user-data-dir=${scratch.folder()}`
  return execa('chromium', [...quiet, profile, ...flags], { env: { HOME: scratch.path }, timeout: 120_000 })
}

const sizes = [
  ['a desk', 1280, 720, ''],
  ['a phone', 500, 800, ''],
  ['a desk at night', 1280, 720, '--blink-settings=preferredColorScheme=0'],
] as const

it.each(sizes)('the failing access is on the first screen of %s', async (_name, width, height, mode) => {
  const scratch = makeScratch()
  const page = await makePage(scratch)
  const probe = `<script>
    const box = document.querySelector('p.failing').getBoundingClientRect()
    document.title = JSON.stringify({ top: box.top, bottom: box.bottom, right: box.right,
      text: document.querySelector('p.failing').textContent,
      wide: document.documentElement.scrollWidth, screen: [innerWidth, innerHeight],
      dark: matchMedia('(prefers-color-scheme: dark)').matches })
  </script>`
  const probed = scratch.write('probed.html', readFileSync(page, 'utf8').replace('</body>', `${probe}</body>`))
  const window = [`--window-size=${width},${height}`, ...(mode ? [mode] : [])]
  const { stdout } = await chromium(scratch, [...window, '--dump-dom', `file://${probed}`])
  const seen = JSON.parse(/<title>(.*)<\/title>/.exec(stdout)?.[1] ?? '{}')
  expect(seen.text).toMatch(
    /^access 8: read dut\+0x\w+ gave the wrong value, cycles \d+ to \d+, in round_trip \(accesses\.c:\d+\)$/,
  )
  expect(seen.dark).toBe(mode !== '')
  expect(seen.top).toBeGreaterThanOrEqual(0)
  expect(seen.bottom).toBeLessThan(seen.screen[1])
  expect(seen.wide).toBeLessThanOrEqual(seen.screen[0])
})

it('the page needs nothing from elsewhere and runs no scripts', async () => {
  const text = readFileSync(await makePage(makeScratch()), 'utf8')
  expect(text).not.toMatch(/<script|<link|<img|src=|https?:/)
  expect(text).toMatch(/<a href="#test-1">ram: never ran<\/a>[^]*<details id="test-1" class="not-run" open>/)
  expect(text).toContain('reads back what it wrote &lt;b&gt;&amp;')
})
