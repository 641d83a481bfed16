/**
 * A real device behind the window: programs use the device itself, as wide as they ask and once, and all of it is
 * recorded. The devices here are files, and memory in which another process plays one.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline, toWords, type LoggedAccess } from '../support/trapline.js'

const pageBytes = 4096
const base = 0xfe00_0000

function makeDevice(scratch: Scratch, bytes = Buffer.alloc(pageBytes)): string {
  return scratch.write('device', bytes)
}

async function record(scratch: Scratch, device: string, program: string[], more: string[] = []) {
  const file = join(scratch.path, 'recording.jsonl')
  const range = `${device}@0x${base.toString(16)}+0x${pageBytes.toString(16)}`
  const ended = await trapline(scratch, ['run', ...more, '--record', file, '--hardware', range, '--', ...program])
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').filter(Boolean)
  return { ...ended, log: lines.map((line) => JSON.parse(line) as LoggedAccess & { wallTime: string }) }
}

const python = (path: string, offset: number, lines: string[]) => [
  'python3',
  '-c',
  [
    'import mmap, os',
    `fd = os.open(${JSON.stringify(path)}, os.O_RDWR)`,
    `m = mmap.mmap(fd, ${pageBytes}, offset=${offset})`,
    ...lines,
  ].join('\n'),
]

/** Offset and width of what `accesses` stores and loads, aligned and not. */
const places = [
  ...[
    [0, 1],
    [2, 2],
    [4, 4],
    [8, 8],
    [0x10, 16],
  ],
  ...[
    [0x21, 1],
    [0x26, 2],
    [0x2c, 4],
    [0x38, 8],
    [0x40, 16],
  ],
] as const

const hex = (value: number) => `0x${value.toString(16)}`

describe('a program that knows nothing of Trapline', () => {
  it.each([
    ['maps the device itself', (device: string) => [device, 0] as const],
    ['maps its address in /dev/mem', () => ['/dev/mem', base] as const],
  ])('%s: the device has what it wrote, and it has what the device holds', async (_name, where) => {
    const scratch = makeScratch()
    const device = makeDevice(scratch)
    const { status, stderr, log } = await record(scratch, device, [host('accesses'), ...where(device).map(String)])
    expect(status, stderr).toBe(0)
    const made = log.map(({ op, offset, widthBytes }) => `${op} ${widthBytes} B at ${hex(offset)}`)
    expect(made).toEqual(
      places.flatMap(([at, width]) => ['write', 'read'].map((op) => `${op} ${width} B at ${hex(at)}`)),
    )
    const contents = readFileSync(device)
    for (const { offset, widthBytes, data } of log) {
      const held = Buffer.from(contents)
        .subarray(offset, offset + widthBytes)
        .reverse()
        .toString('hex')
      expect(data, `${widthBytes} B at ${offset}`).toBe(`0x${held}`)
    }
  })

  it('is told in the recording: process, thread, place, time of the wall clock', async () => {
    const scratch = makeScratch()
    const before = new Date().toISOString()
    const { log, stderr } = await record(scratch, makeDevice(scratch), [
      host('doorbells'),
      'host',
      '/dev/mem',
      `${base}`,
      '0',
      '0',
    ])
    const [stop] = log
    expect(log, stderr).toHaveLength(1)
    expect(stop).toMatchObject({ op: 'write', offset: 4092, data: '0x00000001', status: 'OKAY' })
    expect(stop?.symbol).toMatch(/^device_write32 \(device\.h:\d+\)$/)
    expect(stop?.tid).toBe(stop?.pid)
    const seconds = [before, stop?.wallTime, new Date().toISOString()].map((time) => time?.slice(0, 19))
    expect(seconds).toEqual([...seconds].sort())
    expect(stop).not.toHaveProperty('cycleStart')
  })

  it('asks what the device is, and hears it of the device', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch, Buffer.alloc(2 * pageBytes))
    const { stdout } = await record(scratch, device, ['stat', '--format', '%F %s', device])
    expect(stdout).toBe(`regular file ${2 * pageBytes}\n`)
  })

  it('reads and writes the file: each is cut into registers, and recorded', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch)
    const lines = ['os.pwrite(fd, b"abcdefgh", 8)', 'print(os.pread(fd, 4, 12), os.pread(fd, 9, 4092))']
    const { stdout, log } = await record(scratch, device, python(device, 0, lines))
    expect(stdout).toBe(`b'efgh' b'\\x00\\x00\\x00\\x00'\n`)
    expect(log.map(toWords)).toEqual([
      'write device+0x8 4 B = 0x64636261',
      'write device+0xc 4 B = 0x68676665',
      'read device+0xc 4 B = 0x68676665',
      'read device+0xffc 4 B = 0x00000000',
    ])
  })
})

it('eight threads and a device in another process: what it was rung is what was recorded', async () => {
  const [threads, count] = [8, 25]
  const scratch = makeScratch()
  const device = makeDevice(scratch)
  const playing = execa(host('doorbells'), ['device', device])
  const { stdout, stderr, status, log } = await record(scratch, device, [
    ...[host('doorbells'), 'host', device, '0', `${threads}`, `${count}`],
  ]).finally(() => setTimeout(() => playing.kill(), 60_000).unref())
  expect(status, stderr).toBe(0)
  expect((await playing).stdout).toBe(`playing\nrung ${threads * count} times`)
  const bells = log.filter(({ op, offset }) => op === 'write' && offset !== 4092)
  const reads = log.filter(({ op }) => op === 'read')
  expect(bells).toHaveLength(threads * count)
  expect(stdout).toBe(`${reads.length} reads\n`)
  expect(new Set(bells.map(({ tid }) => tid)).size).toBe(threads)
  for (let bell = 0; bell < threads; bell++) {
    const own = bells.filter(({ offset }) => offset === 64 * bell).map(({ data }) => Number(data))
    expect(own).toEqual(Array.from({ length: count }, (_none, i) => i + 1))
  }
  // What the device had seen when a bell was rung again is what the record before it says: the order is the true one.
  for (const [i, { op, offset, data }] of log.entries()) {
    if (op !== 'write' || offset === 4092 || Number(data) === 1) continue
    const before = log.slice(0, i).findLast((one) => one.offset === offset + 4)
    expect(Number(before?.data)).toBe(Number(data) - 1)
  }
})

