/** The net under the libc names: what reaches a device by a way that asks libc for nothing is carried out as well. */
import { execFileSync } from 'node:child_process'
import { statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configOf } from '../support/configs.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const path = '/dev/sensor0'
const { models } = configOf('axil_ram')
const config = { models, devices: { sensor: { kind: 'char' as const, path, size: 0x1000, model: 'dut' } } }

function pastLibc(way: string) {
  return runHost(makeScratch(), config, [host('past_libc'), way, path])
}

function shell(script: string) {
  return runHost(makeScratch(), config, ['bash', '-c', script])
}

const hasPreinit = `#include <stdio.h>
static void before(int count) { printf("preinit %d\\n", count); }
__attribute__((section(".preinit_array"), used)) static void (*const entry)(int) = before;
`
const tellsArguments = `#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void start(int count, char **words) {
  printf("constructor %d %s %s %s\\n", count, words[1], getenv("NAMED"), program_invocation_short_name);
}
`

describe('a program', () => {
  it('that has system calls of its own', async () => {
    const { stdout, log } = await pastLibc('instructions')
    expect(stdout).toBe('pwrite 4\npreadv 4: 11223344\nmapped 11223344 55667788\ninto it 4\nunmapped, 1 is memory\n')
    expect(log.map(toWords)).toEqual([
      'write sensor+0x8 4 B = 0x11223344',
      'read sensor+0x8 4 B = 0x11223344',
      'write sensor+0xc 4 B = 0x55667788',
      'read sensor+0x8 4 B = 0x11223344',
      'read sensor+0xc 4 B = 0x55667788',
      'write sensor+0x0 4 B = 0x64636261',
    ])
  })

  it('whose calls come on small stacks', async () => {
    const timer = { kind: 'uio' as const, model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' }
    const models = { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } }
    const program = [host('raw_on_small_stack'), '/dev/uio0']
    const { stdout, stderr } = await runHost(makeScratch(), { models, devices: { timer } }, program)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length, stderr).toBe(14)
    expect(lines.filter((line) => !line.endsWith(': well'))).toEqual([])
  })

  it('that looks at what it holds, and lets it go', async () => {
    const { stdout, stderr } = await pastLibc('descriptors')
    expect(stdout).toBe('mode 1, kind 20000, removed EPERM, 0 more descriptors\n')
    expect(stderr).toMatch(/\/dev\/sensor0/)
  })

  it('that calls libc by a handle of it', async () => {
    const { stdout } = await pastLibc('handle')
    expect(stdout).toBe('read 4: a1b2c3d4\nsyscall 4: a1b2c3d4\n')
  })

  it('whose threads do so at once', async () => {
    expect((await pastLibc('threads')).stdout).toBe('200 reads, 0 wrong\n')
  })

  it('that has blocked every signal', async () => {
    expect((await pastLibc('blocked')).stdout).toBe('read 4, SIGSEGV 1 SIGSYS 1 SIGTERM 1 blocked\n')
  })

  it('that asks its own epoll for a UIO device, which is never writable', async () => {
    const devices = { ...config.devices, uio0: { kind: 'uio' as const, maps: [{ size: 0x1000 }], model: 'dut' } }
    const program = [host('past_libc'), 'edges', '/dev/uio0']
    expect((await runHost(makeScratch(), { models, devices }, program)).stdout).toBe('added 0, ready 0\n')
  })

  it('and its children', async () => {
    expect((await pastLibc('children')).stdout).toBe('child 4\nparent 4 after 0\n')
  })

  it('whose child asks to be traced, as Go has it, and stops at its exec alone', async () => {
    const ended = await runHost(makeScratch(), config, [host('traced'), '/bin/true'], { longestMs: 60_000 })
    expect(ended.stdout).toBe('stopped by 5\nended with 0\n')
  })

  it('that has descriptors of devices by the hundred, each of which is watched', async () => {
    const script = `import ctypes, os, re, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
libc = ctypes.CDLL("libc.so.6")
files = [os.open(sys.argv[1], os.O_RDWR) for _ in range(1100)]
os.pwrite(files[0], bytes([1, 2, 3, 4]), 8)
room = ctypes.create_string_buffer(4)
print({libc.pread(file, room, 4, ctypes.c_long(8)) for file in files[::100] + files[-1:]}, room.raw)
print(int(re.search(r"filters:\\s*(\\d+)", open("/proc/self/status").read())[1]) < 64)`
    const { stdout, stderr } = await runHost(makeScratch(), config, ['python3', '-c', script, path])
    expect(stdout, stderr).toBe("{4} b'\\x01\\x02\\x03\\x04'\nTrue\n")
  })

  it('that handles SIGSYS', async () => {
    expect((await pastLibc('handler')).stdout).toBe('caught 31, handler 1, then open, errno 7\n')
  })
})

