/** A waveform shows beside each bus what software is at, and opens so in GTKWave and Surfer. */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa, execaSync } from 'execa'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, type LoggedAccess } from '../support/trapline.js'

const pictures = join(root, 'build/test/pages')

const registers = {
  format: 'trapline-registers-1',
  blocks: [{ name: 'block', registers: [{ name: 'STATUS', offset: 8 }] }],
}

/** Runs through the same register by a helper and by another one, with a waveform. */
async function trace(scratch: Scratch, flags: string[] = []) {
  const file = join(scratch.path, 'run.fst')
  const description = scratch.write('block.json', registers)
  const config = configOf('axil_ram', { registers: description })
  const program = [host('callers'), '/dev/mem', String(base), 'helper', 'own-helper', 'helper', '30']
  const run = await runHost(scratch, config, program, { flags: ['--trace', file, ...flags] })
  expect(run.status, run.stderr).toBe(0)
  return { file, log: run.log }
}

/** Changes of the top's signals with that ending, as text or number, by time in picoseconds. */
async function changesOf(file: string, ending: string): Promise<[number, string][]> {
  const { stdout } = await execa('fst2vcd', [file])
  const [, bits, id = ''] = new RegExp(`\\$var \\w+ (\\d+) (\\S+) \\w+__software_${ending} `).exec(stdout) ?? []
  const changes: [number, string][] = []
  let now = 0
  for (const line of stdout.split('\n')) {
    if (line.startsWith('#')) now = Number(line.slice(1))
    const [value = '', of] = line.split(' ')
    if (of === id && value.startsWith('b')) changes.push([now, toText(value.slice(1), ending === 'number')])
  }
  expect(Number(bits)).toBeGreaterThan(0)
  return changes
}

function toText(bits: string, isNumber: boolean): string {
  const value = BigInt(`0b${bits}`)
  if (isNumber || value === 0n) return value === 0n ? '' : String(value)
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('latin1')
}

/** What should be shown of each access: from its first cycle to its last. */
function expected(log: LoggedAccess[], wordsOf: (access: LoggedAccess) => string): [number, string][] {
  return log.flatMap((access): [number, string][] => [
    [access.cycleStart * 10_000, wordsOf(access)],
    [access.cycleEnd * 10_000, ''],
  ])
}

it.each([{ flags: ['--lane', 'grpc'] }, { flags: ['--lane', 'shm', '--call-stacks'] }])(
  'function, program, register and number of each access stand beside its cycles $flags',
  async ({ flags }) => {
    const { file, log } = await trace(makeScratch(), flags)
    expect(new Set(log.map(({ symbol }) => symbol.split(' ')[0])).size).toBe(3)
    const shown = async (ending: string) => (await changesOf(file, ending)).slice(1)
    expect(await shown('function')).toEqual(expected(log, ({ symbol }) => symbol))
    expect(await shown('program')).toEqual(expected(log, () => 'callers'))
    expect(await shown('place')).toEqual(expected(log, () => 'dut.STATUS'))
    expect(await shown('number')).toEqual(expected(log, ({ seq }) => String(seq)))
  },
)

const twoDevices = `#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
static void *map(int memory, long base) { return mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, base); }
int main(void)
{
    int memory = open("/dev/mem", O_RDWR);
    volatile uint32_t *uart = map(memory, 0x43c00000), *timer = map(memory, 0x43c10000);
    *timer;
    *uart;
    *uart = 1;
    *uart |= 2;
    *(volatile uint8_t *)timer;
    timer[1];
    return 0;
}
`

it('each device has its own names on a bus that both lie on, by what is done there', async () => {
  const scratch = makeScratch()
  const describe = (name: string, own: object[]) =>
    scratch.write(`${name}.json`, { format: 'trapline-registers-1', blocks: [{ name, registers: own }] })
  const uart = describe('uart', [
    { name: 'RBR', offset: 0, access: 'r' },
    { name: 'THR', offset: 0, access: 'w' },
  ])
  const timer = describe('timer', [{ name: 'COUNT', offset: 0 }])
  const { models } = configOf('axil_ram')
  const place = { kind: 'mem', path: '/dev/mem', size: 0x100, model: 'dut' } as const
  const devices = {
    uart0: { ...place, base, registers: uart },
    timer0: { ...place, base: base + 0x1_0000, address: 0x800, registers: timer },
  }
  scratch.write('two.c', twoDevices)
  execaSync('gcc', ['-O1', '-o', 'two', 'two.c'], { cwd: scratch.path })
  const file = join(scratch.path, 'run.fst')
  const run = await runHost(scratch, { models, devices }, ['./two'], { flags: ['--trace', file] })
  expect(run.status, run.stderr).toBe(0)
  const shown = (await changesOf(file, 'place')).flatMap(([, text]) => (text === '' ? [] : [text]))
  expect(shown).toEqual([
    ...['timer0.COUNT', 'uart0.RBR', 'uart0.THR', 'uart0.RBR', 'uart0.THR', 'timer0.COUNT[7:0]', 'timer0+0x4'],
  ])
})

