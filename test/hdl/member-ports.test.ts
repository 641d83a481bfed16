// Buses that are SystemVerilog interfaces and packed structs work as those of plain vectors do.
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { configSchema } from '../../bridge/config/schema.js'
import { verilatorModels } from '../../bridge/config/used-models.js'
import { cacheDirectory, packageDirectory } from '../../bridge/ground/paths.js'
import { buildModel, type BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildTimeoutMs, runCore } from './run-model.js'

const names = ['ctl', 'mem', 'str', 'both']

let built: BuiltModel
beforeAll(async () => {
  const files = ['hdl/models/axil_ram.sv', 'test/hdl/cores/width_parts.sv', 'test/hdl/cores/member_ports.sv']
  const input = {
    top: 'member_ports',
    sources: files.map((file) => join(packageDirectory, file)),
    parameters: { 'mem.AXI_ADDR_WIDTH': 12, 'mem.AXI_DATA_WIDTH': 32, 'ctl.ADDR_WIDTH': 3 },
    ports: Object.fromEntries(names.map((name) => [name, {}])),
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

test('each is found for what it is', () => {
  expect(built.notes.filter((note) => note.includes(':'))).toEqual([
    'port ctl: APB3, 32-bit data, 3-bit address, addresses count bytes',
    'port mem: AXI4-Lite, 32-bit data, 12-bit address, addresses count bytes',
    'port str: AXI4-Lite, 32-bit data, 12-bit address, addresses count bytes',
    'port both: AXI4-Lite, 32-bit data, 12-bit address, addresses count bytes',
    'manager dma: AXI4, 64-bit data, 32-bit address, addresses count bytes',
  ])
  expect(built.leftOut).toEqual(['inputs held at 0: dma_r_user, settings_i'])
})

test.each(['mem', 'str', 'both'])('%s: every byte of every width goes where it belongs', async (name) => {
  const core = await runCore(built, { port: names.indexOf(name), stall: 30 })
  const memory = Buffer.alloc(4096)
  await core.answered({ operation: 'write', offset: 0n, widthBytes: 4096, data: memory })
  for (const [offset, widthBytes] of [...[0, 5, 0x7fe, 0xffc].entries()].flatMap(([i, at]) => [
    [at, 1],
    [at, 2],
    [at, 4 - (i % 2)],
  ]) as [number, number][]) {
    const data = Buffer.from(Array.from({ length: widthBytes }, (_, i) => 16 * widthBytes + offset + i))
    data.copy(memory, offset)
    await core.answered({ operation: 'write', offset: BigInt(offset), widthBytes, data })
  }
  expect((await core.answered({ operation: 'read', offset: 0n, widthBytes: 4096 })).data.equals(memory)).toBe(true)
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
})

test('a manager that is an interface reaches memory, started over APB', async () => {
  const core = await runCore(built, { port: names.indexOf('ctl') })
  const memory = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) & 0xff))
  const expected = Buffer.from(memory)
  for (let i = 40; i < 40 + 8 * 8; i++) expected[i + 2048] = ~(memory[i] as number)
  await core.map(0x1000_0000n, memory)
  await core.write(4, 8 | (3 << 8))
  await core.write(0, 0x1000_0000 + 40)
  await core.advance(100)
  expect(await core.value(0)).toBe(0n)
  expect(memory.equals(expected)).toBe(true)
})
