/** The waveform around an access that is to blame, as result, page and WaveDrom have it: every signal of the bus. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { readResults, type Excerpt, type ExcerptSignal, type StoredResult } from '../../bridge/regression/result.js'
import { at, configOf, sampleModel } from '../support/configs.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

/** In the order of the bus, though one wire may be several of them. */
const axiLite = [
  ...['awaddr', 'awprot', 'awvalid', 'awready', 'wdata', 'wstrb', 'wvalid', 'wready', 'bresp', 'bvalid', 'bready'],
  ...['araddr', 'arprot', 'arvalid', 'arready', 'rdata', 'rresp', 'rvalid', 'rready'],
]

interface Kept extends StoredResult {
  excerpt: Excerpt
  page: string
}

/** Runs a program that does not pass, and reads what it leaves. */
async function keep(config: TraplineConfig, program: string[], flags: string[] = []): Promise<Kept> {
  const scratch = makeScratch()
  const results = join(scratch.path, 'results')
  const { stderr } = await runHost(scratch, config, program, { flags: ['--results', results, ...flags] })
  const [stored] = readResults([results])
  const excerpt = stored?.result.waves?.excerpt
  if (!stored || !excerpt) throw new Error(`no excerpt: ${stderr}`)
  const page = join(scratch.path, 'page.html')
  const made = await trapline(scratch, ['report', '-o', page, results])
  expect(made.status, made.stderr).toBe(0)
  return { ...stored, excerpt, page: readFileSync(page, 'utf8') }
}

function groupOf({ signals }: Excerpt, group: string): string[] {
  return signals.filter((signal) => signal.group === group).map(({ name }) => name)
}

function signalOf({ signals }: Excerpt, name: string): ExcerptSignal {
  const found = signals.find((signal) => signal.name === name)
  if (!found) throw new Error(`no ${name} among ${signals.map((signal) => signal.name).join(', ')}`)
  return found
}

/** Of WaveJSON, by name of lane. */
function wavesOf({ result, directory }: StoredResult): Map<string, { wave: string; data?: string[] }> {
  const { signal } = JSON.parse(readFileSync(join(directory, result.waves?.drawing ?? ''), 'utf8'))
  const lanes = (signal as unknown[]).flatMap((one) => (Array.isArray(one) ? one.slice(1) : [one]))
  return new Map((lanes as { name: string; wave: string }[]).map((lane) => [lane.name, lane]))
}

it('every signal of the bus has its name and values, also where two are one wire', async () => {
  const fifo = { top: 'fifo', sources: [join(root, 'examples/regression/fifo.sv')] }
  const script = `busybox devmem ${at(0)} 32 0x12345678; busybox devmem ${at(0)} 32; exit 3`
  const { excerpt, result, directory } = await keep(configOf(fifo), ['sh', '-ec', script])
  expect(groupOf(excerpt, 's_axil')).toEqual(axiLite)
  expect(excerpt.signals.slice(0, 2).map(({ name, group }) => [name, group])).toEqual([
    ['clk_i', ''],
    ['rst_ni', ''],
  ])
  const ready = signalOf(excerpt, 'awready')
  expect(ready.changes.length).toBeGreaterThan(0)
  expect(signalOf(excerpt, 'wready').changes).toEqual(ready.changes)
  expect(excerpt.spans?.map(({ row, text, isBlamed }) => [row, text.replace(/ {2}in .*/, ''), isBlamed])).toEqual([
    ['program', '1: write dut+0x0 4 B = 0x12345678', undefined],
    ['program', '2: read dut+0x0 4 B = 0x12345678', true],
  ])
  const lanes = wavesOf({ result, directory })
  expect([...lanes.keys()].slice(2)).toEqual(axiLite)
  expect(lanes.get('clk_i')?.wave).toMatch(/^p\.+$/)
  expect(lanes.get('rdata')?.data).toContain('12345678')
  expect(new Set([...lanes.values()].map(({ wave }) => wave.length)).size).toBe(1)
})

it('a hang shows the handshake that never comes, from before it on, and how it ends', async () => {
  const stuck = configOf(sampleModel('axil_stuck', { Channel: 'AR' }), {})
  const program = ['busybox', 'devmem', at(0x10), '32']
  const { excerpt, page, ...stored } = await keep(stuck, program, ['--max-cycles', '500'])
  const { access, cut, beginPs, endPs, periodPs = 1 } = excerpt
  const { beginPs: from = 0, endPs: to = 0 } = access ?? {}
  const after = ({ changes }: ExcerptSignal) => changes.filter(([ps]) => ps > from).map(([, value]) => value)
  expect(after(signalOf(excerpt, 'arready'))).toEqual([])
  expect(signalOf(excerpt, 'arready').changes.at(-1)?.[1]).toBe('0')
  expect(signalOf(excerpt, 'arvalid').changes).toContainEqual([from, '1'])
  expect(signalOf(excerpt, 'araddr').changes.find(([ps]) => ps === from)?.[1]).toBe('10')
  expect(to).toBeLessThan(endPs)
  const cycles = (...times: number[]) => times.map((ps) => ps / periodPs).join(' to ')
  const left = cut ?? { beginPs: 0, endPs: 0 }
  expect(page).toContain(
    `aria-label="signals in cycles ${cycles(beginPs, endPs)} without ${cycles(left.beginPs, left.endPs)}; ` +
      `the access to blame, cycles ${cycles(from, to)}"`,
  )
  expect(page).toContain(`… ${cycles(left.endPs - left.beginPs)} cycles …</text>`)
  expect(page).toMatch(/<text x="0" y="\d+">arready<title>/)
  const lanes = wavesOf(stored)
  expect(lanes.get('clk_i')?.wave).toMatch(/^p\.+\|\.+$/)
  expect(lanes.get('arready')?.wave).toMatch(/^1\.*0\.+\|\.+$/)
})

it('a waveform that the run itself wrote has the RTL’s own bus and its interrupt', async () => {
  const config: TraplineConfig = {
    models: { dma: { top: 'axi_dma', sources: [sampleRtl('axi_dma')] } },
    devices: {
      dma0: { kind: 'uio', model: 'dma', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
      udmabuf0: { kind: 'u-dma-buf', size: 1 << 20 },
    },
  }
  const program = ['sh', '-c', `"$1" /dev/uio0 udmabuf0 4096; exit 3`, 'sh', host('dma_copy')]
  const { excerpt, result, directory, page } = await keep(config, program, ['--trace', 'whole.fst'])
  expect(readdirSync(directory)).not.toContain('waves.fst')
  expect(readFileSync(join(directory, result.waves?.file ?? '')).length).toBeGreaterThan(0)
  expect(groupOf(excerpt, 'interrupts')).toEqual(['irq_o'])
  expect(groupOf(excerpt, 'm_axi')).toEqual(expect.arrayContaining(['awaddr', 'awvalid', 'wlast', 'rready']))
  expect(page).toMatch(/<summary>m_axi: nothing happens on its \d+ signals<\/summary>/)
})
