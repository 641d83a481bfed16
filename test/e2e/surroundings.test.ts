/** What the machine does to a run that is none of its business: full disks, closed streams, clocks that jump. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { at, base, configOf, sampleModel } from '../support/configs.js'
import { openPipe } from '../support/pipes.js'
import { cache, host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, startTrapline, trapline } from '../support/trapline.js'

const regs = configOf('axil_regs')
const program = ['busybox', 'devmem', at(0x4)]
const id = '0x54524150\n'

/** Runs a shell script, then the command line; `$1` of the script is a folder of the test. */
function behind(script: string, folder: string): string[] {
  return ['sh', '-c', `folder=$1; shift; ${script}; exec "$@"`, 'sh', folder]
}

/** The same with mounts of its own, which takes no privileges where the machine lets users have namespaces. */
function mounted(script: string, folder: string): string[] {
  return ['unshare', '--user', '--map-root-user', '--mount', ...behind(`${script} || exit 99`, folder)]
}
const canMount = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0

function smallDisk(size: string): string {
  return `mount -t tmpfs -o size=${size} tmpfs "$folder"`
}

describe.skipIf(!canMount)('disks (needs user namespaces)', () => {
  it('no room to build', async () => {
    const scratch = makeScratch()
    const folder = scratch.folder()
    const config = scratch.write('c.json', regs)
    const wrapper = mounted(smallDisk('512k'), folder)
    const env = { TRAPLINE_CACHE: folder }
    const { status, sentences } = await trapline(scratch, ['build', '--config', config], { wrapper, env })
    expect(sentences.join('\n')).toMatch(
      /the disk of the build cache is full|the build cache can't be written .*ENOSPC/,
    )
    expect(sentences.join('\n')).toMatch(/set TRAPLINE_CACHE (or TMPDIR )?to a directory/)
    expect(status).toBe(125)
  })

  it('no room for the access log while it grows', async () => {
    const scratch = makeScratch()
    const folder = scratch.folder()
    await runHost(scratch, regs, program)
    const config = scratch.write('c.json', regs)
    const flags = ['--config', config, '--log', join(scratch.path, 'log.jsonl')]
    const options = { wrapper: mounted(`${smallDisk('256k')} && export TMPDIR=$folder`, folder) }
    const loop = [host('loop'), '/dev/mem', `${base}`, '4', '5000']
    const { status, stderr } = await trapline(scratch, ['run', ...flags, '--', ...loop], options)
    expect(stderr).toMatch(/the access log .* can't be written: No space left on device/)
    expect(stderr).toMatch(/^trapline: model dut ended by itself with exit status 2$/m)
    expect(status).toBe(125)
  })

  it('no room for the waveform', async () => {
    const scratch = makeScratch()
    const folder = scratch.folder()
    const config = scratch.write('c.json', regs)
    const flags = ['--config', config, '--trace', join(folder, 'waves.fst')]
    await trapline(scratch, ['build', '--config', config, '--trace'])
    const wrapper = mounted(smallDisk('8k'), folder)
    const loop = [host('loop'), '/dev/mem', `${base}`, '4', '2000']
    const { status, sentences } = await trapline(scratch, ['run', ...flags, '--', ...loop], { wrapper })
    expect(sentences.join('\n')).toMatch(/the waveform .*waves.fst is cut; is its disk full\?/)
    expect(status).toBe(125)
  })

  it('a cache that is read only: a model that stands there runs, another says what to do', async () => {
    const scratch = makeScratch()
    await runHost(scratch, regs, program)
    const wrapper = mounted('mount --bind "$folder" "$folder" && mount -o remount,bind,ro "$folder"', cache)
    expect(await runHost(scratch, regs, program, { wrapper })).toMatchObject({ status: 0, stdout: id })
    const other = configOf(sampleModel('axil_regs', { Id: 0x1234_0000 + process.pid }))
    const config = scratch.write('other.json', other)
    const { status, sentences } = await trapline(scratch, ['build', '--config', config], { wrapper })
    expect(sentences.at(-1)).toMatch(
      /the build cache can't be written at .* \(EROFS\); set TRAPLINE_CACHE to a directory/,
    )
    expect(status).toBe(125)
  })
})

describe('outputs that take nothing', () => {
  const run = (scratch: Scratch, ...flags: string[]) =>
    trapline(scratch, ['run', '--config', scratch.write('c.json', regs), ...flags, '--', ...program])

  it('the access log: what there is of it is kept', async () => {
    const { status, stderr, stdout } = await runKeeping('--log')
    expect(stderr).toMatch(/^trapline: the access log \/dev\/full can't be written \(ENOSPC/m)
    expect({ status, stdout }).toEqual({ status: 125, stdout: id })
  })

  /** The folder that is kept is the evidence; it goes away here. */
  async function runKeeping(flag: string) {
    const scratch = makeScratch()
    const kept = scratch.folder()
    const wrapper = behind('export TMPDIR=$folder', kept)
    const config = scratch.write('c.json', regs)
    return await trapline(scratch, ['run', '--config', config, flag, '/dev/full', '--', ...program], { wrapper })
  }

  it('the report', async () => {
    const { status, sentences } = await run(makeScratch(), '--report', '/dev/full')
    expect(sentences.at(-1)).toMatch(/^the report \/dev\/full can't be written \(ENOSPC/)
    expect(status).toBe(125)
  })

  it.each([
    ['list', []],
    ['serve', ['--listen', '127.0.0.1:0']],
  ])('stdout of %s', async (command, flags) => {
    const scratch = makeScratch()
    const args = [command, '--config', scratch.write('c.json', regs), ...flags]
    const { status, sentences } = await trapline(scratch, args, { wrapper: behind('exec > /dev/full', '') })
    expect(sentences).toEqual(["stdout can't be written (ENOSPC); send it elsewhere"])
    expect(status).toBe(125)
  })

  it('the place of run directories', async () => {
    const scratch = makeScratch()
    const args = ['run', '--config', scratch.write('c.json', regs), '--', ...program]
    const { status, sentences } = await trapline(scratch, args, { wrapper: behind('export TMPDIR=/proc', '') })
    expect(sentences).toEqual([expect.stringMatching(/^no run directory can be made in \/proc .*set TMPDIR/)])
    expect(status).toBe(125)
  })
})

describe('stdout is a pipe', () => {
  function prepare(command: string) {
    const scratch = makeScratch()
    const log = scratch.write('log.jsonl', '')
    const args = { list: ['--config', scratch.write('c.json', regs)], diff: [log, log] }[command] ?? []
    return { scratch, pipe: openPipe(scratch), args: [command, ...args] }
  }

  it.each(['list', 'diff', 'doctor', '--help', '--version'])('%s: its reader has gone', async (command) => {
    const { scratch, pipe, args } = prepare(command)
    pipe.close()
    const wrapper = ['sh', '-c', 'exec 3<> "$0"; exec > "$0"; exec 3<&-; exec "$@"', pipe.path]
    const { status, sentences } = await trapline(scratch, args, { wrapper })
    expect([status, sentences]).toEqual([125, ["stdout can't be written (EPIPE); keep its reader open"]])
  })

  it.each(['list', '--help'])('%s: its reader takes its time', async (command) => {
    const { scratch, pipe, args } = prepare(command)
    onTestFinished(() => pipe.close())
    const { stdout } = await trapline(scratch, args)
    pipe.fill()
    const running = startTrapline(scratch, args, { wrapper: ['sh', '-c', 'exec "$@" > "$0"', pipe.path] })
    let read = ''
    await expect.poll(() => (read += pipe.read()), { timeout: 60_000 }).toMatch(/^x+[^x]/)
    const { status, sentences } = await running.ended
    expect([status, sentences]).toEqual([0, []])
    expect((read + pipe.read()).replace(/^x+/, '')).toBe(stdout)
  })
})

it.each([
  ['stdin', 'exec <&-', id],
  ['stdout', 'exec >&-', ''],
  ['stderr', 'exec 2>&-', id],
  ['all of them', 'exec <&- >&- 2>&-', ''],
])('a run with %s closed goes on as ever', async (_name, script, stdout) => {
  const { status, log, ...ended } = await runHost(makeScratch(), regs, program, { wrapper: behind(script, '') })
  expect({ status, stdout: ended.stdout }).toEqual({ status: 0, stdout })
  expect(log).toMatchObject([{ op: 'read', data: '0x54524150' }])
})

/** Every answer is a day off, now one way, now the other. */
const jumping = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long jump(void) {
  static long calls;
  return (__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) % 2 ? 1 : -1) * 86400L;
}
int clock_gettime(clockid_t id, struct timespec *now) {
  int result = (int)syscall(SYS_clock_gettime, id, now);
  if (id == CLOCK_REALTIME) now->tv_sec += jump();
  return result;
}
int gettimeofday(struct timeval *now, void *zone) {
  int result = (int)syscall(SYS_gettimeofday, now, zone);
  now->tv_sec += jump();
  return result;
}
`

it('the clock of the machine jumps', async () => {
  const scratch = makeScratch()
  const library = join(scratch.path, 'jump.so')
  execFileSync('gcc', ['-shared', '-fPIC', '-o', library, scratch.write('jump.c', jumping)])
  const env = { LD_PRELOAD: library }
  const { status, stdout, log } = await runHost(scratch, regs, program, { env })
  expect({ status, stdout }).toEqual({ status: 0, stdout: id })
  expect(log).toHaveLength(1)
})

describe('few open files', () => {
  it.each([24, 63])('%d', async (limit) => {
    const scratch = makeScratch()
    const wrapper = behind(`ulimit -n ${limit}`, '')
    const args = ['run', '--config', scratch.write('c.json', regs), '--', ...program]
    const { status, stdout, stderr } = await trapline(scratch, args, { wrapper })
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' })
    expect(stderr).toMatch(
      new RegExp(`^trapline: only ${limit} files may be open .* raise the limit: ulimit -n 1024\n$`),
    )
  })

  it('enough for one model, but not for all', async () => {
    const scratch = makeScratch()
    const names = Array.from({ length: 12 }, (_, i) => `m${i}`)
    const { models, devices } = regs
    const config = scratch.write('c.json', {
      models: Object.fromEntries(names.map((name) => [name, models.dut])),
      devices: Object.fromEntries(
        names.map((name, i) => [name, { ...devices.dut, base: base + i * 0x1000, model: name }]),
      ),
    })
    const args = ['run', '--config', config, '--', ...program]
    const { status, stderr } = await trapline(scratch, args, { wrapper: behind('ulimit -n 64', '') })
    expect(status).toBe(125)
    expect(stderr).toMatch(
      /^trapline: \d+ of at most 64 files are open, which leaves too few for model m\d; raise [^\n]*\n$/m,
    )
    expect(stderr).not.toMatch(/internal error|\bat \S+:\d+/)
  })
})

it('a TMPDIR that is relative is one folder, wherever programs go', async () => {
  const scratch = makeScratch()
  const wrapper = behind('mkdir r; export TMPDIR=r', '')
  const { status, stdout } = await runHost(scratch, regs, ['sh', '-c', `cd / && ${program.join(' ')}`], { wrapper })
  expect({ status, stdout }).toEqual({ status: 0, stdout: id })
  expect(readdirSync(join(scratch.path, 'r'))).toEqual([])
})

it('a TMPDIR whose path leaves no room for sockets stays that of programs', async () => {
  const scratch = makeScratch()
  const deep = join(scratch.path, 'd'.repeat(60), 'e'.repeat(60))
  const wrapper = behind('mkdir -p "$folder"; export TMPDIR="$folder"', deep)
  const script = `echo $TMPDIR $TRAPLINE_RUN_DIR; ${program.join(' ')}`
  const { status, stdout, stderr } = await runHost(scratch, regs, ['sh', '-c', script], { wrapper })
  const [, temporary, runDirectory = ''] = /^(\S+) (\S+)\n/.exec(stdout) ?? []
  expect({ status, stdout, temporary }, stderr).toMatchObject({ status: 0, temporary: deep })
  expect(stdout).toContain(id)
  expect(runDirectory).toMatch(/^\/tmp\/trapline-/)
  expect([readdirSync(deep), existsSync(runDirectory)]).toEqual([[], false])
})

it.each([
  ['--listen', ['serve']],
  ['--bridge', ['run', '--', 'true']],
])('an address whose path is cut by the kernel is refused: %s', async (flag, [command = '', ...program]) => {
  const scratch = makeScratch()
  const long = `unix:/${'x'.repeat(107)}`
  const config = command === 'serve' ? ['--config', scratch.write('c.json', regs)] : []
  const { status, sentences } = await trapline(scratch, [command, ...config, flag, long, ...program])
  expect(sentences.at(-1)).toMatch(/^--\w+: \/x+ is too long a path for a socket \(108 of at most 107 bytes\); choose/)
  expect(status).toBe(125)
})

it.each(['run', 'build', 'serve'])('a working directory that is gone: %s', async (command) => {
  const scratch = makeScratch()
  const args = [command, '--config', scratch.write('c.json', regs), ...(command === 'run' ? ['--', ...program] : [])]
  const wrapper = behind('mkdir g; cd g; rmdir ../g', '')
  const { status, stderr } = await trapline(scratch, args, { wrapper })
  expect(status).toBe(125)
  expect(stderr).toBe('trapline: the working directory does not exist any more; change to one that does\n')
})

it('two builds of one model at once: both end well, one model stands', async () => {
  const scratch = makeScratch()
  const model = sampleModel('axil_regs', { Id: 0x2345_0000 + (process.pid % 0x10000) })
  const config = scratch.write('c.json', configOf(model))
  const runs = [1, 2].map(() => startTrapline(scratch, ['run', '--config', config, '--', ...program]).ended)
  const [one, other] = await Promise.all(runs)
  expect([one?.status, other?.status]).toEqual([0, 0])
  expect(one?.stdout).toMatch(/^0x2345/)
  expect(other?.stdout).toBe(one?.stdout)
})
