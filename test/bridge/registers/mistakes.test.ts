/** What is wrong with a description is said in one sentence, with the file and the line. */
import { afterAll, expect, it } from 'vitest'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { mapDevices } from '../../../bridge/map/address-map.js'
import { readRegisterMaps } from '../../../bridge/registers/register-maps.js'
import { openScratch, removeScratch } from '../../support/scratch.js'
import { hasSystemRdl, unlessSystemRdl } from '../../support/python.js'
import { describedAs } from './descriptions.js'

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

/** What is said of a device with these registers. */
async function sentenceFor(registers: unknown, size = 0x100): Promise<string> {
  const dut = { kind: 'mem', base: 0, size, model: 'dut', registers }
  const devices = mapDevices(
    parseConfig('f', { models: { dut: { top: 'dut', sources: ['dut.sv'] } }, devices: { dut } }),
  )
  const error = await readRegisterMaps(devices, scratch.path).then(
    () => 'nothing',
    (problem: unknown) => (problem as Error).message,
  )
  return error.replaceAll(`${scratch.path}/`, '')
}

function json(block: Parameters<typeof describedAs>[0]): string {
  return JSON.stringify(describedAs(block), undefined, 1)
}

const field = { name: 'F', bits: 0 }
const svd = (inner: string) => `<device>\n<peripherals><peripheral>
<name>P</name>
<registers>${inner}</registers></peripheral></peripherals></device>`
const register = (inner: string) => svd(`<register>\n<name>R</name>\n${inner}\n</register>`)
const component = (inner: string) => `<ipxact:component>\n<ipxact:memoryMaps><ipxact:memoryMap>
<ipxact:name>m</ipxact:name>${inner}</ipxact:memoryMap></ipxact:memoryMaps></ipxact:component>`

const addressBlock =
  '<ipxact:addressBlock><ipxact:name>b</ipxact:name>\n' +
  '<ipxact:baseAddress>BASE + 4</ipxact:baseAddress></ipxact:addressBlock>'

it.each([
  ['a.json', '{\n "format": "x",\n}', /^a\.json:3: it is no JSON: /],
  ['b.json', json({ registers: [{ name: 'A', ofset: 0 } as never] }), /^b\.json:7: blocks\.0\.registers\.0\.offset: /],
  ['c.json', json({ registers: [{ name: 'A B', offset: 0 }] }), /^c\.json:7: .*must be a name of letters, digits/],
  [
    'd.json',
    json({ registers: [{ name: 'A', offset: 0, width: 8, fields: [{ name: 'F', bits: '9:8' }] }] }),
    'd.json:12: the field A.F has bit 9, and the register has 8',
  ],
  [
    'e.json',
    json({ registers: [{ name: 'A', offset: 0, fields: [field, { name: 'G', bits: '3:0' }] }] }),
    /^e\.json:1\d: the fields [FG] and [FG] of A have the same bits$/,
  ],
  [
    'f.json',
    json({
      registers: [
        { name: 'A', offset: 0 },
        { name: 'A', offset: 4 },
      ],
    }),
    /^f\.json:11: two registers are/,
  ],
  ['g.json', json({ registers: [{ name: 'A', offset: 0, fields: [field, field] }] }), /two fields of A are called F$/],
  ['h.json', json({ registers: [{ name: 'A', offset: 0, count: 70_000 }] }), /there are more than 65536 registers$/],
  ['a.svd', '<device>\n<peripherals>\n</device>', /^a\.svd:3: it is no XML: /],
  ['b.svd', register('<addressOffset>0x4q</addressOffset>'), 'b.svd:6: addressOffset is 0x4q, which is no number'],
  ['c.svd', register('<size>32</size>'), 'c.svd:4: register has no addressOffset'],
  [
    'd.svd',
    register('<addressOffset>4</addressOffset><access>readonly</access>'),
    /^d\.svd:6: access is readonly; it must be read-write, /,
  ],
  [
    'e.svd',
    svd('<register derivedFrom="Q">\n<name>R</name></register>'),
    'e.svd:4: it is derived from Q, and no register is called so',
  ],
  [
    'f.svd',
    svd('<register derivedFrom="R">\n<name>R</name></register><register derivedFrom="R"><name>R</name></register>'),
    /^f\.svd:\d: (it is derived from R, which is|register P\.R is derived from itself)/,
  ],
  [
    'g.svd',
    svd(
      '<register><dim>2</dim><dimIncrement>4</dimIncrement>\n<name>R</name><addressOffset>0</addressOffset></register>',
    ),
    'g.svd:4: R has dim, and no %s in its name',
  ],
  ['a.xml', component(''), 'nothing'],
  [
    'b.xml',
    '<ipxact:design>\n</ipxact:design>',
    /^b\.xml:1: it is a design of IP-XACT, and registers are in a component/,
  ],
  [
    'c.xml',
    component(addressBlock),
    'c.xml:4: baseAddress is BASE + 4, and expressions of IP-XACT are not worked out; write the number',
  ],
  ['d.xml', component('\n<ipxact:bank/>'), 'd.xml:4: bank of IP-XACT is not read; write out what it stands for'],
  ['a.txt', '', /^a\.txt is no description of registers that is known; it must be SystemRDL \(\.rdl\), SVD/],
])('%s', async (name, text, sentence) => {
  scratch.write(name, text)
  const said = await sentenceFor(name)
  if (typeof sentence === 'string') expect(said).toBe(sentence)
  else expect(said).toMatch(sentence)
})

