/** The log has exactly the accesses that the program made, in their order, with the cycles that the RTL took. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords, trapline } from '../support/trapline.js'

const ram = configOf('axil_ram')
const program = [host('accesses'), '/dev/mem', String(base)]

/** What `hosts/accesses.c` says of itself. */
const made = [
  ...storeAndLoad([0x00, 0x02, 0x04, 0x08, 0x10], '1122334455667788'),
  ...storeAndLoad([0x21, 0x26, 0x2c, 0x38, 0x40], 'fedcba9876543210'),
]

function storeAndLoad(offsets: number[], pattern: string): string[] {
  return offsets.flatMap((offset, i) => {
    const bytes = 1 << i
    const data = bytes === 16 ? complement(pattern) + pattern : pattern.slice(-2 * bytes)
    const words = `dut+0x${offset.toString(16)} ${bytes} B = 0x${data}`
    return [`write ${words}`, `read ${words}`]
  })
}

function complement(hex: string): string {
  return (0xffff_ffff_ffff_ffffn ^ BigInt(`0x${hex}`)).toString(16).padStart(16, '0')
}

it('JSONL', async () => {
  const { status, log, stderr } = await runHost(makeScratch(), ram, program, { flags: ['--call-stacks'] })
  expect(status, stderr).toBe(0)
  expect(log.map(toWords)).toEqual(made)
  expect(log.map(({ seq }) => seq)).toEqual(made.map((_, i) => i + 1))
  expect(Object.keys(log[0] ?? {})).toEqual([
    ...['seq', 'cycleStart', 'cycleEnd', 'timePs', 'op', 'device', 'offset', 'widthBytes', 'data', 'status'],
    ...['beats', 'bursts', 'pid', 'tid', 'pc', 'symbol', 'frames'],
  ])
  for (const { cycleStart, cycleEnd, timePs, symbol, pc } of log) {
    expect(cycleEnd).toBeGreaterThan(cycleStart)
    expect(timePs).toBe(cycleEnd * 10_000)
    expect(symbol).toMatch(/^round_trip \(accesses\.c:\d+\)$/)
    expect(pc).toMatch(/^0x[0-9a-f]+$/)
  }
  for (const [i, { cycleStart }] of log.slice(1).entries()) expect(cycleStart).toBeGreaterThan(log[i]?.cycleEnd ?? 0)
})

it('mmiotrace', async () => {
  const scratch = makeScratch()
  const file = join(scratch.path, 'accesses.mmiotrace')
  const config = scratch.write('trapline.config.json', ram)
  const { status } = await trapline(scratch, ['run', '--config', config, '--log', file, '--', ...program])
  expect(status).toBe(0)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines[0]).toMatch(/^VERSION /)
  expect(lines.filter((line) => line.startsWith('MAP ')).length).toBe(1)
  // R|W width timestamp map address value pc pid
  const words = lines.filter((line) => /^[RW] /.test(line)).map((line) => line.split(' '))
  expect(words[0]).toEqual([
    'W',
    '1',
    expect.any(String),
    '1',
    '0x43c00000',
    '0x88',
    expect.any(String),
    expect.stringMatching(/^\d+$/),
  ])
  expect(words.filter(([kind]) => kind === 'R').length).toBe(words.length / 2)
})

it('symbols name function and source line of the program', async () => {
  const { log } = await runHost(makeScratch(), ram, [host('loop'), '/dev/mem', String(base), '4', '3'])
  expect(log.map(({ symbol }) => symbol)).toEqual(
    Array(3).fill(expect.stringMatching(/^device_read32 \(device\.h:\d+\)$/)),
  )
})
