// Several clocks: their edges come at the times that their periods and phases say, buses and resets go by their own,
// and nothing of that differs from run to run.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, traceEndTime, type RunSettings } from './run-model.js'

type Clock = [periodPs: number, phasePs: number, resetCycles: number]

let built: BuiltModel
beforeAll(async () => {
  built = await buildCore(
    'three_clocks',
    {},
    {
      ports: { s_axi_ctrl: {}, s_axi_ram: {} },
      clocks: { s_axi_ram_aclk: { periodPs: 8000 }, side_clk: { periodPs: 8000 } },
      trace: true,
    },
  )
}, buildTimeoutMs)

const edges = [0x0, 0x4, 0x8]
const inReset = [0xc, 0x10, 0x14]
const bell = 0x1c

/** Rising edges before that time. */
function edgesBefore(timePs: number, [periodPs, phasePs]: Clock): number {
  return timePs <= phasePs ? 0 : Math.floor((timePs - phasePs - 1) / periodPs)
}

/** Rising edges up to the first falling edge behind that time. */
function edgesBeforeRelease(timePs: number, [periodPs, phasePs]: Clock): number {
  return Math.max(0, Math.floor((timePs - phasePs - Math.floor(periodPs / 2)) / periodPs) + 1)
}

test('buses and resets are found beside their clocks', () => {
  expect(built.notes).toEqual([
    'clock s_axi_ctrl_aclk',
    'reset s_axi_ctrl_aresetn (active low)',
    'clock s_axi_ram_aclk with a period of its own',
    'reset s_axi_ram_areset (active high, of s_axi_ram_aclk)',
    'clock side_clk with a period of its own',
    'reset side_rst_n (active low, of side_clk)',
    'port s_axi_ctrl: AXI4-Lite, 32-bit data, 8-bit address, addresses count bytes, on s_axi_ctrl_aclk',
    'port s_axi_ram: AXI4-Lite, 32-bit data, 12-bit address, addresses count bytes, on s_axi_ram_aclk',
    'interrupt side_irq',
  ])
  expect(built.leftOut).toEqual([])
})

const ratios: { name: string; ctrl: number; ram: Clock; side: Clock }[] = [
  { name: '3:7', ctrl: 3000, ram: [7000, 0, 0], side: [7000, 0, 0] },
  {
    name: '10000:9999, edges of which hardly any come together',
    ctrl: 10_000,
    ram: [9999, 0, 0],
    side: [10_001, 77, 0],
  },
  { name: 'equal, at other phases', ctrl: 8000, ram: [8000, 1000, 0], side: [8000, 7999, 0] },
  { name: 'much slower and much faster', ctrl: 10_000, ram: [123_457, 5, 0], side: [778, 3, 0] },
]

describe.each(ratios)('$name', ({ ctrl, ram, side }) => {
  const settings = { periodPs: ctrl, clocks: [ram, side] }
  const clocks: Clock[] = [[ctrl, 0, 0], ram, side]

  test('each clock has the edges that it should have, whoever asks', async () => {
    const core = await runCore(built, settings)
    await core.openSession(2, 0x1000, 1)
    for (let i = 0; i < 6; i++) {
      const data = Buffer.from([i, 1, 2, 3])
      await core.answered({ operation: 'write', offset: BigInt(4 * i), widthBytes: 4, data }, 2)
      expect((await core.answered({ operation: 'read', offset: BigInt(4 * i), widthBytes: 4 }, 2)).data).toEqual(data)
      await core.advance(1 + 37 * i)
      for (const [index, offset] of edges.entries()) {
        const { data: count, timePs } = await core.read(offset)
        // The register looks at the edge in which it takes the address; the answer is taken at the next.
        const expected = edgesBefore(Number(timePs) - ctrl, clocks[index] as Clock)
        expect([index, count.readUInt32LE()]).toEqual([index, expected])
      }
    }
  })

  test('resets last until the slowest has had its cycles, and end with their own clock', async () => {
    const core = await runCore(built, { ...settings, resetCycles: 5 })
    const last = Math.max(...clocks.map(([periodPs, phasePs]) => phasePs + 5 * periodPs))
    for (const [index, offset] of inReset.entries()) {
      const expected = edgesBeforeRelease(last, clocks[index] as Clock)
      expect([index, await core.value(offset)]).toEqual([index, BigInt(expected)])
    }
  })

  test('an interrupt of one cycle is told when it comes and goes', async () => {
    const core = await runCore(built, settings)
    await core.write(bell, 1)
    await core.advance(50)
    expect(core.interrupts.map(({ level }) => level)).toEqual([true, false])
  })

  test('the same requests and seed give the same log', async () => {
    const first = await logOfOneRun(settings)
    expect(first).toHaveLength(40)
    expect(await logOfOneRun(settings)).toEqual(first)
  })
})

async function logOfOneRun(settings: RunSettings): Promise<unknown[]> {
  const core = await runCore(built, { ...settings, seed: 5, stall: 30, records: true })
  await core.openSession(2, 0x1000, 1)
  for (let i = 0; i < 20; i++) {
    await core.answered({ operation: 'read', offset: BigInt(4 * i), widthBytes: 4 }, 2)
    await core.read(edges[i % 3] as number)
    if (i === 9) await core.reset()
  }
  await core.stop()
  const lines = core.logLines()
  // The waveform has every edge, though the RTL's own precision is 1 ns.
  expect(traceEndTime(core.trace)).toBe(BigInt(Number(lines.at(-1)?.['timePs'])))
  return lines
}

test('a reset with a number of its own goes by that', async () => {
  const core = await runCore(built, {
    resetCycles: 4,
    clocks: [
      [8000, 0, 30],
      [3000, 0, 7],
    ],
  })
  expect(await core.value(inReset[1] as number)).toBe(30n)
  expect(await core.value(inReset[2] as number)).toBe(7n)
  // That of the first clock is held as long as any.
  expect(await core.value(inReset[0] as number)).toBe(24n)
})

test('a reset may come at any moment of an access on a slower bus, and all goes on behind it', async () => {
  const slow: Clock = [9_000_000, 0, 0]
  const core = await runCore(built, { clocks: [slow, [8_000_000, 0, 0]] })
  await core.openSession(2, 0x1000, 1)
  const access = { offset: 8n, widthBytes: 4 }
  for (let i = 1; i <= 8; i++) {
    const data = Buffer.from([i, 2, 3, 4])
    await core.answered({ ...access, operation: 'write', data }, 2)
    // It begins with an edge of its clock, every 900 cycles, and takes two more; where the reset finds it is up to the
    // machine.
    const cut = core.answered({ ...access, operation: 'read' }, 2)
    await core.advance(300 * i)
    await core.reset(3)
    expect(['OKAY', 'DISCONNECTED']).toContain((await cut).status)
    expect((await core.answered({ ...access, operation: 'read' }, 2)).data).toEqual(data)
  }
})

test('cycles are those of the first clock, times those of the edge', async () => {
  const core = await runCore(built, {
    clocks: [
      [8000, 1000, 0],
      [8000, 0, 0],
    ],
  })
  await core.openSession(2, 0x1000, 1)
  const { cycleEnd, timePs } = await core.answered({ operation: 'read', offset: 8n, widthBytes: 4 }, 2)
  expect([Number(timePs) % 8000, cycleEnd]).toEqual([1000, timePs / 10_000n])
})
