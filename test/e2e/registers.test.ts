/** Registers by their names, through the whole chain: lines, log, lint, coverage, page, Perfetto. */
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { root } from '../support/places.js'
import { hasSystemRdl, unlessSystemRdl } from '../support/python.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const example = join(root, 'examples/registers')
const base = 0x43c0_0000

/** The example, its driver compiled; its description in a format of choice. */
function makeExample(ending = 'json'): { scratch: Scratch; config: string } {
  const scratch = makeScratch()
  cpSync(example, scratch.path, { recursive: true })
  execFileSync('gcc', ['-g', '-o', 'read_meter', 'read_meter.c'], { cwd: scratch.path })
  const meter0 = { kind: 'mem', base, size: 0x40, model: 'meter', registers: `meter.${ending}`, onError: 'ones' }
  const config = { models: { meter: { top: 'meter', sources: ['meter.sv'] } }, devices: { meter0 } }
  return { scratch, config: scratch.write('config.json', config) }
}

interface NamedLine {
  op: string
  register?: string
  fields?: Record<string, unknown>
}

const endings = ['json', 'svd', 'xml', ...(hasSystemRdl ? ['rdl'] : [])]

it.each(endings)(`lines, log and Perfetto have the names of meter.%s${unlessSystemRdl}`, async (ending) => {
  const { scratch, config } = makeExample(ending)
  const [log, perfetto] = ['run.jsonl', 'run.perfetto.json'].map((name) => join(scratch.path, name)) as [string, string]
  const flags = ['--config', config, '--seed', '1', '--show', '--log', log, '--perfetto', perfetto]
  const { status, stderr, sentences } = await trapline(scratch, ['run', ...flags, '--', './read_meter'])
  expect(status, stderr).toBe(0)
  expect(sentences).toContainEqual(
    expect.stringMatching(/→ write meter0\+0x0 4 B .* = 0x00000005 {2}CTRL\.EN=1 CTRL\.MODE=FAST$/),
  )
  expect(sentences).toContainEqual(
    expect.stringMatching(/→ read {2}meter0\+0x4 4 B .* {2}STATUS\.BUSY=1 STATUS\.OVERRUN=0 STATUS\.LEVEL=1$/),
  )
  expect(sentences).toContainEqual(expect.stringMatching(/→ write meter0\+0x8 .* {2}TXD\.DATA=0x61$/))
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  const named = lines.map((line) => JSON.parse(line) as NamedLine)
  expect(named.map(({ op, register, fields }) => ({ op, register, fields })).slice(0, 5)).toEqual([
    { op: 'read', register: 'ID', fields: { 'ID.VALUE': 0xc0de_0001 } },
    { op: 'write', register: 'CH[0].LIMIT', fields: { 'CH[0].LIMIT.VALUE': 1000 } },
    { op: 'write', register: 'TXD', fields: { 'TXD.DATA': 0x61 } },
    { op: 'write', register: 'KEY', fields: { 'KEY.VALUE': 0x10c4 } },
    { op: 'write', register: 'CTRL', fields: { 'CTRL.EN': 1, 'CTRL.MODE': 'FAST' } },
  ])
  const { traceEvents } = JSON.parse(readFileSync(perfetto, 'utf8')) as { traceEvents: object[] }
  expect(traceEvents).toContainEqual(
    expect.objectContaining({ name: 'write meter0+0x0 CTRL', args: expect.objectContaining({ 'CTRL.MODE': 'FAST' }) }),
  )
})

/**
 * All is read and written by one instruction each: by the lane `shm` only their first accesses come to the bridge as by
 * `grpc`.
 */
const helpers = `#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
static volatile uint32_t *meter;
__attribute__((noinline)) static uint32_t get(int i) { return meter[i]; }
__attribute__((noinline)) static void put(int i, uint32_t value) { meter[i] = value; }
int main(void)
{
    int memory = open("/dev/mem", O_RDWR);
    meter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0x43c00000);
    for (int i = 0; i < 4; i++)
        put(12 + i, get(0) + 7);
    get(8), get(3), put(8, 1), put(0, 0x10);
    return 0;
}
`

