// Buses by index, selects and interrupts by bit, and outputs that are wired to inputs.
import { beforeAll, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

const names = ['apb[2]', 'wb[1]', 'dec', 'apb[0]']

let built: BuiltModel
beforeAll(async () => {
  built = await buildCore(
    'bus_vectors',
    {},
    {
      ports: { 'apb[2]': {}, 'wb[1]': {}, dec: { signals: { psel: 'dec_psel[2]' } }, 'apb[0]': {} },
      loopback: { 'pins_i[3:0]': 'pins_o[7:4]', 'pins_i[7]': 'pins_o[0]' },
    },
  )
}, buildTimeoutMs)

const portOf = (name: string) => ({ port: names.indexOf(name), maxCycles: 300 })

test('what is found, and what is left out', () => {
  expect(built.notes).toEqual(
    expect.arrayContaining([
      'port apb[2]: APB3, 32-bit data, 8-bit address, addresses count bytes',
      'port wb[1]: Wishbone classic, 32-bit data, 10-bit address, addresses count words of 4 bytes',
      'interrupts irq_o[2] to irq_o[4]',
      'pins_o[7:4] looped back to pins_i[3:0]',
      'pins_o[0] looped back to pins_i[7]',
    ]),
  )
  expect(built.leftOut).toEqual([
    'bus apb[1] is not driven: it is not among "ports"',
    'bus wb[0] is not driven: it is not among "ports"',
    'inputs held at 0: dec_psel[1:0], dec_psel[3], pins_i[6:4]',
  ])
})

test('an element of a vector is the one of that index', async () => {
  expect(await (await runCore(built, portOf('apb[2]'))).value(0x24)).toBe(0x0002_0024n)
  expect(await (await runCore(built, portOf('apb[0]'))).value(0x24)).toBe(0x0000_0024n)
})

test('an element of an unpacked array, its address as declared', async () => {
  const core = await runCore(built, portOf('wb[1]'))
  await core.write(0, 0xbeef)
  expect(await core.value(0x3fc)).toBe(0xbeef_01ffn)
})

test('one select of several, and pins that are looped back', async () => {
  const core = await runCore(built, portOf('dec'))
  expect(await core.value(0)).toBe(0x400n)
  await core.write(0, 0xa1)
  expect(await core.value(0)).toBe(0x48an)
})

test('a bit of a vector of interrupts is a line by its declared index', async () => {
  const core = await runCore(built, portOf('apb[2]'))
  await core.write(0, 1)
  await core.advance(2)
  expect(core.interrupts.map(({ line, level }) => [built.interrupts[line], level])).toEqual([['irq_o[4]', true]])
})
