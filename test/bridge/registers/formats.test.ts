/** One description in every format names the same registers, fields and values. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { expand } from '../../../bridge/registers/expand.js'
import { readBlocks } from '../../../bridge/registers/read-blocks.js'
import type { Register } from '../../../bridge/registers/register.js'
import { root } from '../../support/places.js'
import { hasSystemRdl, unlessSystemRdl } from '../../support/python.js'

const example = join(root, 'examples/registers')

async function registersOf(file: string): Promise<Register[]> {
  const [block, second] = await readBlocks(join(example, file))
  expect(second).toBeUndefined()
  expect(block).toMatchObject({ name: 'meter', description: 'Counts what comes in on two channels.' })
  return expand(block as NonNullable<typeof block>).registers
}

/** As sorted for people, without what says where it came from. */
function toComparable(registers: Register[]) {
  return registers
    .map(({ at, ...register }) => {
      expect(at).toMatch(/^examples\/registers\/meter\.\w+:\d+$/)
      return register
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))
}

it('the format of our own, in all that it says', async () => {
  const registers = await registersOf('meter.json')
  expect(registers.map(({ path, offset }) => `${path} 0x${offset.toString(16)}`).sort()).toEqual([
    ...['CH[0].COUNT 0x14', 'CH[0].LIMIT 0x10', 'CH[1].COUNT 0x1c', 'CH[1].LIMIT 0x18', 'CTRL 0x0', 'ID 0x20'],
    ...['KEY 0xc', 'RXD 0x8', 'STAMP 0x28', 'STATUS 0x4'],
    ...['TABLE[0] 0x30', 'TABLE[1] 0x34', 'TABLE[2] 0x38', 'TABLE[3] 0x3c', 'TXD 0x8'],
  ])
  const [control, status, received, sent] = ['CTRL', 'STATUS', 'RXD', 'TXD'].map((path) =>
    registers.find((one) => one.path === path),
  )
  expect(control).toMatchObject({ access: 'rw', reset: 2n, widthBytes: 4, description: 'What it does.' })
  expect(control?.fields[1]).toMatchObject({ name: 'MODE', low: 1, widthBits: 2, mask: 6n, reset: 1n })
  expect([...(control?.fields[1]?.values ?? [])]).toEqual([
    [0n, 'IDLE'],
    [1n, 'SLOW'],
    [2n, 'FAST'],
  ])
  expect(status?.fields.map(({ name, access, onWrite }) => [name, access, onWrite])).toEqual([
    ['BUSY', 'r', undefined],
    ['OVERRUN', 'rw', 'oneToClear'],
    ['LEVEL', 'r', undefined],
  ])
  expect([received?.access, received?.fields[0]?.onRead, received?.reset]).toEqual(['r', 'other', undefined])
  expect(sent?.access).toBe('w')
})

it.each(['meter.svd', 'meter.xml'])('%s says the same', async (file) => {
  expect(toComparable(await registersOf(file))).toEqual(toComparable(await registersOf('meter.json')))
})

it.runIf(hasSystemRdl)(`meter.rdl says the same${unlessSystemRdl}`, async () => {
  expect(toComparable(await registersOf('meter.rdl'))).toEqual(toComparable(await registersOf('meter.json')))
})
