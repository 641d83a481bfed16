/** A single-threaded program gives the same log every time, simulated times included, but for pid, tid and pc. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeAccessLog } from '../../bridge/regression/write-access-log.js'
import { openBench } from '../../bridge/vitest/bench.js'
import { at, base, configOf } from '../support/configs.js'
import { cache, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const runs = 100
const ram = configOf('axil_ram')

function withoutIdentity(logText: string): string {
  return logText.replace(/"(pid|tid)":\d+/g, '"$1":0').replace(/"pc":"0x[0-9a-f]+"/g, '"pc":""')
}

async function logOf(seed: number, program: string[], config = ram): Promise<string> {
  const { status, stderr, logText } = await runHost(makeScratch(), config, program, { flags: ['--seed', `${seed}`] })
  expect(status, stderr).toBe(0)
  return withoutIdentity(logText)
}

/** The same without a command line around it. */
async function logOfBench(seed: number, [program = '', ...args]: string[]): Promise<string> {
  const file = join(makeScratch().path, 'accesses.jsonl')
  await using bench = await openBench({ config: ram, seed })
  await bench.run(program, args)
  await bench.stop()
  await writeAccessLog(bench.bridge, file)
  return withoutIdentity(readFileSync(file, 'utf8'))
}

it(`${runs} runs give byte-identical logs`, async () => {
  process.env.TRAPLINE_CACHE = cache
  const program = [host('accesses'), '/dev/mem', String(base)]
  const first = await logOf(7, program)
  expect(first.split('\n').length).toBe(21)
  expect(await logOf(7, program)).toBe(first)
  for (let run = 2; run < runs; run++) expect(await logOfBench(7, program)).toBe(first)
})

it('what the RTL leaves undefined at power-up comes from the seed', async () => {
  const program = ['busybox', 'devmem', at(0x40), '64']
  const [one, again, other] = [await logOf(1, program), await logOf(1, program), await logOf(2, program)]
  expect(again).toBe(one)
  expect(other).not.toBe(one)
})
