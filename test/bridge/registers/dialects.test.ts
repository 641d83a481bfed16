/** What only some formats have: inheritance, lists, wild values, several blocks, memories, includes. */
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { chooseBlock } from '../../../bridge/registers/choose-block.js'
import { expand, type ExpandedBlock } from '../../../bridge/registers/expand.js'
import { readBlocks } from '../../../bridge/registers/read-blocks.js'
import { hasSystemRdl, unlessSystemRdl } from '../../support/python.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

async function blockOf(name: string, text: string, wish?: string): Promise<ExpandedBlock> {
  return expand(chooseBlock(await readBlocks(scratch.write(name, text)), name, wish, 'dut'))
}

/** `path offset width access` */
function toLines({ registers, memories }: ExpandedBlock): string[] {
  return [
    ...registers.map(({ path, offset, widthBits, access }) => `${path} ${offset} ${widthBits} ${access}`),
    ...memories.map(({ path, offset, size }) => `${path} ${offset}+${size}`),
  ]
}

const svd = `<device>
<size>32</size><access>read-write</access><resetValue>0xFFFFFFFF</resetValue>
<peripherals>
 <peripheral>
  <name>UART0</name>
  <addressBlock><offset>0x100</offset><size>0x80</size><usage>buffer</usage></addressBlock>
  <registers>
   <register>
    <name>MODE</name><addressOffset>0</addressOffset><resetValue>5</resetValue>
    <fields>
     <field>
      <name>KIND</name><bitRange>[3:0]</bitRange>
      <enumeratedValues>
       <name>KINDS</name>
       <enumeratedValue><name>OFF</name><value>0</value></enumeratedValue>
       <enumeratedValue><name>ODD</name><value>#xxx1</value></enumeratedValue>
       <enumeratedValue><name>REST</name><isDefault>true</isDefault></enumeratedValue>
      </enumeratedValues>
     </field>
     <field>
      <dim>2</dim><dimIncrement>4</dimIncrement><dimIndex>A,B</dimIndex>
      <name>KIND_%s</name><bitRange>[7:4]</bitRange>
      <enumeratedValues derivedFrom="KINDS"/>
     </field>
    </fields>
   </register>
   <register>
    <dim>3</dim><dimIncrement>2</dimIncrement><dimIndex>4-6</dimIndex>
    <name>LIST%s</name><addressOffset>0x10</addressOffset><size>16</size>
   </register>
   <register derivedFrom="MODE">
    <name>TWIN</name><addressOffset>0x20</addressOffset><access>read-only</access>
   </register>
  </registers>
 </peripheral>
 <peripheral derivedFrom="UART0">
  <name>UART1</name>
  <registers><register><name>MORE</name><addressOffset>0x30</addressOffset></register></registers>
 </peripheral>
</peripherals></device>`

it('SVD: what is derived, lists, and values that stand for several', async () => {
  const first = await blockOf('a.svd', svd, 'UART0')
  const lists = ['LIST4 16 16 rw', 'LIST5 18 16 rw', 'LIST6 20 16 rw']
  expect(toLines(first)).toEqual(['MODE 0 32 rw', ...lists, 'TWIN 32 32 r', 'buffer 256+128'])
  const [mode] = first.registers
  expect(mode?.fields.map(({ name, low, reset }) => [name, low, reset])).toEqual([
    ['KIND', 0, 5n],
    ['KIND_A', 4, 0n],
    ['KIND_B', 8, 0n],
  ])
  for (const { values } of mode?.fields ?? []) {
    expect([0n, 1n, 2n, 7n, 15n].map((value) => values.get(value))).toEqual(['OFF', 'ODD', undefined, 'ODD', 'ODD'])
  }
  expect(first.registers[1]?.reset).toBe(0xffffn)
  const second = await blockOf('a.svd', svd, 'UART1')
  expect(toLines(second)).toEqual(['MODE 0 32 rw', ...lists, 'TWIN 32 32 r', 'MORE 48 32 rw', 'buffer 256+128'])
})

