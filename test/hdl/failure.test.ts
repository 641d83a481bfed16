// What goes wrong, and in which words: refused accesses, channels that hang, designs that give up, and every way out.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, traceEndTime } from './run-model.js'
import { joined } from '../support/patterns.js'

describe('refused accesses', () => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('axil_regs')), buildTimeoutMs)

  test('SLVERR names access and bus address', async () => {
    const core = await runCore(built)
    expect(await core.write(0x20, 1)).toMatchObject({
      status: 'SLVERR',
      detail: 'SLVERR on write of 4 bytes at dut+0x20 (bus address 0x20)',
      beats: 1,
    })
  })

  test('a split access stops at the first beat that fails', async () => {
    const core = await runCore(built)
    expect(await core.read(0x18, 16)).toMatchObject({
      status: 'SLVERR',
      detail: 'SLVERR on read of 16 bytes at dut+0x18 (bus address 0x1c): beat 2 of 4, the rest was not started',
      beats: 2,
    })
  })

  test('an access beyond the device is DECERR, reaches no bus, and is logged', async () => {
    const core = await runCore(built, { records: true, deviceSize: 0x10 })
    const outside = await core.read(0xe, 4)
    expect(outside).toMatchObject({ status: 'DECERR', beats: 0 })
    expect(outside.cycleStart).toBe(outside.cycleEnd)
    await core.stop()
    expect(core.logLines()).toMatchObject([
      { seq: 1, op: 'read', device: 'dut', offset: 14, data: '', status: 'DECERR' },
    ])
  })
})

describe('a channel that hangs', () => {
  const signals = {
    AR: { op: 'read', stuck: 'ARREADY', rest: 'ARVALID=1 ARREADY=0 RVALID=0 RREADY=1' },
    R: { op: 'read', stuck: 'RVALID', rest: 'ARVALID=0 ARREADY=0 RVALID=0 RREADY=1' },
    AW: { op: 'write', stuck: 'AWREADY', rest: 'AWVALID=1 AWREADY=0 WVALID=0 WREADY=0 BVALID=0 BREADY=1' },
    W: { op: 'write', stuck: 'WREADY', rest: 'AWVALID=0 AWREADY=0 WVALID=1 WREADY=0 BVALID=0 BREADY=1' },
    B: { op: 'write', stuck: 'BVALID', rest: 'AWVALID=0 AWREADY=0 WVALID=0 WREADY=0 BVALID=0 BREADY=1' },
  }

  test.each(Object.entries(signals))(
    '%s is named, and only reset helps',
    async (channel, { op, stuck, rest }) => {
      const core = await runCore(await buildCore('axil_stuck', { Channel: channel }), { maxCycles: 300 })
      const access = (offset: number) => (op === 'read' ? core.read(offset) : core.write(offset, 1))
      expect(await access(0)).toMatchObject({ status: 'OKAY' })
      expect(await access(0x10)).toMatchObject({
        status: 'TIMEOUT',
        detail: `${op} of 4 bytes at dut+0x10: ${stuck} stayed low for 300 cycles (${rest})`,
      })
      expect(await access(0)).toMatchObject({ status: 'TIMEOUT', beats: 0 })
      await core.reset()
      expect(await access(0)).toMatchObject({ status: 'OKAY' })
    },
    buildTimeoutMs,
  )
})

describe('a design that gives up', () => {
  const kinds = [
    // Verilator 5.006 can't tell $fatal from an assertion.
    { kind: 0, fault: /^(fatal|assertion): overflow of 42 \(in dut\) at trouble\.sv:\d+$/ },
    {
      kind: 1,
      fault: /^assertion: address 8 was read \(in dut\S*\) at trouble\.sv:\d+$/,
    },
    { kind: 2, fault: /^stop: \$stop was called at trouble\.sv:\d+$/ },
    { kind: 3, fault: /^finish: \$finish was called at trouble\.sv:\d+$/ },
    {
      kind: 4,
      fault: joined(
        /^protocol: port s_axil: BVALID=1 before the write's address was taken, or without one \(AXI IHI 0022, /,
        /A3.3.1\) at :0$/,
      ),
    },
  ]

  test.each(kinds)(
    'kind $kind ends the run with $fault',
    async ({ kind, fault }) => {
      const core = await runCore(await buildCore('trouble', { Kind: kind }), { records: true })
      await core.read(0)
      const last = await core.access({ operation: 'read', offset: 8n, widthBytes: 4 })
      expect(last).toMatchObject({ status: 'DISCONNECTED', cycleEnd: 25n })
      const outcome = await core.ended
      const told = outcome.fault
      expect(`${told?.kind}: ${told?.message} at ${told?.file.split('/').at(-1)}:${told?.line}`).toMatch(fault)
      expect(outcome).toMatchObject({ status: 1, fault: { cycle: 25n, timePs: 250_000n } })
      expect(last?.detail).toContain(told?.message)
      expect(core.logLines().map(({ status }) => status)).toEqual(['OKAY', 'DISCONNECTED'])
    },
    buildTimeoutMs,
  )

  test(
    'is heard by a bridge that goes on asking',
    async () => {
      const built = await buildCore('trouble', { Kind: 0 })
      for (let round = 0; round < 10; round++) {
        const core = await runCore(built)
        void core.access({ operation: 'read', offset: 8n, widthBytes: 4 })
        let isOver = false
        void core.ended.then(() => (isOver = true))
        while (!isOver) {
          core.advance(1).catch(() => undefined) // refused once the link is closed
          await new Promise(setImmediate)
        }
        expect((await core.ended).fault).toMatchObject({ message: 'overflow of 42 (in dut)' })
      }
    },
    buildTimeoutMs,
  )

  test(
    'a final block that fails is a fault, too',
    async () => {
      const core = await runCore(await buildCore('trouble', { Kind: 5 }))
      expect(await core.stop()).toMatchObject({ status: 1, fault: { message: expect.stringContaining('left over') } })
    },
    buildTimeoutMs,
  )
})

describe('every way out', () => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('trouble', { Kind: 6 }, { trace: true })), buildTimeoutMs)

  const ways = ['stop', 'hangUp', 'terminate'] as const
  test.each(ways)('%s runs the final blocks, closes trace and log, and exits 0', async (way) => {
    const core = await runCore(built, { records: true })
    await core.write(0, 1)
    await core.advance(1000)
    const outcome = await core[way]()
    expect(outcome).toMatchObject({ status: 0, fault: undefined, output: 'the final block ran\n' })
    expect(traceEndTime(core.trace)).toBeGreaterThan(10_000_000n)
    expect(core.logLines()).toMatchObject([{ seq: 1, status: 'OKAY', data: '0x00000001' }])
  })

  test(
    "SIGINT is the bridge's to decide; SIGTERM ends an access in the middle as DISCONNECTED",
    async () => {
      const core = await runCore(await buildCore('axil_stuck'), { maxCycles: 1e15 })
      core.signal('SIGINT')
      await core.read(0)
      const hanging = core.access({ operation: 'read', offset: 0x10n, widthBytes: 4 })
      // Answered beside the access, so it is under way by then.
      await core.advance(1)
      core.signal('SIGTERM')
      expect(await hanging).toMatchObject({ status: 'DISCONNECTED' })
      expect(await core.ended).toMatchObject({ status: 0 })
    },
    buildTimeoutMs,
  )
})