it('the layouts beside it name signals that the waveform has', async () => {
  const { file } = await trace(makeScratch())
  const [saved, commands] = ['gtkw', 'sucl'].map((ending) => readFileSync(file.replace(/fst$/, ending), 'utf8'))
  const inSave = saved?.split('\n').filter((line) => line.startsWith('TOP.')) ?? []
  const rows = commands?.split('\n').filter((line) => /^(variable|divider)_add /.test(line)) ?? []
  const inCommands = rows.filter((row) => row.startsWith('variable_add TOP.'))
  const names = [...inSave, ...inCommands].map((line) => line.replace(/^.*\.|\[.*$/g, ''))
  const { stdout } = await execa('fst2vcd', [file])
  expect(inCommands.length).toBe(inSave.length)
  expect(names).toContain('s_axil__software_function')
  expect(names.filter((name) => !new RegExp(`\\$var \\w+ \\d+ \\S+ ${name} `).test(stdout))).toEqual([])
  // Surfer counts its items from 0, in hexadecimal with the digits a to p.
  const focused = [...(commands ?? '').matchAll(/item_focus ([a-p]+)\nitem_set_format (\w+)\n/g)]
  const toRow = (letters = '') => [...letters].reduce((row, letter) => 16 * row + letter.charCodeAt(0) - 97, 0)
  expect(focused.map(([, letters, format]) => [rows[toRow(letters)]?.replace(/^.*__/, ''), format])).toEqual([
    ['software_function', 'ASCII'],
    ['software_program', 'ASCII'],
    ['software_place', 'ASCII'],
    ['software_number', 'Unsigned'],
  ])
})

/** GTKWave with its Tcl, and a screen that nobody sees. */
const hasScreen = ['xvfb-run', 'gtkwave'].every((tool) => execaSync('which', [tool], { reject: false }).exitCode === 0)

const unlessScreen = hasScreen ? '' : ', for which xvfb-run or gtkwave is missing'

/** Real time that GTKWave has for a waveform of some kilobytes, on a busy machine. */
const longestLookMs = 120_000

/** What GTKWave shows with the save file at that time, a line for each signal; with a picture of it. */
async function lookAt(scratch: Scratch, file: string, timePs: number, picture: string): Promise<string> {
  mkdirSync(dirname(picture), { recursive: true })
  const script = scratch.write(
    'look.tcl',
    [
      `gtkwave::setMarker ${timePs}`,
      'gtkwave::setZoomFactor -16',
      `gtkwave::setWindowStartTime ${Math.max(0, timePs - 50_000)}`,
      'foreach name [gtkwave::getDisplayedSignals] {',
      '  puts "shown $name [gtkwave::getTraceValueAtMarkerFromName $name]"',
      '}',
      `gtkwave::/File/Grab_To_File {${picture}}`,
      'exit',
    ].join('\n'),
  )
  const screen = ['-a', '-s', '-screen 0 1400x900x24', 'gtkwave', '-S', script, file, file.replace(/fst$/, 'gtkw')]
  const { all } = await execa('xvfb-run', screen, { all: true, reject: false, timeout: longestLookMs })
  return all
}

it.skipIf(!hasScreen)(`GTKWave opens it with function, register and bus${unlessScreen}`, async () => {
  const scratch = makeScratch()
  const { file, log } = await trace(scratch)
  const [access] = log as [LoggedAccess]
  const all = await lookAt(scratch, file, access.cycleStart * 10_000 + 1, join(pictures, 'gtkwave.png'))
  expect(all).toContain(`software_function[511:0] ${access.symbol}`)
  expect(all).toContain('software_place[255:0] dut.STATUS')
  expect(all).toMatch(/shown TOP\.trapline_top\.s_axil__araddr\[\d+:0\]/)
})

it.skipIf(!hasScreen)(`GTKWave opens it with interrupt lines${unlessScreen}`, async () => {
  const scratch = makeScratch()
  const description = scratch.write('dma.json', {
    format: 'trapline-registers-1',
    blocks: [{ name: 'dma', registers: [{ name: 'STATUS', offset: 4 }] }],
  })
  const config: TraplineConfig = {
    models: { dma: { top: 'axi_dma', sources: [sampleRtl('axi_dma')] } },
    devices: {
      dma0: { kind: 'uio', model: 'dma', maps: [{ size: 0x1000, registers: description }], interrupt: 'irq_o' },
      udmabuf0: { kind: 'u-dma-buf', size: 1 << 20 },
    },
  }
  const file = join(scratch.path, 'dma.fst')
  const program = [host('dma_copy'), '/dev/uio0', 'udmabuf0', '4096']
  const { status, stderr, log } = await runHost(scratch, config, program, { flags: ['--trace', file] })
  expect(status, stderr).toBe(0)
  const asked = log.find(({ op, offset }) => op === 'read' && offset === 4) as LoggedAccess
  const all = await lookAt(scratch, file, asked.cycleStart * 10_000 + 1, join(pictures, 'gtkwave-interrupt.png'))
  expect(all).toMatch(/shown TOP\.trapline_top\.irq_0 1\n/)
  expect(all).toContain(`software_function[511:0] ${asked.symbol}`)
  expect(all).toContain('software_place[255:0] dma0.STATUS')
  const saved = readFileSync(file.replace(/fst$/, 'gtkw'), 'utf8')
  expect(saved).toContain('\n-irq_o\n@28\nTOP.trapline_top.irq_0\n')
})
