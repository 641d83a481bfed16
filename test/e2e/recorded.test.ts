/**
 * Recordings of real devices (kind 'hardware'): by programs of all kinds and by a bridge that serves, what a killed
 * process leaves, and what mmiotrace has of mappings.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { agent, host, root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { parseLog, startTrapline, toWords, trapline } from '../support/trapline.js'

const pageBytes = 4096
const base = 0xfe00_0000

function makeDevice(scratch: Scratch, bytes = pageBytes): string {
  return scratch.write('device', Buffer.alloc(bytes))
}

function toFlags(device: string, size = pageBytes): string[] {
  return ['--hardware', `${device}@0x${base.toString(16)}+0x${size.toString(16)}`]
}

/** A recording as the lines that it has. */
async function record(scratch: Scratch, flags: string[], program: string[], ending = 'jsonl') {
  const file = join(scratch.path, `recording.${ending}`)
  const ended = await trapline(scratch, ['run', ...flags, '--record', file, '--', ...program])
  return { ...ended, text: readFileSync(file, 'utf8') }
}

const python = (lines: string[]) => ['python3', '-c', lines.join('\n')]

const i686 = 'i686-linux-gnu-gcc'
const libraries32 = '/usr/i686-linux-gnu/lib'
const loader32 = [`-Wl,-dynamic-linker=${libraries32}/ld-linux.so.2`, `-Wl,--disable-new-dtags,-rpath=${libraries32}`]
const kinds: [string, string[], string][] = [
  ['static', ['gcc', '-static'], 'accesses'],
  ['static, of musl', ['musl-gcc', '-static'], 'accesses'],
  ['static, of 32 bits', [i686, '-msse2', '-static'], 'accesses32'],
  ['of 32 bits', [i686, '-msse2', ...loader32], 'accesses32'],
]

for (const [kind, [compiler = '', ...flags], name] of kinds) {
  const isThere = spawnSync(compiler, ['--version']).status === 0
  it.skipIf(!isThere)(`a program that is ${kind}${isThere ? '' : ` (needs ${compiler})`}`, async () => {
    const scratch = makeScratch()
    const [device, program] = [makeDevice(scratch), join(scratch.path, name)]
    const source = join(root, `test/e2e/hosts/${name}.c`)
    execFileSync(compiler, ['-std=c17', '-O2', '-D_GNU_SOURCE', ...flags, '-o', program, source])
    const natively = execFileSync(program, [scratch.write('native', Buffer.alloc(pageBytes)), '0'], {
      encoding: 'utf8',
    })
    const { status, stdout, stderr, text } = await record(scratch, toFlags(device), [program, device, '0'])
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: natively })
    expect(readFileSync(device)).toEqual(readFileSync(join(scratch.path, 'native')))
    const log = parseLog(text)
    expect(log.length).toBeGreaterThanOrEqual(20)
    expect(log.map(toWords)[0]).toMatch(/^write device\+0x0 /)
  })
}

describe('a bridge that serves', () => {
  const serve = async (scratch: Scratch, device: string) => {
    const config = { devices: { board: { kind: 'hardware', path: device, base, size: pageBytes } }, models: {} }
    const [file, log] = [scratch.write('trapline.config.json', config), join(scratch.path, 'served.jsonl')]
    const bridge = startTrapline(scratch, ['serve', '--config', file, '--log', log])
    const [address] = await bridge.untilStdout(/^unix:.+$/m)
    const program = [host('poke'), '/dev/mem', `${base}`, '8', '4', '0x1234']
    const run = (env: Record<string, string>) =>
      trapline(scratch, ['run', '--bridge', address, '--', ...program], { env })
    return { bridge, log, run }
  }

  it('records what a program does that may use its devices', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch)
    const { bridge, log, run } = await serve(scratch, device)
    const { status, stdout, stderr } = await run({ TRAPLINE_HARDWARE: '1' })
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '0x00001234\n' })
    bridge.kill('SIGTERM')
    await bridge.ended
    expect(readFileSync(device).readUInt32LE(8)).toBe(0x1234)
    const words = parseLog(readFileSync(log, 'utf8')).map(toWords)
    expect(words).toEqual(['write board+0x8 4 B = 0x00001234'])
  })

  it('gives no program a real device that nobody has allowed it', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch)
    const { bridge, run } = await serve(scratch, device)
    const { status, stderr } = await run({})
    expect(status).toBe(125)
    expect(stderr).toContain(`the bridge would have the program use the real device ${device}; if it may, set`)
    bridge.kill('SIGTERM')
    await bridge.ended
    expect(readFileSync(device)).toEqual(Buffer.alloc(pageBytes))
  })
})

