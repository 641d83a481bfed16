/**
 * A log of one variant of the RTL, made again on it and on another: the same answers, or the access that tells them
 * apart.
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { sampleFolder, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

const seeded = ['--seed', '1']

/** A timer that runs while its user sleeps. */
const program = [
  'sh',
  '-ec',
  `busybox devmem ${at(0x0)} 32 1; sleep 0.001; busybox devmem ${at(0x8)}; busybox devmem ${at(0xc)} 32 5; ` +
    `busybox devmem ${at(0xc)}`,
]

/** The variant counts by 2. */
function plantBug(scratch: Scratch): string {
  const good = readFileSync(sampleRtl('axil_timer'), 'utf8')
  const bad = good.replace("count_q + 32'(run_q)", "count_q + {30'b0, run_q, 1'b0}")
  expect(bad).not.toBe(good)
  return scratch.write('axil_timer.sv', bad)
}

async function record(scratch: Scratch) {
  const ended = await runHost(scratch, configOf('axil_timer'), program, { flags: seeded })
  expect(ended.status, ended.stderr).toBe(0)
  return { file: join(scratch.path, 'accesses.jsonl'), stdout: ended.stdout }
}

it('the same RTL gives the same answers in the same cycles, though time passed in between', async () => {
  const scratch = makeScratch()
  const { file: log, stdout } = await record(scratch)
  expect(Number(stdout.split('\n')[0])).toBeGreaterThan(100)
  const again = join(scratch.path, 'again.jsonl')
  const config = join(scratch.path, 'trapline.config.json')
  const replayed = await trapline(scratch, ['replay', '--config', config, ...seeded, '--log', again, log])
  expect(replayed.stdout + replayed.stderr).toMatch(/4 accesses of .*: every answer is the same, seed 1/)
  expect(replayed.status).toBe(0)
  const same = await trapline(scratch, ['diff', '--timing', log, again])
  expect([same.status, same.stdout]).toEqual([0, 'the same: 4 accesses\n'])
})

it('a recording is not emptied by its own replay', async () => {
  const scratch = makeScratch()
  const { file } = await record(scratch)
  const before = statSync(file).size
  const config = join(scratch.path, 'trapline.config.json')
  const { status, stderr } = await trapline(scratch, ['replay', '--config', config, '--log', file, file])
  expect([status, statSync(file).size]).toEqual([125, before])
  expect(stderr).toContain(`--log ${file} is the recording itself; name another file`)
})

it('the waveform around one access is made of the log alone', async () => {
  const scratch = makeScratch()
  const { file: log } = await record(scratch)
  const waves = join(scratch.path, 'waves.fst')
  const around = ['--config', join(scratch.path, 'trapline.config.json'), ...seeded, '--around']
  const made = await trapline(scratch, ['replay', ...around, '2', '--trace', waves, log])
  expect(made.status, made.stderr).toBe(0)
  const { file, excerpt } = JSON.parse(made.stdout) as { file: string; excerpt?: { signals: { name: string }[] } }
  expect(file).toBe(waves)
  expect(statSync(file).size).toBeGreaterThan(0)
  expect(excerpt?.signals.map(({ name }) => name)).toContain('araddr')
  const nowhere = await trapline(scratch, ['replay', ...around, '9', '--trace', waves, log])
  expect([nowhere.status, nowhere.stderr]).toEqual([125, `trapline: ${log} has no access 9 (--around)\n`])
  const nothing = await trapline(scratch, ['replay', ...around, '2', log])
  expect(nothing.stderr).toBe('trapline: --around names no file for its waveform: add --trace\n')
})

it('replay and diff name the first access that a planted bug changes', async () => {
  const [scratch, other] = [makeScratch(), makeScratch()]
  const { file: log } = await record(scratch)
  const variant = configOf({ top: 'axil_timer', sources: [plantBug(scratch)], includeDirs: [sampleFolder] })
  const bad = await runHost(other, variant, program, { flags: seeded })
  expect(bad.status, bad.stderr).toBe(0)

  const { status, stdout } = await trapline(scratch, ['diff', log, join(other.path, 'accesses.jsonl')])
  expect([status, stdout.split('\n')[0]]).toEqual([1, 'access 2 differs: value'])

  const config = ['--config', join(other.path, 'trapline.config.json'), ...seeded]
  const replayed = await trapline(scratch, ['replay', ...config, '--keep-going', log])
  expect(replayed.stdout).toMatch(
    /^access 2: read dut\+0x8 4 B: expected 0x[0-9a-f]{8}, got 0x[0-9a-f]{8}, cycles .*\n$/,
  )
  expect(replayed.status).toBe(1)

  const ignoring = await trapline(scratch, ['replay', ...config, '--ignore', 'dut+0x8', log])
  expect([ignoring.status, ignoring.stdout]).toEqual([0, ''])
})

it('an mmiotrace finds its device by address; one that is nowhere is named', async () => {
  const scratch = makeScratch()
  const config = ['--config', scratch.write('trapline.config.json', configOf('axil_timer'))]
  const trace = (address: string) => `VERSION 20070824\nR 4 1.000000 1 ${address} 0xffffffff 0x0 0\n`
  const here = await trapline(scratch, ['replay', ...config, scratch.write('here', trace(at(0xc)))])
  expect(here.status, here.stderr).toBe(0)
  const file = scratch.write('nowhere', trace('0x1000'))
  const nowhere = await trapline(scratch, ['replay', ...config, file])
  expect(nowhere.status).toBe(125)
  expect(nowhere.sentences).toContainEqual(
    `${file}:2: no device of the configuration is at 0x1000; there are dut at 0x43c00000+0x1000`,
  )
})