it.runIf(hasSystemRdl).each([
  [
    'a.rdl',
    'addrmap a {\n reg { field {} F[1:0]; field {} G[2:1]; } R;\n};',
    /^a\.rdl:2: Field 'G\[2:1\]' overlaps with field 'F\[1:0\]'$/,
  ],
  ['b.rdl', 'addrmap a {\n reg { field {} F } R;\n};', /^b\.rdl:2: /],
  ['c.rdl', 'reg a { field {} F; };', 'c.rdl: it has no addrmap, and registers are those of one'],
  ['d.rdl', '`include "none.rdl"\naddrmap a { reg { field {} F; } R; };', /^d\.rdl:1: .*none\.rdl/],
])(`%s${unlessSystemRdl}`, async (name, text, sentence) => {
  scratch.write(name, text)
  const said = await sentenceFor(name)
  if (typeof sentence === 'string') expect(said).toBe(sentence)
  else expect(said).toMatch(sentence)
})

const two = { name: 'one', groups: [{ name: 'CH', offset: 8, count: 2, registers: [{ name: 'R', offset: 4 }] }] }
const blocks = {
  format: 'trapline-registers-1',
  blocks: [two, { name: 'other', registers: [{ name: 'S', offset: 0 }] }],
}

it('the file, the block and the size are those of the device', async () => {
  scratch.write('blocks.json', blocks)
  const of = (more: object, size?: number) => sentenceFor({ file: 'blocks.json', ...more }, size)
  expect(await sentenceFor('nowhere.svd')).toBe('the description of registers nowhere.svd does not exist')
  expect(await of({})).toBe(
    'device dut: blocks.json describes 2 blocks, so say which by "block"; its blocks are one, other',
  )
  expect(await of({ block: 'three' })).toBe('device dut: blocks.json has no block three; its blocks are one, other')
  expect(await of({ block: 'one.DH' })).toMatch(/^device dut: blocks\.json has no DH in one for its block one\.DH/)
  expect(await of({ block: 'one.CH' })).toMatch(/CH is an array, so name one of it/)
  expect(await of({ block: 'one.CH[1]' }, 8)).toBe('nothing')
  expect(await of({ block: 'one' }, 16)).toMatch(
    /^device dut has 0x10 bytes, and the register CH\[1\]\.R \(blocks\.json:\d+\) lies at 0x14; give the device/,
  )
  expect(await of({ block: 'other', offset: 8 }, 8)).toMatch(/the register S \(.*\) lies at 0x8;/)
})