it('a program that is killed leaves a recording of all that it did', async () => {
  const scratch = makeScratch()
  const device = makeDevice(scratch)
  const lines = ['for i in range(3000): m[i] = i % 251', 'os.kill(os.getpid(), 9)']
  const { status, log } = await record(scratch, device, python(device, 0, lines))
  expect(status).toBe(137)
  expect(log.map(({ offset, data }) => [offset, Number(data)])).toEqual(
    Array.from({ length: 3000 }, (_none, i) => [i, i % 251]),
  )
})

it('more than the ring holds is recorded, too, in its order', async () => {
  const scratch = makeScratch()
  const device = makeDevice(scratch)
  const count = 70_000
  const { log } = await record(scratch, device, [
    ...['python3', '-c'],
    [
      'import mmap, os, sys',
      `m = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), ${pageBytes})`,
      `for i in range(${count}): m[i % ${pageBytes}] = i % 251`,
    ].join('\n'),
    device,
  ])
  expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_none, i) => i + 1))
  expect(log.every(({ offset, data }, i) => offset === i % pageBytes && Number(data) === i % 251)).toBe(true)
})

describe('mmiotrace', () => {
  it('has the physical addresses', async () => {
    const scratch = makeScratch()
    const [device, file] = [makeDevice(scratch), join(scratch.path, 'recording.mmiotrace')]
    const hardware = ['--hardware', `${device}@0x${base.toString(16)}+0x1000`]
    await trapline(scratch, ['run', '--record', file, ...hardware, '--', host('accesses'), device, '0'])
    const [version, map, ...records] = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(version).toBe('VERSION 20070824')
    expect(map).toBe('MAP 0.000000 1 0xfe000000 0x0 0x1000 0x0 0')
    const written = records.map((line) => line.split(' ')).filter(([op]) => op === 'W')
    // Its values hold 8 bytes, so 16 are two records.
    expect(written.map(([, width, , , address]) => `${width} ${address}`)).toEqual(
      places.flatMap(([at, width]) =>
        (width === 16 ? [at, at + 8] : [at]).map((one) => `${Math.min(width, 8)} ${hex(base + one)}`),
      ),
    )
  })
})

describe('refused in one sentence', () => {
  const usage = async (...args: string[]) => {
    const { status, sentences } = await trapline(makeScratch(), ['run', ...args, '--', 'true'])
    expect(status).toBe(125)
    return sentences.join('\n')
  }

  it('a device that is not there, or too small', async () => {
    expect(await usage('--hardware', '/no/such/device+0x1000')).toContain(
      "device device: /no/such/device can't be read (ENOENT",
    )
    const small = makeDevice(makeScratch(), Buffer.alloc(100))
    expect(await usage('--hardware', `${small}+0x1000`)).toContain('has 0x64 bytes, and the device would end at 0x1000')
  })

  it('a UIO device of which a part is named, or that is not there', async () => {
    expect(await usage('--hardware', '/dev/uio0+0x1000')).toContain(
      'device uio0: /dev/uio0 is a UIO device, of which the machine knows where its maps lie; leave size, base and',
    )
    expect(await usage('--hardware', '/dev/uio77')).toContain("device uio77: /dev/uio77 can't be read (ENOENT")
  })

  it('a device of another kind without a size', async () => {
    const scratch = makeScratch()
    const config = { models: {}, devices: { board: { kind: 'hardware', path: '/dev/mem', base: 0 } } }
    const file = scratch.write('trapline.config.json', config)
    const { status, sentences } = await trapline(scratch, ['run', '--config', file, '--', 'true'])
    expect(status).toBe(125)
    expect(sentences.join()).toContain('device board: /dev/mem does not say its size; give it a size')
  })

  it('what is no range, and ranges that overlap', async () => {
    const device = makeDevice(makeScratch())
    expect(await usage('--hardware', device)).toContain('write it as PATH@BASE+SIZE')
    const twice = ['--hardware', `${device}@0x1000+0x1000`, '--hardware', `${device}@0x1800+0x1000`]
    expect(await usage(...twice)).toMatch(/devices device .* and device-2 .* overlap in .*device; move or shrink/)
  })

  it('a recording without a real device, or by two names', async () => {
    const rtl = ['--rtl', 'x.sv', '--top', 'x', '--map', '/dev/mem@0x0+0x1000']
    expect(await usage('--record', 'r.jsonl', ...rtl)).toContain('this run has no real device')
    expect(await usage('--record', 'r.jsonl', '--log', 'l.jsonl')).toContain('drop one of them')
  })

  it('a locked access, which no two accesses stand for', async () => {
    const scratch = makeScratch()
    writeFileSync(join(scratch.path, 'log'), '')
    const program = [host('threads'), '/dev/mem', `${base}`, '1', '1']
    const { status, stderr } = await record(scratch, makeDevice(scratch), program)
    expect(status).toBe(125)
    expect(stderr).toMatch(
      /a locked access of 4 bytes to the real device device at pc 0x\w+ can't be carried out as one/,
    )
  })
})