const spirit = `<spirit:component>
<spirit:memoryMaps>
 <spirit:memoryMap>
  <spirit:name>bus</spirit:name>
  <spirit:addressBlock>
   <spirit:name>control</spirit:name><spirit:baseAddress>0x0</spirit:baseAddress>
   <spirit:range>4K</spirit:range><spirit:width>32</spirit:width><spirit:access>read-only</spirit:access>
   <spirit:register>
    <spirit:name>A</spirit:name><spirit:dim>2</spirit:dim><spirit:dim>3</spirit:dim>
    <spirit:addressOffset>0x10</spirit:addressOffset><spirit:size>16</spirit:size>
    <spirit:reset><spirit:value>0x1234</spirit:value></spirit:reset>
    <spirit:field>
     <spirit:name>F</spirit:name><spirit:bitOffset>4</spirit:bitOffset><spirit:bitWidth>4</spirit:bitWidth>
     <spirit:access>read-write</spirit:access>
    </spirit:field>
   </spirit:register>
  </spirit:addressBlock>
  <spirit:addressBlock>
   <spirit:name>status</spirit:name><spirit:baseAddress>4096</spirit:baseAddress>
   <spirit:range>16</spirit:range><spirit:width>32</spirit:width>
   <spirit:register>
    <spirit:name>B</spirit:name><spirit:addressOffset>4</spirit:addressOffset><spirit:size>32</spirit:size>
   </spirit:register>
  </spirit:addressBlock>
  <spirit:addressBlock>
   <spirit:name>ram</spirit:name><spirit:baseAddress>8K</spirit:baseAddress>
   <spirit:range>1K</spirit:range><spirit:width>32</spirit:width><spirit:usage>memory</spirit:usage>
  </spirit:addressBlock>
 </spirit:memoryMap>
</spirit:memoryMaps></spirit:component>`

it('IP-XACT of 2009: several address blocks, arrays of two dimensions, memories', async () => {
  const whole = await blockOf('a.xml', spirit)
  const elements = ['[0][0] 16', '[0][1] 18', '[0][2] 20', '[1][0] 22', '[1][1] 24', '[1][2] 26']
  expect(toLines(whole)).toEqual([
    ...elements.map((element) => `control.A${element} 16 rw`),
    'status.B 4100 32 rw',
    'ram 8192+1024',
  ])
  expect(whole.registers[0]).toMatchObject({ reset: 0x1234n, fields: [{ name: 'F', reset: 3n, access: 'rw' }] })
  expect(toLines(await blockOf('a.xml', spirit, 'bus.status'))).toEqual(['B 4 32 rw'])
})

const rdl = `\`include "part.rdl"
mem buffer { mementries = 16; memwidth = 32; };
addrmap soc {
  part p[2] @ 0x100 += 0x40;
  external buffer ram @ 0x1000;
  reg { regwidth = 64; accesswidth = 32; field { sw = rw; onwrite = wzc; onread = rset; } F[7:4]; } wide[2][2] @ 0x0;
};
addrmap other { reg { field {} F; } R; };
`
const part = 'addrmap part { reg { field { sw = w; reset = 3; } F[1:0]; } R @ 0x8; };\n'

it.runIf(hasSystemRdl)(`SystemRDL: includes, instances, memories, several tops${unlessSystemRdl}`, async () => {
  scratch.write('part.rdl', part)
  const soc = await blockOf('a.rdl', rdl, 'soc')
  const wide = ['[0][0] 0', '[0][1] 8', '[1][0] 16', '[1][1] 24'].map((element) => `wide${element} 64 rw`)
  expect(toLines(soc)).toEqual([...wide, 'p[0].R 264 32 w', 'p[1].R 328 32 w', 'ram 4096+64'])
  expect(soc.registers[0]).toMatchObject({ accessBytes: 4, fields: [{ onWrite: 'zeroToClear', onRead: 'set' }] })
  expect(soc.registers[4]?.at).toBe(`${join(scratch.path, 'part.rdl')}:1`)
  expect(toLines(await blockOf('a.rdl', rdl, 'soc.p[1]'))).toEqual(['R 8 32 w'])
  expect(toLines(await blockOf('a.rdl', rdl, 'other'))).toEqual(['R 0 32 rw'])
  // The file is as it was; what it includes is not.
  scratch.write('part.rdl', part.replace('0x8', '0xc'))
  expect(toLines(await blockOf('a.rdl', rdl, 'soc.p[1]'))).toEqual(['R 12 32 w'])
})

