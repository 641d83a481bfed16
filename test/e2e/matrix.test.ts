/**
 * Kinds of programs, each of which does all that its kind can do with devices: opens, writes, reads, maps, waits for an
 * interrupt. What this machine lacks is skipped by name; what a kind can't do has no line, or the kernel's word. A file
 * that the machine has at the path of the device is never touched.
 */
import { chmodSync, existsSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base } from '../support/configs.js'
import * as drivers from '../support/drivers.js'
import { compiled, driverFile, isThere, script, shell, venv, type Make } from '../support/drivers.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

/** One that no machine has. */
const uio = '/dev/uio61'

const configWith = (sensor: string): TraplineConfig => ({
  models: {
    ram: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] },
    timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] },
  },
  devices: {
    sensor: { kind: 'char', path: sensor, size: 0x1000, model: 'ram' },
    timer: { kind: 'uio', index: 61, model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
    registers: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'timer' },
  },
})

/** For those that can't map: the timer is started through /dev/mem. */
const start = `busybox devmem ${at(12)} 32 3000; busybox devmem ${at(0)} 32 3`

const all = ['open ok', 'write 4', 'read 11223344', 'map 11223344', 'wait 1']
const unmapped = all.filter((line) => !line.startsWith('map'))
/** What is at hand in a shell, which keeps both open. */
const kept = (read: string) => [
  `exec 3<>$1 4<>$2 && echo open ok`,
  String.raw`printf '\104\063\042\021' >&3 && echo write 4`,
  `echo read $(${read})`,
  start,
  `echo wait $(head -c 4 <&4 | od -An -tu4)`,
]
/** awk has lines of text, and reads as many bytes as it has room for, which a UIO device refuses. */
const inAwk = (awk: string, error: string) =>
  shell(
    ['sh', '-c'],
    `${awk} 'BEGIN { printf "abc\\n" > ARGV[1]; print "write", close(ARGV[1])
      getline word < ARGV[1]; print "read", word; print "wait", (getline word < ARGV[2])${error} }' $1 $2`,
  )
const awkLines = ['write 0', 'read abc', 'wait -1']
const coreutils = [
  String.raw`printf '\104\063\042\021' | dd of=$1 bs=4 conv=notrunc status=none && echo write 4`,
  'for tool in "head -c 4" cat; do echo read $($tool $1 | od -An -tx4 -N4); done',
  'echo read $(od -An -tx4 -N4 $1); echo read $(tail -c 4096 $1 | od -An -tx4 -N4)',
  'cp $1 copy && cmp $1 copy && stat -c "%s %F" copy && stat -c "%s %F" $1',
  '[ "$(sha256sum < $1)" = "$(sha256sum < copy)" ] && echo same',
  start,
  'echo wait $(dd if=$2 bs=4 count=1 status=none | od -An -tu4)',
]
const xxd = [
  "printf '00000000: 44332211' | xxd -r - $1 && echo write 4",
  'xxd -e -g4 -l4 $1 | cut -d" " -f1,2; xxd -l4 < $1 | cut -d" " -f1-3; xxd -l4 $2 2>&1',
]

interface Kind {
  kind: string
  needs: string[]
  make: Make
  lines?: string[]
  /** Whether it is told how to start the timer. */
  starts?: boolean
  env?: Record<string, string>
}

const standard = ['-std=c17', '-pthread']

function foreign(machine: string, triple: string, emulator: string): Kind[] {
  const compiler = `${triple}-gcc`
  const common = { needs: [compiler, emulator] }
  return [
    { ...common, kind: `C for ${machine}, static`, make: compiled(compiler, [...standard, '-static']) },
    {
      ...common,
      kind: `C for ${machine}, with its libraries`,
      make: compiled(compiler, standard),
      env: { QEMU_LD_PREFIX: `/usr/${triple}` },
    },
  ]
}

const native: Kind[] = [
  { kind: 'C', needs: [], make: () => [host('driver')] },
  { kind: 'C++', needs: ['g++'], make: compiled('g++', ['-x', 'c++', '-std=c++17', '-fpermissive', '-w']) },
  {
    ...{ kind: 'C++, streams', needs: ['g++'], lines: unmapped, starts: true },
    make: compiled('g++', ['-std=c++17'], driverFile('streams.cpp')),
  },
  { kind: 'C, static', needs: ['gcc'], make: compiled('gcc', [...standard, '-static']) },
  { kind: 'C, static and movable', needs: ['gcc'], make: compiled('gcc', [...standard, '-static-pie']) },
  { kind: 'C with musl', needs: ['musl-gcc'], make: compiled('musl-gcc', standard) },
  { kind: 'C with musl, static', needs: ['musl-gcc'], make: compiled('musl-gcc', ['-static']) },
  ...foreign('64-bit ARM', 'aarch64-linux-gnu', 'qemu-aarch64'),
  ...foreign('32-bit ARM', 'arm-linux-gnueabihf', 'qemu-arm'),
  ...foreign('32-bit x86', 'i686-linux-gnu', 'qemu-i386'),
  ...foreign('RISC-V', 'riscv64-linux-gnu', 'qemu-riscv64'),
  { kind: 'Go with cgo', needs: ['go'], make: drivers.go(true) },
  { kind: 'Go without cgo', needs: ['go'], make: drivers.go(false) },
  { kind: 'Rust, standard library', needs: ['rustc'], make: drivers.rustStandard },
  ...['rustix', 'tokio', 'async-io'].map((crate) => ({
    kind: `Rust, ${crate}`,
    needs: ['cargo', 'librust-rustix-dev', 'librust-tokio-dev', 'librust-async-io-dev'],
    make: drivers.rust(crate.replace('-', '_')),
  })),
]