/** A parent stops its child until it is in the midst of an access, kills it there, and makes an access itself. */
const killer = (device: string, size: number) =>
  python([
    'import mmap, os, signal, struct',
    `fd = os.open(${JSON.stringify(device)}, os.O_RDWR)`,
    `m = mmap.mmap(fd, ${size})`,
    'child = os.fork()',
    'while child == 0:',
    `  for i in range(0, ${size}, 8): m[i] = 7`,
    'ring = os.open(os.environ["TRAPLINE_RUN_DIR"] + "/lanes/hardware.ring", os.O_RDONLY)',
    'word = lambda at, size: int.from_bytes(os.pread(ring, size, at), "little")',
    'while True:',
    '  os.kill(child, signal.SIGSTOP)',
    '  os.waitpid(child, os.WUNTRACED)',
    '  if word(64, 4) != 0 and word(72, 8) == word(128, 8) + 1: break',
    '  os.kill(child, signal.SIGCONT)',
    'print("number", word(128, 8) + 1, flush=True)',
    'os.kill(child, signal.SIGKILL)',
    'os.waitpid(child, 0)',
    'm[1] = 1',
    'print("child", child)',
  ])

const lost = new RegExp(
  String.raw`(python3\S* \(pid \d+\)) was killed in the midst of an access to a real device: its write of 1 bytes at ` +
    String.raw`device\+(0x\w+) is missing in the recording, and the device may have seen it`,
)

describe('a process that is killed in the midst of an access', () => {
  it.each(['jsonl', 'mmiotrace'])(
    'keeps nobody else from theirs, and what may be missing is said: %s',
    async (ending) => {
      const scratch = makeScratch()
      const size = 64 * pageBytes
      const device = makeDevice(scratch, size)
      const { stdout, stderr, text } = await record(scratch, toFlags(device, size), killer(device, size), ending)
      const [, number = '', child = ''] = /^number (\d+)\nchild (\d+)\n$/.exec(stdout) ?? []
      const [, program, place] = lost.exec(stderr) ?? []
      expect(program, stderr).toContain(`(pid ${child})`)
      const lines = text.trimEnd().split('\n')
      if (ending === 'mmiotrace') {
        const mark = lines.filter((line) => line.startsWith('MARK'))
        expect(mark).toHaveLength(1)
        expect(mark[0]).toContain(` Lost 1 events: write of 1 bytes at device+${place} of ${program}, which was killed`)
        expect(lines.slice(lines.indexOf(mark[0] ?? '') + 1).filter((line) => line.startsWith('W'))).toHaveLength(1)
        return
      }
      // Of the records before it one was the mapping; in its own place is what the parent does.
      expect(lines).toHaveLength(Number(number) - 1)
      expect(parseLog(text).at(-1)).toMatchObject({ op: 'write', offset: 1, data: '0x01' })
    },
  )
})