/** `REGISTER mask` of those that have volatile bits. */
function toVolatile({ registers }: ExpandedBlock): string[] {
  return registers.flatMap(({ path, volatileMask }) =>
    volatileMask === 0n ? [] : [`${path} 0x${volatileMask.toString(16)}`],
  )
}

it('what the device itself writes is volatile: JSON', async () => {
  const registers = [
    {
      name: 'A',
      offset: 0,
      fields: [
        { name: 'BUSY', bits: 0, volatile: true },
        { name: 'MODE', bits: '3:2' },
      ],
    },
    {
      name: 'B',
      offset: 4,
      volatile: true,
      fields: [
        { name: 'ID', bits: '3:0', volatile: false },
        { name: 'N', bits: 7 },
      ],
    },
    { name: 'C', offset: 8, onRead: 'clear' },
    { name: 'D', offset: 12, onRead: 'clear', volatile: false, fields: [{ name: 'N', bits: 1 }] },
    { name: 'E', offset: 16, access: 'r' },
  ]
  const text = JSON.stringify({ format: 'trapline-registers-1', blocks: [{ name: 'dut', registers }] })
  expect(toVolatile(await blockOf('volatile.json', text))).toEqual(['A 0x1', 'B 0x80', 'C 0xffffffff'])
})

it('what the device itself writes is volatile: IP-XACT, where the innermost says it', async () => {
  const field = (name: string, bit: number, said: string) =>
    `<field><name>${name}</name><bitOffset>${bit}</bitOffset><bitWidth>1</bitWidth>${said}</field>`
  const register = (name: string, offset: number, content: string) =>
    `<register><name>${name}</name><addressOffset>${offset}</addressOffset><size>8</size>${content}</register>`
  const volatile = (is: boolean | string) => `<volatile>${is}</volatile>`
  const component = (is: boolean | string) =>
    '<component><memoryMaps><memoryMap><name>m</name><addressBlock><name>b</name><baseAddress>0</baseAddress>' +
    `<range>16</range><width>8</width>${volatile(true)}` +
    register('A', 0, volatile(false) + field('X', 0, volatile(is)) + field('Y', 1, '')) +
    register('B', 1, field('Z', 2, '') + field('W', 3, volatile(false))) +
    '</addressBlock></memoryMap></memoryMaps></component>'
  expect(toVolatile(await blockOf('volatile.xml', component(true)))).toEqual(['A 0x1', 'B 0x4'])
  await expect(blockOf('odd.xml', component('maybe'))).rejects.toThrow('volatile is maybe; it must be true or false')
})

it('what the device itself writes is volatile: SVD, where a read changes it', async () => {
  const read = svd.replace('<bitRange>[3:0]</bitRange>', '<bitRange>[3:0]</bitRange><readAction>clear</readAction>')
  expect(toVolatile(await blockOf('volatile.svd', read, 'UART0'))).toEqual(['MODE 0xf', 'TWIN 0xf'])
})

it.runIf(hasSystemRdl)(`what the device itself writes is volatile: SystemRDL${unlessSystemRdl}`, async () => {
  const fields = [
    'field { sw = r; hw = w; } BUSY[0:0];',
    'field { sw = r; hw = r; } ID[1:1] = 1;',
    'field { sw = r; } UNSAID[2:2];',
    'field { sw = rw; } CONTROL[3:3] = 0;',
    'field { sw = rw; hw = rw; } SHARED[4:4] = 0;',
    'field { sw = rw; hw = na; counter; } COUNT[8:5] = 0;',
    'field { sw = rw; hw = r; hwclr; } GO[9:9] = 0;',
    'field { sw = r; hw = na; onread = rclr; } ONCE[10:10] = 0;',
  ]
  const text = `addrmap dut { reg { ${fields.join('\n')} } R @ 0; };`
  expect(toVolatile(await blockOf('volatile.rdl', text))).toEqual([`R 0x${(0b111_1111_0101).toString(16)}`])
})
