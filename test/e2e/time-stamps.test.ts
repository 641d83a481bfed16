/**
 * The time-stamp counter with virtual time: it shows simulated time, to all threads and programs of a run alike, and
 * nobody else sees how that is done.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const config: TraplineConfig = {
  models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}

async function run(time: 'real' | 'virtual', program: string[]) {
  const scratch = makeScratch()
  const report = join(scratch.path, 'report.json')
  const { status, stdout, stderr } = await runHost(scratch, { ...config, time }, program, {
    flags: ['--report', report],
  })
  expect(status, stderr).toBe(0)
  const { waitedPs } = JSON.parse(readFileSync(report, 'utf8')) as { waitedPs: string }
  return { lines: stdout.trimEnd().split('\n'), waitedUs: Number(waitedPs) / 1e6 }
}

/** What `hosts/time_stamps` and `hosts/time_stamp_signals` print. */
const looks = (time: 'real' | 'virtual', what: string) => run(time, [host('time_stamps'), what])
const signals = (time: 'real' | 'virtual', what: string) => run(time, [host('time_stamp_signals'), what])

describe.each(['real', 'virtual'] as const)('with %s time', (time) => {
  it('every form of both instructions counts', async () => {
    const { lines, waitedUs } = await looks(time, 'forms')
    expect(lines).toEqual([
      '0x0f, 0x31: well',
      '0x48, 0x0f, 0x31: well',
      '0x66, 0x0f, 0x31: well',
      '0x2e, 0xf3, 0x0f, 0x31: well',
      '0x0f, 0x01, 0xf9: well, with the processor',
      '0x48, 0x0f, 0x01, 0xf9: well, with the processor',
      'processor: well',
    ])
    if (time === 'real') expect(waitedUs).toBe(0)
    else expect(waitedUs).toBeGreaterThanOrEqual(8)
  })

  it('a program that asks for the signal gets it, and sees what it asked for', async () => {
    const signal = 'mode 2, code 128, address (nil)'
    expect((await signals(time, 'settings')).lines).toEqual([
      'at first: mode 1, counts',
      `asked for the signal: ${signal}`,
      `in a thread of its: ${signal}`,
      'asked for the counter: mode 1, counts',
      `asked by number: ${signal}`,
      'asked for nonsense: -1, Invalid argument',
      'asked for nowhere: -1, Bad address',
      'asked for something else: 1',
    ])
  })

  it('other faults of the kind are the program’s', async () => {
    expect((await signals(time, 'faults')).lines).toEqual([
      'hlt: code 128, address (nil), there',
      'far: code 128, address (nil), there',
    ])
  })

  it('the vDSO and threads of libc’s own reckon with the true counter', async () => {
    expect((await signals(time, 'vdso')).lines).toEqual(['vdso: as the kernel'])
    expect((await signals(time, 'helpers')).lines).toEqual(["aio: 1 byte 'x'"])
  })

  it('static programs and those of other languages are started as ever', async () => {
    const scratch = makeScratch()
    const source = '#include <x86intrin.h>\nint main(void) { return __rdtsc() == 0; }\n'
    execFileSync('gcc', ['-static', '-x', 'c', '-o', join(scratch.path, 'plain'), '-'], { input: source })
    const script = `import os, subprocess, sys
own = sys.argv[1]
print(subprocess.run([own]).returncode, subprocess.run(own, shell=True).returncode, os.system(own))
print(subprocess.check_output(['busybox', 'echo', 'a']).decode(), os.popen('echo b').read(), sep='', end='')`
    const { lines } = await run(time, ['python3', '-c', script, join(scratch.path, 'plain')])
    expect(lines).toEqual(['0 0 0', 'a', 'b'])
  })
})

/** Their threads block all signals by system calls of their own. */
describe('programs whose counter stays real', () => {
  const sees = 'counts, and starts programs\n'

  it('with ThreadSanitizer', async () => {
    const scratch = makeScratch()
    const source = `#include <pthread.h>
#include <stdlib.h>
#include <x86intrin.h>
static void *look(void *seen) { *(unsigned long long *)seen = __rdtsc(); return seen; }
int main(void) {
  unsigned long long seen = 0;
  pthread_t thread;
  pthread_create(&thread, NULL, look, &seen);
  pthread_join(thread, NULL);
  return seen == 0 || system("echo counts, and starts programs");
}
`
    const program = join(scratch.path, 'racer')
    execFileSync('gcc', ['-fsanitize=thread', '-x', 'c', '-o', program, '-'], { input: source })
    const { status, stdout } = await runHost(scratch, { ...config, time: 'virtual' }, [program])
    expect([status, stdout]).toEqual([0, sees])
  })

  it.skipIf(spawnSync('go', ['version']).status !== 0)('with Go in them', async () => {
    const scratch = makeScratch()
    const source = scratch.write(
      'starter.go',
      `package main
// #include <x86intrin.h>
// static unsigned long long look(void) { return __rdtsc(); }
import "C"
import ("os"; "os/exec")
func main() {
  said, err := exec.Command("echo", "counts, and starts programs").Output()
  if err != nil || C.look() == 0 { os.Exit(1) }
  os.Stdout.Write(said)
}
`,
    )
    const program = join(scratch.path, 'starter')
    const settings = { GOCACHE: join(root, 'build/test/go'), GO111MODULE: 'off', GOFLAGS: '', CGO_ENABLED: '1' }
    execFileSync('go', ['build', '-o', program, source], { env: { ...process.env, ...settings }, stdio: 'pipe' })
    const { status, stdout } = await runHost(scratch, { ...config, time: 'virtual' }, [program])
    expect([status, stdout]).toEqual([0, sees])
  })
})

describe('virtual time', () => {
  it('has the rate that the clocks and CPUID say', async () => {
    expect((await looks('virtual', 'calibrate')).lines).toEqual(["rate is CPUID's"])
  })

  it.each([
    ['is not over before the device is ready', 8, 'ready', 5],
    ['is over in time', 2, 'timeout', 2],
  ])('a timeout by the counter %s', async (_name, limitMs, verdict, endsMs) => {
    const fiveMs = 500_000
    const { lines } = await run('virtual', [
      ...[host('deadline'), '/dev/uio0', 'counter'],
      ...[fiveMs, limitMs, 1].map(String),
    ])
    const [, said, us] = /^(\w+) after (\d+) us/.exec(lines[0] ?? '') ?? []
    expect([said, Math.floor(Number(us) / 1000)]).toEqual([verdict, endsMs])
  })

  it('is in order for threads with all signals blocked, and for a child', async () => {
    expect((await looks('virtual', 'order')).lines).toEqual(['threads: 0 out of order; child: 0'])
  })

  it('reaches a timer by looks at the counter alone', async () => {
    expect((await looks('virtual', 'timer')).lines).toEqual(['timer: in time'])
  })

  it('passes in pauses that name a value of the counter', async () => {
    const { lines, waitedUs } = await looks('virtual', 'pauses')
    expect([lines, waitedUs]).toEqual([['tpause: 0', 'umwait: 0'], 2])
  })

  it('goes on in children, however they are started, and in who failed to start one', async () => {
    const { lines } = await looks('virtual', 'children')
    const microseconds = lines.map(Number)
    expect(microseconds).toHaveLength(2 * 12 + 1)
    expect(microseconds).toEqual([...new Set(microseconds)].sort((a, b) => a - b))
    expect(microseconds.at(-1)).toBeLessThan(1000)
  })
})