it.each(['grpc', 'shm'])('helpers that make all accesses hide none of them, by %s', async (lane) => {
  const { scratch, config } = makeExample()
  scratch.write('helpers.c', helpers)
  execFileSync('gcc', ['-O1', '-g', '-w', '-o', 'helpers', 'helpers.c'], { cwd: scratch.path })
  const flags = ['--config', config, '--lane', lane, '--lint', '--report', 'report.json']
  const { status, stderr, sentences } = await trapline(scratch, ['run', ...flags, '--', './helpers'])
  expect(status, stderr).toBe(0)
  const lint = sentences.flatMap((sentence) => /^lint: (.*) by \w+ \(helpers\.c/.exec(sentence)?.slice(1) ?? [])
  expect(lint.sort()).toEqual([
    'read-only: write of 4 bytes at meter0+0x20 (ID)',
    'reserved: write of 4 bytes at meter0+0x0 (CTRL)',
    'write-only: read of 4 bytes at meter0+0xc (KEY)',
  ])
  expect(sentences).toContainEqual(expect.stringMatching(/^meter0: 6 of 15 registers, .* never STATUS, RXD, TXD, KEY,/))
})

/** What a device was not made for, one access each. */
const odd = [
  ...['devmem 0x43c00020 32 1', 'devmem 0x43c0000c 32', 'devmem 0x43c00000 32 0xff', 'devmem 0x43c00024 32'],
  ...['devmem 0x43c00004 8', 'devmem 0x43c00028 64', 'devmem 0x43c00004 32 2'],
]

it.each(['grpc', 'shm'])('the lint knows what may be done with them, by %s', async (lane) => {
  const { scratch, config } = makeExample()
  const script = odd.map((one) => `busybox ${one}`).join('; ')
  const flags = ['--config', config, '--lint', '--lane', lane]
  const { status, stderr, sentences } = await trapline(scratch, ['run', ...flags, '--', 'sh', '-c', script])
  expect(status, stderr).toBe(0)
  const lint = sentences.flatMap(
    (sentence) => /^lint: (.*) by busybox\S*: (.*)/.exec(sentence)?.slice(1).join(': ') ?? [],
  )
  expect(lint.sort()).toEqual([
    'narrower: read of 1 byte at meter0+0x4 (STATUS[7:0]): the registers are wider (4-byte registers)',
    'no-register: read of 4 bytes at meter0+0x24: no register is there',
    'read-only: write of 4 bytes at meter0+0x20 (ID): software can only read it',
    'reserved: write of 4 bytes at meter0+0x0 (CTRL): bits are set that no field has',
    'split: read of 8 bytes at meter0+0x28 (STAMP): the bus carried it as several beats (4-byte registers)',
    'wider: read of 8 bytes at meter0+0x28 (STAMP): the registers are narrower (4-byte registers)',
    'write-only: read of 4 bytes at meter0+0xc (KEY): software can only write it',
  ])
  expect(sentences).toContainEqual(
    expect.stringMatching(/^SLVERR on write of 4 bytes at meter0\+0x20 \(ID, \/dev\/mem 0x43c00020\) by busybox/),
  )
})

it.each(['grpc', 'shm'])('what was never touched is in summary, report and page, by %s', async (lane) => {
  const { scratch, config } = makeExample()
  const run = (...program: string[]) => {
    const flags = ['--config', config, '--lane', lane, '--results', 'results', '--report', 'report.json']
    return trapline(scratch, ['run', ...flags, '--', ...program])
  }
  const { stderr, sentences } = await run('./read_meter')
  expect(sentences, stderr).toContain(
    'meter0: 8 of 15 registers, 11 of 18 fields, 1 of 3 named values touched; ' +
      'never CH[1].LIMIT, CH[1].COUNT, STAMP, TABLE[0], TABLE[1], TABLE[2], TABLE[3]',
  )
  const { registers } = JSON.parse(readFileSync(join(scratch.path, 'report.json'), 'utf8')) as {
    registers: { values: object; constant: string[] }[]
  }
  expect(registers[0]?.values).toEqual({ touched: ['CTRL.MODE=FAST'], untouched: ['CTRL.MODE=IDLE', 'CTRL.MODE=SLOW'] })
  expect(registers[0]?.constant).toContain('STATUS.OVERRUN')
  await run('busybox', 'devmem', '0x43c00034', '32', '7')
  await trapline(scratch, ['report', '-o', 'page.html', 'results'])
  const page = readFileSync(join(scratch.path, 'page.html'), 'utf8')
  expect(page).toContain(
    '<tr><td>meter0</td><td>9 of 15 (60 %)</td><td>12 of 18 (66 %)</td><td>1 of 3 (33 %)</td></tr>',
  )
  expect(page).toContain('<dt>registers</dt><dd>CH[1].LIMIT, CH[1].COUNT, STAMP, TABLE[0], TABLE[2], TABLE[3]</dd>')
  expect(page).not.toContain('TABLE[1],')
})

it('a description that is wrong ends the run before it begins, with file and line', async () => {
  const { scratch, config } = makeExample()
  const text = readFileSync(join(example, 'meter.json'), 'utf8')
  scratch.write('meter.json', text.replace('"bits": "2:1"', '"bits": "32:1"'))
  const { status, sentences } = await trapline(scratch, ['run', '--config', config, '--', './read_meter'])
  expect(status).toBe(125)
  expect(sentences).toEqual(['meter.json:14: the field CTRL.MODE has bit 32, and the register has 32'])
})

it('what is described is told as JSON, in whatever format it stands, and as types for one language', async () => {
  const { scratch, config } = makeExample()
  const told = await trapline(scratch, ['registers', '--config', config, '--json'])
  expect(told.status, told.stderr).toBe(0)
  const { devices } = JSON.parse(told.stdout) as { devices: { name: string; registers: { path: string }[] }[] }
  expect(devices.map(({ name }) => name)).toEqual(['meter0'])
  expect(devices[0]?.registers).toContainEqual(
    expect.objectContaining({
      ...{ path: 'STATUS', offset: '0x4', widthBits: 32, access: 'rw', reset: '0x0' },
      fields: expect.arrayContaining([
        { name: 'OVERRUN', low: 1, widthBits: 1, access: 'rw', onWrite: 'oneToClear', reset: '0x0' },
      ]),
    }),
  )
  const refused = async (...flags: string[]) =>
    (await trapline(scratch, ['registers', '--config', config, ...flags])).sentences
  expect(await refused('--types', 'registers.txt')).toEqual([
    '--types registers.txt: it must end in .d.ts for TypeScript, or in .py or .pyi for Python',
  ])
  expect(await refused('--types', 'registers.py', '--json')).toEqual([
    '--json and --types are two outputs; ask for one of them',
  ])
})
