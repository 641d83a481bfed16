/**
 * The time-stamp counter with virtual time: it shows simulated time, to all threads and programs of a run alike, and nobody
 * else sees how that is done. A program that stops waiting by it is in time.test.ts.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { host, sampleRtl } from '../support/places.js'
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
print(subprocess.run([sys.argv[1]]).returncode, subprocess.run(sys.argv[1], shell=True).returncode, os.system(sys.argv[1]))
print(subprocess.check_output(['busybox', 'echo', 'a']).decode(), os.popen('echo b').read(), sep='', end='')`
    const { lines } = await run(time, ['python3', '-c', script, join(scratch.path, 'plain')])
    expect(lines).toEqual(['0 0 0', 'a', 'b'])
  })
})

describe('virtual time', () => {
  it('has the rate that the clocks and CPUID say', async () => {
    expect((await looks('virtual', 'calibrate')).lines).toEqual(["rate is CPUID's"])
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