const managed: Kind[] = [
  {
    ...{ kind: 'Java', needs: ['javac', 'java'], make: drivers.java },
    // It would lengthen the file first.
    lines: all.flatMap((line) => (line.startsWith('map') ? ['map Invalid argument', line] : [line])),
  },
  { kind: '.NET', needs: ['mcs', 'build/python with dotnetcore2'], make: drivers.dotnet },
  { kind: 'Mono', needs: ['mcs', 'mono'], make: drivers.mono },
  { kind: 'Node', needs: ['node'], make: script('node', 'driver.mjs'), lines: unmapped, starts: true },
  { kind: 'Node, promises', needs: ['node'], make: script('node', 'promises.mjs'), lines: unmapped, starts: true },
  { kind: 'Node, koffi', needs: ['node'], make: drivers.koffi },
]

const scripts: Kind[] = [
  { kind: 'Python', needs: ['python3'], make: script('python3', 'driver.py', 'library') },
  { kind: 'Python, ctypes', needs: ['python3'], make: script('python3', 'driver.py', 'handle') },
  { kind: 'Python, asyncio', needs: ['python3'], make: script('python3', 'files.py') },
  { kind: 'Python, cffi', needs: ['build/python with cffi'], make: venv('foreign.py') },
  {
    ...{ kind: 'Python, numpy', needs: ['build/python with numpy'], make: venv('arrays.py') },
    lines: all.flatMap((line) => (line.startsWith('wait') ? ['sum 4488cd100', line] : [line])),
  },
  { kind: 'Perl', needs: ['perl'], make: script('perl', 'driver.pl'), lines: unmapped, starts: true },
  { kind: 'Perl, numbers of calls', needs: ['perl'], make: script('perl', 'numbers.pl') },
  { kind: 'LuaJIT', needs: ['luajit'], make: script('luajit', 'driver.lua') },
  { kind: 'Ruby, Fiddle', needs: ['ruby'], make: script('ruby', 'driver.rb') },
]

const tools: Kind[] = [
  { kind: 'bash', needs: ['bash'], make: shell(['bash', '-c'], ...kept('od -An -tx4 -N4 $1')), lines: unmapped },
  {
    ...{ kind: 'sh, standard input', needs: [], lines: unmapped },
    make: shell(['sh', '-c'], ...kept('od -An -tx4 -N4 < $1')),
  },
  {
    ...{ kind: 'busybox', needs: ['busybox'], lines: unmapped },
    make: shell(['busybox', 'sh', '-c'], ...kept('busybox od -An -tx4 -N4 $1')),
  },
  {
    ...{ kind: 'coreutils', needs: [], make: shell(['sh', '-c'], ...coreutils) },
    lines: [
      ...['write 4', ...Array<string>(4).fill('read 11223344'), '4096 regular file', '0 character special file'],
      ...['same', 'wait 1'],
    ],
  },
  { kind: 'awk', needs: ['mawk'], make: inAwk('mawk', ''), lines: awkLines.slice(0, 2) },
  { kind: 'GNU awk', needs: ['gawk'], make: inAwk('gawk', ', ERRNO'), lines: toErrno(awkLines) },
  { kind: 'busybox awk', needs: ['busybox'], make: inAwk('busybox awk', ''), lines: awkLines },
  {
    ...{ kind: 'xxd', needs: ['xxd'], make: shell(['sh', '-c'], ...xxd) },
    lines: ['write 4', '00000000: 11223344', '00000000: 4433 2211', 'xxd: Invalid argument'],
  },
]

function toErrno(lines: string[]): string[] {
  return lines.map((line) => (line === 'wait -1' ? `${line} Invalid argument` : line))
}

/** Those end so when they can't read a file. */
const statusOf = (kind: string) => (kind === 'awk' || kind === 'xxd' ? 2 : 0)
const own = 'the contents of a file of the machine'
const longAgo = new Date('2001-01-01')
const compilesMs = 600_000

for (const { kind, needs, make, lines = all, starts = false, env = {} } of [
  ...native,
  ...managed,
  ...scripts,
  ...tools,
]) {
  const missing = needs.filter((need) => !isThere(need))
  const reason = missing.length > 0 ? ` (needs ${missing.join(' and ')})` : ''
  it.skipIf(missing.length > 0)(`${kind}${reason}`, { timeout: compilesMs }, async () => {
    const scratch = makeScratch()
    const program = make(makeScratch())
    const sensor = scratch.write('sensor', own)
    chmodSync(sensor, 0o666)
    utimesSync(sensor, longAgo, longAgo)
    const words = [...program, sensor, uio, ...(starts ? [start] : [])]
    const { status, stdout, stderr } = await runHost(scratch, configWith(sensor), words, { env })
    const said = stdout.trimEnd().split('\n')
    expect(
      said.map((line) => line.trimEnd()),
      stderr,
    ).toEqual(lines)
    expect(status, stderr).toBe(statusOf(kind))
    expect(statSync(sensor)).toMatchObject({ atime: longAgo, mtime: longAgo, size: own.length })
    expect(readFileSync(sensor, 'utf8')).toBe(own)
    expect(existsSync(uio)).toBe(false)
  })
}
