/**
 * SIGINT and SIGTERM end a run in the middle of an access; so does the death of any part. How soon they do: `npm run
 * test:kill`.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { at, configOf, sampleModel } from '../support/configs.js'
import { processesOf, processorTicks, type RunProcess } from '../support/leftovers.js'
import { cache } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, type Running } from '../support/trapline.js'

const stuck = configOf(sampleModel('axil_stuck', { Channel: 'R' }))
/** Further away than any test waits. */
const budget = String(Number.MAX_SAFE_INTEGER)

function find(run: Running, isIt: (process: RunProcess) => boolean): RunProcess {
  const found = processesOf(run.temporary).find(isIt)
  if (!found) throw new Error(`not there yet`)
  return found
}

const findModel = (run: Running) => find(run, ({ executable }) => executable.startsWith(cache))
const findHost = (run: Running) => find(run, ({ command }) => command.startsWith('busybox devmem'))

/** A run whose host waits for RVALID, which never comes. */
async function startHanging(...flags: string[]) {
  const scratch = makeScratch()
  const config = scratch.write('c.json', stuck)
  const program = ['busybox', 'devmem', at(0x10)]
  const run = startTrapline(scratch, ['run', '--config', config, '--max-cycles', budget, ...flags, '--', ...program])
  // Time stands still but for the access, so a model that has computed for a while is in the midst of it.
  const isBusy = () => expect(findHost(run) && processorTicks(findModel(run).pid)).toBeGreaterThan(20)
  await vi.waitFor(isBusy, { timeout: 400_000, interval: 20 })
  return { run, scratch }
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s', async (signal, expected) => {
  const { run } = await startHanging()
  run.kill(signal)
  const { status } = await run.ended
  expect(status).toBe(expected)
})

it('a waveform survives SIGTERM', async () => {
  const { run, scratch } = await startHanging('--trace', 'waves.fst')
  run.kill('SIGTERM')
  await run.ended
  const text = execFileSync('sh', ['-c', 'fst2vcd "$1" | head -c 1000000', 'sh', join(scratch.path, 'waves.fst')])
  expect(text.toString()).toMatch(/^#\d+$/m)
})

it('a killed model ends the run with its cause', async () => {
  const { run } = await startHanging()
  process.kill(findModel(run).pid, 'SIGKILL')
  const { status, sentences } = await run.ended
  expect(status).toBe(125)
  expect(sentences.join('\n')).toMatch(/model dut was killed by SIGKILL/)
})

it('a killed host ends the run with its status', async () => {
  const { run } = await startHanging()
  process.kill(findHost(run).pid, 'SIGKILL')
  const { status } = await run.ended
  expect(status).toBe(137)
})

it('a killed bridge takes host and model with it', async () => {
  const { run } = await startHanging()
  run.kill('SIGKILL')
  expect((await run.ended).status).toBe(137)
})
