// Buses without strobes: a write of less than a word would change bytes that the program doesn't write, so none reaches
// the device, unless the configuration says so.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

const buses = [
  { name: 'two', bytes: 4, missing: 'PSTRB' },
  { name: 'three', bytes: 4, missing: 'PSTRB' },
  { name: 'lite', bytes: 4, missing: 'WSTRB' },
  { name: 'wide', bytes: 8, missing: 'SEL' },
]
const answers = { three: { select: 2 } }

let built: BuiltModel
beforeAll(async () => {
  const ports = Object.fromEntries(buses.map(({ name }) => [name, {}]))
  built = await buildCore('strobeless', {}, { ports: { ...ports, ...answers } })
}, buildTimeoutMs)

test('each is found for what it is', () => {
  expect(built.notes.filter((note) => note.startsWith('port'))).toEqual([
    'port two: APB2, 32-bit data, 6-bit address, addresses count bytes',
    'port three: APB3, 32-bit data, 6-bit address, addresses count words of 4 bytes',
    'port lite: AXI4-Lite, 32-bit data, 6-bit address, addresses count bytes',
    'port wide: Wishbone classic, 64-bit data, 7-bit address, addresses count words of 8 bytes',
  ])
})

describe.each(buses)('$name', ({ name, bytes, missing }) => {
  const settings = { port: buses.findIndex((bus) => bus.name === name) }

  test('a write of less than a word is refused and changes nothing', async () => {
    const core = await runCore(built, settings)
    for (let at = 0; at < 4 * bytes; at += bytes) await core.write(at, 0x1122334455667788n >> BigInt(at), bytes)
    const before = await core.read(0, 4 * bytes)
    for (const [offset, widthBytes] of [
      [0, 1],
      [bytes - 1, 1],
      [bytes, bytes / 2],
      [1, bytes],
      [0, bytes + 1],
    ] as const)
      expect(await core.write(offset, 0n, widthBytes)).toMatchObject({
        status: 'DECERR',
        beats: 0,
        detail:
          `DECERR on write of ${widthBytes} byte${widthBytes === 1 ? '' : 's'} at dut+0x${offset.toString(16)}: ` +
          `port ${name} has no ${missing}, so that a write of less than its words of ${bytes} bytes would ` +
          `change bytes which the program doesn't write (key ports.${name}.narrowWrites)`,
      })
    expect((await core.read(0, 4 * bytes)).data).toEqual(before.data)
  })

  test('whole words are written, and bytes are read', async () => {
    const core = await runCore(built, settings)
    const data = Buffer.from(Array.from({ length: 4 * bytes }, (_, i) => i * 3 + 1))
    expect(await core.answered({ operation: 'write', offset: 0n, widthBytes: 4 * bytes, data })).toMatchObject({
      status: 'OKAY',
      beats: 4,
    })
    for (let at = 0; at < 4 * bytes; at++) expect(await core.value(at, 1)).toBe(BigInt(at * 3 + 1))
    // Words of which no byte is enabled are not written at all.
    const masked = { offset: 0n, widthBytes: 2 * bytes, byteEnables: ((1n << BigInt(bytes)) - 1n) << BigInt(bytes) }
    expect(await core.answered({ operation: 'write', ...masked, data: Buffer.alloc(2 * bytes) })).toMatchObject({
      status: 'OKAY',
      beats: 1,
    })
    expect(await core.value(bytes - 1, 1)).toBe(BigInt((bytes - 1) * 3 + 1))
    expect(await core.value(bytes, bytes)).toBe(0n)
  })
})

test(
  'with narrowWrites the rest of the word becomes 0',
  async () => {
    const zeros = Object.fromEntries(buses.map(({ name }) => [name, { narrowWrites: 'zeros' as const }]))
    const core = await runCore(
      await buildCore('strobeless', {}, { ports: { ...zeros, three: { ...zeros.three, ...answers.three } } }),
      { port: 1 },
    )
    await core.write(0, 0x11223344)
    expect(await core.write(1, 0xaa, 1)).toMatchObject({ status: 'OKAY', beats: 1 })
    expect(await core.value(0)).toBe(0xaa00n)
  },
  buildTimeoutMs,
)
