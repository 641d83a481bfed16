// A bus that is a pair of unpacked structs, by itself or in an interface, works as one of plain vectors does.
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { configSchema } from '../../bridge/config/schema.js'
import { verilatorModels } from '../../bridge/config/used-models.js'
import { cacheDirectory, packageDirectory } from '../../bridge/ground/paths.js'
import { buildModel, type BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildTimeoutMs, runCore } from './run-model.js'

const names = ['axi', 'bus']

let built: BuiltModel
beforeAll(async () => {
  const files = ['hdl/models/axil_ram.sv', 'test/hdl/cores/unpacked_ports.sv']
  const input = {
    top: 'unpacked_ports',
    sources: files.map((file) => join(packageDirectory, file)),
    ports: Object.fromEntries(names.map((name) => [name, {}])),
    interrupts: ['irq_o'],
  }
  const { core } = verilatorModels(configSchema.parse({ models: { core: input }, devices: {} }).models)
  if (!core) throw new Error('the configuration lost its model')
  built = await buildModel(core, {
    name: 'core',
    configDir: packageDirectory,
    trace: false,
    cacheDir: cacheDirectory(),
  })
}, buildTimeoutMs)

test('they are found; what is no bus is held at 0', () => {
  expect(built.notes.filter((note) => note.includes(':'))).toEqual(
    names.map((name) => `port ${name}: AXI4-Lite, 32-bit data, 12-bit address, addresses count bytes`),
  )
  expect(built.leftOut).toEqual(['inputs held at 0: settings_i'])
})

test.each(names)('%s: every byte of every width goes where it belongs', async (name) => {
  const core = await runCore(built, { port: names.indexOf(name), stall: 30 })
  const memory = Buffer.alloc(4096)
  await core.answered({ operation: 'write', offset: 0n, widthBytes: 4096, data: memory })
  const places = [0, 5, 0x7fe, 0xffc].flatMap((offset) => [1, 2, 3, 4].map((widthBytes) => ({ offset, widthBytes })))
  for (const [i, { offset, widthBytes }] of places.entries()) {
    const data = Buffer.from(Array.from({ length: widthBytes }, (_, byte) => 16 * i + byte + 1))
    data.copy(memory, offset)
    await core.answered({ operation: 'write', offset: BigInt(offset), widthBytes, data })
  }
  expect((await core.answered({ operation: 'read', offset: 0n, widthBytes: 4096 })).data.equals(memory)).toBe(true)
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
})
