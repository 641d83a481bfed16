/**
 * Kinds of programs, each of which does all that its kind can do with devices. What this machine lacks is skipped by
 * name; what a kind can't do has no line.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base } from '../support/configs.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const sensor = '/dev/sensor0'
const uio = '/dev/uio0'
const config: TraplineConfig = {
  models: {
    ram: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] },
    timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] },
  },
  devices: {
    sensor: { kind: 'char', path: sensor, size: 0x1000, model: 'ram' },
    timer: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
    registers: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'timer' },
  },
}

/** Builds what is to be run, and says its command line. */
type Make = (scratch: Scratch) => string[]

function compiled(compiler: string, ...flags: string[]): Make {
  return (scratch) => {
    const program = join(scratch.path, 'driver')
    execFileSync(compiler, ['-D_GNU_SOURCE', ...flags, '-o', program, join(root, 'test/e2e/hosts/driver.c')])
    return [program, sensor, uio]
  }
}

/** A shell can't map. The timer is started through /dev/mem. */
const startTimer = `busybox devmem ${at(12)} 32 3000; busybox devmem ${at(0)} 32 3`
const word = String.raw`'\104\063\042\021'`
const inShell = (shell: string[], read: string): Make => {
  const lines = [
    `exec 3<>${sensor} 4<>${uio} && echo open ok`,
    `printf ${word} >&3 && echo write 4`,
    `echo read $(${read.replace('FILE', sensor)} -tx4 -N4)`,
    startTimer,
    `echo wait $(head -c 4 <&4 | od -An -tu4)`,
  ]
  return () => [...shell, lines.join('\n')]
}

/** By the standard library, or by a handle of libc as users of foreign functions have it. */
const python = `
import ctypes, mmap, os, struct, sys
class Library:
    open, pread, read, write = os.open, staticmethod(lambda fd, n: os.pread(fd, n, 0)), os.read, os.write
    map = staticmethod(lambda fd: memoryview(mmap.mmap(fd, 4096)).cast('I'))
class Handle:
    libc = ctypes.CDLL('libc.so.6')
    libc.mmap.restype = ctypes.c_void_p
    open = staticmethod(lambda path, flags: Handle.libc.open(path.encode(), flags))
    write = staticmethod(lambda fd, data: Handle.libc.write(fd, data, len(data)))
    @staticmethod
    def read(fd, size, call=libc.read, *more):
        room = ctypes.create_string_buffer(size)
        got = call(fd, room, size, *more)
        return room.raw[:got]
    pread = staticmethod(lambda fd, size: Handle.read(fd, size, Handle.libc.pread, 0))
    map = staticmethod(lambda fd: (ctypes.c_uint32 * 1024).from_address(
        Handle.libc.mmap(None, ctypes.c_size_t(4096), 3, 1, fd, ctypes.c_long(0))))
way = Handle if sys.argv[1] == 'handle' else Library
sensor, uio = way.open('${sensor}', os.O_RDWR), way.open('${uio}', os.O_RDWR)
print('open', 'ok' if sensor >= 0 and uio >= 0 else 'failed')
print('write', way.write(sensor, struct.pack('I', 0x11223344)))
print('read %x' % struct.unpack('I', way.pread(sensor, 4)))
print('map %x' % way.map(sensor)[0])
timer = way.map(uio)
timer[3] = 3000
timer[0] = 3
print('wait', struct.unpack('I', way.read(uio, 4))[0])
`

const asyncio = `
import asyncio, mmap, os, struct
async def main():
    uio = os.open('${uio}', os.O_RDWR)
    print('open ok')
    timer = memoryview(mmap.mmap(uio, 4096)).cast('I')
    timer[3] = 3000
    came = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(uio, lambda: came.done() or came.set_result(os.read(uio, 4)))
    timer[0] = 3
    print('wait', struct.unpack('I', await came)[0])
asyncio.run(main())
`

const node = `
const { openSync, readSync, writeSync, read } = require('node:fs')
const word = Buffer.alloc(4)
const sensor = openSync('${sensor}', 'r+'), uio = openSync('${uio}', 'r+')
console.log('open ok')
word.writeUInt32LE(0x11223344)
console.log('write', writeSync(sensor, word))
console.log('read', (readSync(sensor, word, 0, 4, 0), word.readUInt32LE().toString(16)))
require('node:child_process').execSync('${startTimer}', { stdio: 'ignore' })
read(uio, word, 0, 4, null, () => console.log('wait', word.readUInt32LE()))
`

const perl = `
open(my $sensor, '+<:raw', '${sensor}') or die; open(my $uio, '+<:raw', '${uio}') or die;
$| = 1; print "open ok\\n";
print 'write ', syswrite($sensor, pack('V', 0x11223344)), "\\n";
sysseek($sensor, 0, 0); sysread($sensor, my $word, 4); printf "read %x\\n", unpack('V', $word);
system('(${startTimer}) > /dev/null');
sysread($uio, my $count, 4); print 'wait ', unpack('V', $count), "\\n";
`

