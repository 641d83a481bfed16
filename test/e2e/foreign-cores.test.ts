/**
 * Someone else's AXI4-Lite core, given only as a file, works without a line of harness code: with a configuration, with
 * flags alone, and with the configuration that `trapline init` writes. The cores of `cores/` are written in the styles
 * of the field.
 */
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const cores = [
  { top: 'vendor_slave', file: 'vendor_slave.v', id: '0xC0DE0001', reset: 'S_AXI_ARESETN (active low)', port: 'S_AXI' },
  { top: 'address_first', file: 'address_first.sv', id: '0xC0DE0002', reset: 'aresetn (active low)', port: 's_axil' },
  { top: 'data_first', file: 'data_first.sv', id: '0xC0DE0003', reset: 'rst_ni (active low)', port: 'axi' },
  { top: 'plain', file: 'plain.v', id: '0xC0DE0004', reset: 'rst (active high)', port: '' },
  { top: 'Generated', file: 'Generated.sv', id: '0xC0DE0005', reset: 'reset (active high)', port: 'io_ctrl' },
  { top: 'register_block', file: 'register_block.sv', id: '0xC0DE0006', reset: 'rst (active high)', port: 's_axil' },
]

const path = (file: string) => join(import.meta.dirname, 'cores', file)
const map = `/dev/mem@${at(0)}+0x1000`

/** All four registers keep what was written, each its own; words only, for not every core has strobes. */
const program = [
  'sh',
  '-ec',
  [
    ...[0, 1, 2, 3].map((i) => `busybox devmem ${at(4 * i)} 32 0x1234567${i}`),
    ...[0, 1, 2, 3].map((i) => `busybox devmem ${at(4 * i)} 32`),
    `busybox devmem ${at(0x10)} 32`,
  ].join('\n'),
]

function expected(id: string): string {
  return ['0x12345670', '0x12345671', '0x12345672', '0x12345673', id, ''].join('\n')
}

async function run(scratch: Scratch, ...flags: string[]) {
  const ended = await trapline(scratch, ['run', ...flags, '--', ...program])
  expect(ended.status, ended.stderr).toBe(0)
  return ended
}

it.each(cores)('$top: with a configuration', async ({ top, file, id }) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf({ top, sources: [path(file)] }))
  expect((await run(scratch, '--config', config)).stdout).toBe(expected(id))
})

it.each(cores)('$top: without one, and the run says what it found', async ({ top, file, id, reset, port }) => {
  const { stdout, stderr } = await run(makeScratch(), '--rtl', path(file), '--top', top, '--map', map)
  expect(stdout).toBe(expected(id))
  expect(stderr).toContain(`reset ${reset}`)
  expect(stderr).toContain(`${port}: AXI4-Lite`)
})

it.each(cores.flatMap((core) => ['json', 'ts'].map((type) => ({ ...core, type }))))(
  '$top: with the $type that init writes',
  async ({ top, file, id, type }) => {
    const scratch = makeScratch()
    const output = `trapline.config.${type}`
    const init = ['init', '--rtl', path(file), '--top', top, '--map', map, '--output', output]
    const { status, stderr } = await trapline(scratch, init)
    expect(status, stderr).toBe(0)
    expect(readFileSync(join(scratch.path, output), 'utf8')).toContain(path(file))
    expect((await run(scratch)).stdout).toBe(expected(id))
  },
)

it('bytes and halves reach a core that has strobes', async () => {
  const commands = [
    `busybox devmem ${at(0)} 32 0x11223344`,
    `busybox devmem ${at(3)} 8 0xaa`,
    `busybox devmem ${at(0)} 16 0xbbcc`,
    `busybox devmem ${at(0)} 32`,
  ]
  for (const { top, file } of cores.filter((core) => core.top !== 'address_first')) {
    const scratch = makeScratch()
    const config = scratch.write('c.json', configOf({ top, sources: [path(file)] }))
    const { stdout } = await trapline(scratch, ['run', '--config', config, '--', 'sh', '-ec', commands.join('\n')])
    expect(stdout, top).toBe('0xAA22BBCC\n')
  }
})

it('a core in file lists: what they name and define counts, also when it changes', async () => {
  const scratch = makeScratch()
  const folder = basename(scratch.folder())
  const text = readFileSync(path('register_block.sv'), 'utf8').replace("32'hc0de0006", '`IDENTIFICATION')
  scratch.write(`${folder}/block.sv`, text)
  scratch.write(`${folder}/core.f`, '// as others write them\n+incdir+.\n-F defines.f\nblock.sv\n')
  const flags = ['--rtl', `${folder}/core.f`, '--top', 'register_block', '--map', map]
  for (const id of ['0xC0DE0007', '0xC0DE0008']) {
    scratch.write(`${folder}/defines.f`, `+define+IDENTIFICATION=32'h${id.slice(2)}\n`)
    expect((await run(scratch, ...flags)).stdout).toBe(expected(id))
  }
})

/** Bytes, halves and words at every address; the last word counts cycles without any lane selected. */
const lanes = `
import mmap, os
device = mmap.mmap(os.open('/dev/mem', os.O_RDWR), 4096, offset=${at(0)})
view = memoryview(device)
bytes, halves, words = view.cast('B'), view.cast('H'), view.cast('I')
for i in range(4): words[i] = 0x03020100 + 0x04040404 * i
for i in range(16, 24): bytes[i] = i
wrong = sum(bytes[i] != i for i in range(24)) + sum(halves[i] != 2 * i + 256 * (2 * i + 1) for i in range(12))
print(wrong, 'wrong,', words[63], 'without lanes')
`

it('Wishbone: a read selects the lanes that it wants, and no others', async () => {
  const scratch = makeScratch()
  const ports = { wb: { wordAddress: false } }
  const config = scratch.write(
    'c.json',
    configOf({ top: 'selected_lanes', sources: [path('selected_lanes.sv')], ports }),
  )
  const ended = await trapline(scratch, ['run', '--config', config, '--', 'python3', '-c', lanes])
  expect(ended.stdout, ended.stderr).toBe('0 wrong, 0 without lanes\n')
})

/** Answers its address; as an 8-bit UART whose SEL was left as wide as a 32-bit bus needs. */
const spareLanes = `module spare_lanes (
  input wire clk, input wire rst, input wire wb_cyc, input wire wb_stb, input wire wb_we,
  input wire [2:0] wb_adr, input wire [3:0] wb_sel, input wire [7:0] wb_dat_i,
  output wire [7:0] wb_dat_o, output wire wb_ack);
  assign wb_dat_o = {wb_sel, 1'b0, wb_adr}, wb_ack = wb_stb & wb_cyc;
endmodule
`

it('Wishbone: lanes that the data has not are never selected', async () => {
  const scratch = makeScratch()
  const rtl = scratch.write('spare_lanes.v', spareLanes)
  const map = ['--map', '/dev/mem@0x43c00000+0x1000']
  const ended = await trapline(scratch, [
    'run',
    '--rtl',
    rtl,
    '--top',
    'spare_lanes',
    ...map,
    '--',
    'busybox',
    'devmem',
    '0x43c00005',
    '8',
  ])
  expect(ended.stdout, ended.stderr).toBe('0x15\n')
})
