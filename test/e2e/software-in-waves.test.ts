/** A waveform shows beside each bus what software is at, and opens so in GTKWave. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa, execaSync } from 'execa'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, type LoggedAccess } from '../support/trapline.js'

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

it.each([{ flags: [] }, { flags: ['--lane', 'shm', '--call-stacks'] }])(
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

it('the save file beside it names signals that the waveform has', async () => {
  const { file } = await trace(makeScratch())
  const saved = readFileSync(file.replace(/fst$/, 'gtkw'), 'utf8').split('\n')
  const names = saved.filter((line) => line.startsWith('TOP.')).map((line) => line.replace(/^.*\.|\[.*$/g, ''))
  const { stdout } = await execa('fst2vcd', [file])
  expect(names).toContain('s_axil__software_function')
  expect(names.filter((name) => !new RegExp(`\\$var \\w+ \\d+ \\S+ ${name} `).test(stdout))).toEqual([])
})

/** GTKWave with its Tcl, and a screen that nobody sees. */
const hasScreen = ['xvfb-run', 'gtkwave'].every((tool) => execaSync('which', [tool], { reject: false }).exitCode === 0)

it.skipIf(!hasScreen)(`GTKWave opens it${hasScreen ? '' : ', for which xvfb-run or gtkwave is missing'}`, async () => {
  const scratch = makeScratch()
  const { file, log } = await trace(scratch)
  const [access] = log as [LoggedAccess]
  const script = scratch.write(
    'look.tcl',
    [
      `gtkwave::setMarker ${access.cycleStart * 10_000 + 1}`,
      'foreach name [gtkwave::getDisplayedSignals] {',
      '  puts "shown $name [gtkwave::getTraceValueAtMarkerFromName $name]"',
      '}',
      'exit',
    ].join('\n'),
  )
  const { all } = await execa('xvfb-run', ['-a', 'gtkwave', '-S', script, file, file.replace(/fst$/, 'gtkw')], {
    ...{ all: true, reject: false, timeout: 60_000 },
  })
  expect(all).toContain(`software_function[511:0] ${access.symbol}`)
  expect(all).toContain('software_place[255:0] dut.STATUS')
  expect(all).toMatch(/shown TOP\.trapline_top\.s_axil__araddr\[\d+:0\]/)
})
