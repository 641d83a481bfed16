/**
 * SIGINT and SIGTERM end a run in the middle of an access; so does the death of any part. How soon they do: `npm run
 * test:kill`.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { at, base, configOf, sampleModel } from '../support/configs.js'
import { processesOf, processorTicks, type RunProcess } from '../support/leftovers.js'
import { cache, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { parseLog, startTrapline, type Running } from '../support/trapline.js'

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

it('a signal while the log is being written ends it with the names that are known', async () => {
  const scratch = makeScratch()
  const tools = scratch.folder()
  const begun = join(scratch.path, 'begun')
  // It never answers, as on a debug file of gigabytes.
  writeFileSync(join(tools, 'addr2line'), `#!/bin/sh\n: > ${begun}\nexec sleep 1000000\n`, { mode: 0o755 })
  const config = scratch.write('c.json', configOf('axil_ram'))
  const log = join(scratch.path, 'log.jsonl')
  const program = [host('accesses'), '/dev/mem', String(base)]
  const run = startTrapline(scratch, ['run', '--config', config, '--log', log, '--', ...program], {
    env: { PATH: `${tools}:${process.env.PATH}` },
  })
  await vi.waitFor(() => expect(existsSync(begun)).toBe(true), { timeout: 400_000, interval: 20 })
  run.kill('SIGTERM')
  const { status, stderr } = await run.ended
  expect(status, stderr).toBe(143)
  const symbols = parseLog(readFileSync(log, 'utf8')).map(({ symbol }) => symbol)
  expect(symbols).toHaveLength(20)
  for (const symbol of symbols) expect(symbol).toMatch(/^round_trip\+0x[0-9a-f]+$/)
})