describe('code other than the program and libc', () => {
  const library = host('raw_calls.so')
  const ways: [string, string, Record<string, string>][] = [
    ['of a library that came with the program', 'library', { LD_PRELOAD: library }],
    ['of a library that it loads', 'library', { LIBRARY: library }],
    ['of one that it loads by its name', 'library', { LIBRARY: basename(library), LD_LIBRARY_PATH: dirname(library) }],
    ['that it maps itself', 'mapped code', {}],
  ]
  it.each(ways)('%s', async (_name, way, env) => {
    const { stdout, stderr, log } = await runHost(makeScratch(), config, [host('past_libc'), way, path], { env })
    expect(stdout, stderr).toBe('4 4: badcafe\n')
    expect(log.map(toWords)).toEqual(['write sensor+0x8 4 B = 0x0badcafe', 'read sensor+0x8 4 B = 0x0badcafe'])
  })

  it('of a library that a process before it has looked through, or that has taken the place of another', async () => {
    const scratch = makeScratch()
    const [program, place] = [`${host('past_libc')} library ${path}`, join(scratch.path, 'place.so')]
    const other = execFileSync('gcc', ['-print-file-name=libm.so.6'], { encoding: 'utf8' }).trim()
    const script = `LD_PRELOAD=${library} ${program}; LD_PRELOAD=${library} ${program}
      cp -L ${other} ${place}; LD_PRELOAD=${place} /bin/true
      cp --remove-destination ${library} ${place}; LD_PRELOAD=${place} ${program}`
    const { stdout, stderr } = await runHost(scratch, config, ['sh', '-c', script])
    expect(stdout, stderr).toBe('4 4: badcafe\n'.repeat(3))
  })
})

describe('constructors of libraries that come with a program', () => {
  const once = ['write sensor+0x8 4 B = 0x0badcafe', 'read sensor+0x8 4 B = 0x0badcafe']
  const main = 'int main(void) { return 0; }'

  async function start(library: string, device = path) {
    const scratch = makeScratch()
    const [source, program] = [scratch.write('main.c', main), join(scratch.path, 'program')]
    execFileSync('gcc', ['-o', program, source, '-Wl,--no-as-needed', library, `-Wl,-rpath,${dirname(library)}`])
    return runHost(scratch, config, [program], { env: { DEVICE: device } })
  }

  it('that make system calls by instructions of their own', async () => {
    const { stdout, stderr, log } = await start(host('at_start.so'))
    expect(stdout, stderr).toBe('4 4: badcafe\n')
    expect(log.map(toWords)).toEqual(once)
  })

  it('that ask libc by name, for a link to the device', async () => {
    const link = join(makeScratch().path, 'link')
    symlinkSync(path, link)
    const { stdout, stderr, log } = await start(host('named_at_start.so'), link)
    expect(stdout, stderr).toBe('4 4: badcafe\n')
    expect(log.map(toWords)).toEqual(once)
  })

  it('that find the arguments of the program, and its preinit functions run once before', async () => {
    const scratch = makeScratch()
    const [part, source] = [scratch.write('part.c', tellsArguments), scratch.write('main.c', `${hasPreinit}${main}`)]
    const [library, program] = [join(scratch.path, 'part.so'), join(scratch.path, 'program')]
    execFileSync('gcc', ['-shared', '-fPIC', '-o', library, part])
    execFileSync('gcc', ['-o', program, source, '-Wl,--no-as-needed', library, `-Wl,-rpath,${scratch.path}`])
    const { stdout } = await runHost(scratch, config, [program, 'word'], { env: { NAMED: 'variable' } })
    expect(stdout).toBe('preinit 2\nconstructor 2 word variable program\n')
  })
})

describe('what a shell has opened', () => {
  it('is read by programs from their standard input', async () => {
    const { stdout } = await shell(
      `printf '\\1\\2\\3\\4' > ${path}; od -An -tx1 -N4 < ${path}; head -c 4 < ${path} | od -An -tx1`,
    )
    expect(stdout).toBe(' 01 02 03 04\n 01 02 03 04\n')
  })

  it('is written by programs to their standard output', async () => {
    const { stdout } = await shell(`awk 'BEGIN { printf "abcd" }' > ${path}; dd if=${path} bs=4 count=1 status=none`)
    expect(stdout).toBe('abcd')
  })

  it('is their own, over any number of programs between', async () => {
    const { stdout } = await shell(`exec 7<>${path}; bash -c 'bash -c "printf wxyz >&7"'; head -c 4 ${path}`)
    expect(stdout).toBe('wxyz')
  })
})

it('the file that really is at the path of a device is never touched', async () => {
  const scratch = makeScratch()
  const file = join(scratch.folder(), 'device')
  writeFileSync(file, 'as it was')
  const before = statSync(file)
  const devices = { sensor: { ...config.devices.sensor, path: file } }
  for (const way of ['instructions', 'handle', 'threads', 'children'])
    await runHost(scratch, { models, devices }, [host('past_libc'), way, file])
  const after = statSync(file)
  expect([after.size, after.atimeMs, after.mtimeMs]).toEqual([before.size, before.atimeMs, before.mtimeMs])
})

it('--no-net leaves the program without a filter', async () => {
  const look = ['grep', 'Seccomp_filters', '/proc/self/status']
  const { stdout } = await runHost(makeScratch(), config, look)
  const without = await runHost(makeScratch(), config, look, { flags: ['--no-net'] })
  expect([stdout, without.stdout]).toEqual([
    expect.stringMatching(/^Seccomp_filters:\t[1-9]/),
    expect.stringMatching(/^Seccomp_filters:\t0/),
  ])
})

/** Each program behind the first would lie where the one before it did, whose filters name those places. */
it('programs that were to have the same addresses each time run, at others', async () => {
  const inner = [
    `cat ${path} | head -c 4`,
    "busybox sh -c 'echo; echo still'",
    `python3 -c 'import os; os.system("echo there")'`,
  ].join('; ')
  const { status, stdout, stderr } = await shell(
    `printf abcd > ${path}; exec setarch -R sh -c ${JSON.stringify(inner)}`,
  )
  expect(stdout, stderr).toBe('abcd\nstill\nthere\n')
  expect(status).toBe(0)
  expect(stderr.match(/addresses drawn anew/g)).toHaveLength(1)
})