describe('mmiotrace', () => {
  const toFields = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))

  it('has each mapping of a program, with what it reached by it, until it unmaps it', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch, 2 * pageBytes)
    const program = python([
      'import mmap, os',
      `fd = os.open(${JSON.stringify(device)}, os.O_RDWR)`,
      `one, two = mmap.mmap(fd, ${2 * pageBytes}), mmap.mmap(fd, ${pageBytes}, offset=${pageBytes})`,
      'one[4] = 1; two[4] = 2; one[4096] = 3',
      'one.close(); two[8] = 4',
      'os.pwrite(fd, b"\\5\\0\\0\\0", 12)',
      `two = None`,
      `three = mmap.mmap(fd, ${pageBytes})`,
      'three[5] = 6',
      'print(os.getpid())',
    ])
    const { stdout, text } = await record(scratch, toFlags(device, 2 * pageBytes), program, 'mmiotrace')
    const pid = stdout.trim()
    const shown = toFields(text).map(([op, ...fields]) => {
      const [id, physical, virtual = '', length, , by] = fields.slice(1)
      if (op === 'MAP') return `MAP ${id} ${physical} ${length} ${by === '0' ? virtual : BigInt(virtual) > 0n} ${by}`
      if (op === 'UNMAP') return `UNMAP ${id} ${fields.at(-1)}`
      return op === 'W' ? `W ${fields[2]} ${fields[3]} ${fields[4]}` : [op, ...fields].join(' ')
    })
    expect(shown).toEqual([
      'VERSION 20070824',
      'MAP 1 0xfe000000 0x2000 0x0 0',
      `MAP 2 0xfe000000 0x2000 true ${pid}`,
      `MAP 3 0xfe001000 0x1000 true ${pid}`,
      'W 2 0xfe000004 0x1',
      'W 3 0xfe001004 0x2',
      'W 2 0xfe001000 0x3',
      `UNMAP 2 ${pid}`,
      'W 3 0xfe001008 0x4',
      // A call has no mapping of its own: that is the device's.
      'W 1 0xfe00000c 0x5',
      `UNMAP 3 ${pid}`,
      `MAP 4 0xfe000000 0x1000 true ${pid}`,
      'W 4 0xfe000005 0x6',
      `UNMAP 4 ${pid}`,
    ])
    const itself = Array<string>(2).fill(join(scratch.path, 'recording.mmiotrace'))
    expect((await trapline(scratch, ['diff', ...itself])).status).toBe(0)
  })

  it('has what a program watches of its own memory by trapline.h', async () => {
    const scratch = makeScratch()
    const [device, program] = [makeDevice(scratch), join(scratch.path, 'watcher')]
    const [source, include] = [join(root, 'test/e2e/linked/watcher.c'), `-I${join(root, 'trap')}`]
    const link = ['-L', dirname(agent), '-ltrapline', `-Wl,-rpath,${dirname(agent)}`]
    execFileSync('gcc', ['-std=c17', '-O2', '-D_GNU_SOURCE', include, '-o', program, source, ...link])
    const { status, stdout, text } = await record(scratch, toFlags(device), [program, 'device'], 'mmiotrace')
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'watcher: 12 watched bytes, memory around them whole\n' })
    expect(readFileSync(device).subarray(0x100, 0x10c).toString('hex')).toBe('a0a1a2a3a4a5a6a7a8a9aaab')
    const lines = toFields(text).slice(2)
    const maps = lines
      .filter(([op]) => op?.endsWith('MAP'))
      .map(([op, , ...rest]) => [op, ...rest.slice(0, 2)].join(' '))
    expect(maps).toEqual(['MAP 2 0xfe000100', 'MAP 3 0xfe000000', 'UNMAP 2 0x0', 'UNMAP 3 0x0'])
    expect(lines[0]?.[5]).toBe('0xc')
    expect(lines.filter(([op]) => op === 'W').map(([, , , id]) => id)).toEqual(Array<string>(12).fill('2'))
  })

  it('unmaps what a killed program leaves mapped; a child has the mappings of its parent', async () => {
    const scratch = makeScratch()
    const device = makeDevice(scratch)
    const program = python([
      'import mmap, os',
      `fd = os.open(${JSON.stringify(device)}, os.O_RDWR)`,
      `m = mmap.mmap(fd, ${pageBytes})`,
      'child = os.fork()',
      'if child == 0: m[0] = 1; os.kill(os.getpid(), 9)',
      'os.waitpid(child, 0)',
      'm[1] = 2; os.kill(os.getpid(), 9)',
    ])
    const { status, text } = await record(scratch, toFlags(device), program, 'mmiotrace')
    expect(status).toBe(137)
    const shown = toFields(text).map(([op, ...fields]) => `${op} ${op === 'W' ? fields[2] : fields[1]}`)
    expect(shown).toEqual(['VERSION undefined', 'MAP 1', 'MAP 2', 'W 2', 'W 2', 'UNMAP 2'])
  })
})