const foreignFunctions = `
local ffi = require 'ffi'
ffi.cdef [[int open(const char *, int, ...); long write(int, const void *, size_t); long read(int, void *, size_t);
  long pread(int, void *, size_t, long); void *mmap(void *, size_t, int, int, int, long);]]
local c, word = ffi.C, ffi.new('uint32_t[1]', 0x11223344)
local sensor, uio = c.open('${sensor}', 2), c.open('${uio}', 2)
print(sensor >= 0 and uio >= 0 and 'open ok')
print('write ' .. tonumber(c.write(sensor, word, 4)))
c.pread(sensor, word, 4, 0) print(string.format('read %x', word[0]))
local function map(fd) return ffi.cast('volatile uint32_t *', c.mmap(nil, 4096, 3, 1, fd, 0)) end
print(string.format('map %x', map(sensor)[0]))
local timer = map(uio) timer[3] = 3000 timer[0] = 3
c.read(uio, word, 4) print('wait ' .. word[0])
`

const fiddle = `
require 'fiddle'
libc, i, p, l = Fiddle.dlopen('libc.so.6'), Fiddle::TYPE_INT, Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG
mmap = Fiddle::Function.new(libc['mmap'], [p, l, i, i, i, l], p)
map = ->(file) { Fiddle::Pointer.new(mmap.call(nil, 4096, 3, 1, file.fileno, 0).to_i, 4096) }
sensor, uio = File.open('${sensor}', 'r+b'), File.open('${uio}', 'r+b')
puts 'open ok', "write #{sensor.syswrite([0x11223344].pack('V'))}"
puts format('read %x', sensor.pread(4, 0).unpack1('V')), format('map %x', map[sensor][0, 4].unpack1('V'))
timer = map[uio]
timer[12, 4] = [3000].pack('V')
timer[0, 4] = [3].pack('V')
puts "wait #{uio.sysread(4).unpack1('V')}"
`

const all = ['open ok', 'write 4', 'read 11223344', 'map 11223344', 'wait 1']
const unmapped = all.filter((line) => !line.startsWith('map'))
const standard = ['-std=c17', '-pthread']

const kinds: { kind: string; needs: string[]; make: Make; lines?: string[] }[] = [
  { kind: 'C', needs: [], make: () => [host('driver'), sensor, uio] },
  { kind: 'C++', needs: ['g++'], make: compiled('g++', '-x', 'c++', '-std=c++17', '-fpermissive', '-w') },
  { kind: 'C, static', needs: ['gcc', 'qemu-x86_64'], make: compiled('gcc', ...standard, '-static') },
  { kind: 'C, static and movable', needs: ['gcc', 'qemu-x86_64'], make: compiled('gcc', ...standard, '-static-pie') },
  { kind: 'C with musl', needs: ['musl-gcc', 'qemu-x86_64'], make: compiled('musl-gcc', ...standard) },
  {
    kind: 'C for 64-bit ARM',
    needs: ['aarch64-linux-gnu-gcc', 'qemu-aarch64'],
    make: compiled('aarch64-linux-gnu-gcc', ...standard, '-static'),
  },
  {
    kind: 'C for 32-bit ARM',
    needs: ['arm-linux-gnueabihf-gcc', 'qemu-arm'],
    make: compiled('arm-linux-gnueabihf-gcc', ...standard, '-static'),
  },
  { kind: 'C in a sanitizer', needs: ['gcc'], make: compiled('gcc', ...standard, '-fsanitize=address') },
  { kind: 'Python', needs: ['python3'], make: () => ['python3', '-c', python, 'library'] },
  { kind: 'Python, ctypes', needs: ['python3'], make: () => ['python3', '-c', python, 'handle'] },
  { kind: 'Python, asyncio', needs: ['python3'], make: () => ['python3', '-c', asyncio], lines: ['open ok', 'wait 1'] },
  { kind: 'Node', needs: ['node'], make: () => ['node', '-e', node], lines: unmapped },
  { kind: 'Perl', needs: ['perl'], make: () => ['perl', '-e', perl], lines: unmapped },
  { kind: 'LuaJIT', needs: ['luajit'], make: () => ['luajit', '-e', foreignFunctions] },
  { kind: 'Ruby, Fiddle', needs: ['ruby'], make: () => ['ruby', '-e', fiddle] },
  { kind: 'bash', needs: ['bash'], make: inShell(['bash', '-c'], 'od -An FILE'), lines: unmapped },
  { kind: 'sh, standard input', needs: [], make: inShell(['sh', '-c'], '<FILE od -An'), lines: unmapped },
  {
    kind: 'busybox',
    needs: ['busybox'],
    make: inShell(['busybox', 'sh', '-c'], 'busybox od -An FILE'),
    lines: unmapped,
  },
]

/** Some know no `--version`. */
const has = (program: string) =>
  (spawnSync(program, ['--version']).error as { code?: string } | undefined)?.code !== 'ENOENT'

for (const { kind, needs, make, lines = all } of kinds) {
  const missing = needs.filter((program) => !has(program))
  it.skipIf(missing.length > 0)(`${kind}${missing.length > 0 ? ` (needs ${missing.join(' and ')})` : ''}`, async () => {
    const { status, stdout, stderr } = await runHost(makeScratch(), config, make(makeScratch()))
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd()),
      stderr,
    ).toEqual(lines)
    expect(status).toBe(0)
  })
}
