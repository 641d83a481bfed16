// RTL that reaches host memory: axi_dma copies through descriptors, in memory that both processes map, and in memory
// whose bytes travel over the link. The same must come out, and nothing else may change.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore, type RunSettings } from './run-model.js'

const control = 0x00
const status = 0x04
const head = 0x08
const count = 0x10
const fault = 0x14
const startWithInterrupt = 3
const last = 1

const physical = 0x1000_0000n
const memoryBytes = 0x1_0000

interface Copy {
  source: number
  destination: number
  length: number
  control?: number
}

/** Host memory with a chain of descriptors at its start, and random bytes behind. */
function prepare(copies: Copy[]): Buffer {
  const memory = Buffer.alloc(memoryBytes)
  for (let i = 0x400, state = 1; i < memoryBytes; i++) memory[i] = state = ((state * 75 + 74) % 65537) & 0xff
  for (const [index, copy] of copies.entries()) {
    const at = 32 * index
    memory.writeBigUInt64LE(physical + BigInt(copy.source), at)
    memory.writeBigUInt64LE(physical + BigInt(copy.destination), at + 8)
    memory.writeUInt32LE(copy.length, at + 16)
    memory.writeUInt32LE(copy.control ?? (index === copies.length - 1 ? last : 0), at + 20)
  }
  return memory
}

/** What memory must be afterwards. */
function expected(before: Buffer, copies: Copy[]): Buffer {
  const memory = Buffer.from(before)
  for (const [index, { source, destination, length }] of copies.entries()) {
    memory.copy(memory, destination, source, source + length)
    memory.writeBigUInt64LE((BigInt(length) << 32n) | 1n, 32 * index + 24)
  }
  return memory
}

let built: BuiltModel
beforeAll(async () => (built = await buildCore('axi_dma')), buildTimeoutMs)

async function start(core: RunningCore, first = physical): Promise<void> {
  await core.write(head, first, 8)
  await core.write(control, startWithInterrupt)
}

const chain: Copy[] = [
  { source: 0x400, destination: 0x8000, length: 4096 },
  { source: 0x1ff8, destination: 0xa010, length: 8 },
  { source: 0x1f00, destination: 0xbf88, length: 1000 },
  { source: 0x1f00, destination: 0xd000, length: 0 },
]

describe.each(['shared', 'over the link'])('memory %s', (way) => {
  const settings: RunSettings[] = [{}, { stall: 60, seed: 9 }]
  test.each(settings)('a chain is copied to the byte, %j', async (setting) => {
    const core = await runCore(built, setting)
    const before = prepare(chain)
    const path = way === 'shared' ? join(core.directory, 'memory') : ''
    const memory = Buffer.from(before)
    await core.map(physical, memory, path)
    await start(core)
    await core.run(1_000_000, true)
    expect(core.interrupts).toMatchObject([{ line: 0, level: true }])
    expect(await core.value(status)).toBe(2n)
    expect(await core.value(count)).toBe(BigInt(chain.length))
    const after = path ? readFileSync(path) : memory
    expect(after.equals(expected(before, chain))).toBe(true)
    expect(core.dmaRequests.length > 0).toBe(way !== 'shared')
    expect(core.dmaFaults).toEqual([])
  })
})

describe('memory that is not there', () => {
  const copies = [
    { source: 0x400, destination: 0x8000, length: 64 },
    { source: 0x400, destination: memoryBytes, length: 64 },
  ]

  test('a write to it is DECERR, told with port and address, and hurts nothing else', async () => {
    const core = await runCore(built)
    const path = join(core.directory, 'memory')
    const before = prepare(copies)
    await core.map(physical, before, path)
    await start(core)
    await core.run(100_000, true)
    expect(await core.value(status)).toBe(4n)
    expect(await core.value(fault)).toBe(physical + BigInt(memoryBytes))
    expect(core.dmaFaults).toMatchObject([
      { port: 'm_axi', write: true, address: physical + BigInt(memoryBytes), beat: 0 },
    ])
    const after = readFileSync(path)
    expect(after.subarray(0x8000, 0x8040).equals(before.subarray(0x400, 0x440))).toBe(true)
    expect(after.readBigUInt64LE(32 + 24)).toBe(2n)
    expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
  })

  test('a read of it is told, too; what is unmapped is gone', async () => {
    const core = await runCore(built)
    await core.map(physical, prepare(copies))
    await core.unmap(physical)
    await start(core)
    await core.run(100_000, true)
    expect(core.dmaFaults).toMatchObject([{ port: 'm_axi', write: false, address: physical, burstAddress: physical }])
    expect(await core.value(status)).toBe(4n)
  })

  test('memory that may only be read keeps its bytes', async () => {
    const core = await runCore(built)
    const path = join(core.directory, 'memory')
    const before = prepare(copies)
    await core.map(physical, before, path, false)
    await start(core)
    await core.run(100_000, true)
    expect(core.dmaFaults).toMatchObject([{ write: true, address: physical + 0x8000n }, { write: true }])
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test.each([
    [physical + 8n, 4096, "can't be mapped: address and size are multiples of 4096"],
    [physical, 100, "can't be mapped"],
    [physical + 0x1000n, 4096, 'overlaps what is mapped already'],
  ])('a mapping of %i+%i is refused', async (address, size, sentence) => {
    const core = await runCore(built)
    await core.map(physical, Buffer.alloc(0x2000))
    await expect(core.map(address, Buffer.alloc(size))).rejects.toThrow(sentence)
  })
})

test('a chain that is stopped leaves its descriptor as it is', async () => {
  const core = await runCore(built)
  const memory = prepare([{ source: 0x1000, destination: 0x8000, length: 0x4000 }])
  await core.map(physical, memory)
  await start(core)
  await core.advance(200)
  await core.write(control, 4)
  await core.advance(1000)
  expect(await core.value(status)).toBe(0n)
  expect(memory.readBigUInt64LE(24)).toBe(0n)
})
