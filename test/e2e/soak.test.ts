/**
 * A long run does not grow, and loses or doubles no access: the RTL counts them, the numbers of the log have no gap,
 * and bridge and agent refuse one that is not the next. `npm run soak -- ACCESSES` says how many; the table is printed.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { processesOf } from '../support/leftovers.js'
import { cache, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { parseLog, startTrapline, type Running } from '../support/trapline.js'

const accesses = Number(process.env.SOAK_ACCESSES ?? 100_000)
const mostLogged = 1_000_000
/** Far more than an access takes on any machine. */
const longestMs = 600_000 + accesses * 2
const eighths = 8

/** What may come after the first half: the garbage that a collector has not come to yet; nothing elsewhere. */
const mostGrowthKib = { host: 256, bridge: 32 * 1024, model: 256 }
type Part = keyof typeof mostGrowthKib
const parts = Object.keys(mostGrowthKib) as Part[]

type Sample = Record<Part | 'accesses', number>

/** Resident memory, in KiB (proc_pid_status(5)). */
function residentKib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1])
}

function sample(run: Running, done: number): Sample {
  const processes = processesOf(run.temporary)
  const model = processes.find(({ executable }) => executable.startsWith(cache))
  const program = processes.find(({ command }) => command.startsWith(host('soak')))
  return {
    accesses: done,
    host: residentKib(program?.pid ?? 0),
    bridge: residentKib(run.pid),
    model: residentKib(model?.pid ?? 0),
  }
}

function toTable(samples: Sample[]): string {
  const toLine = (cells: unknown[]) => cells.map((cell) => String(cell).padStart(12)).join('')
  const rows = samples.map((one) => toLine([one.accesses, ...parts.map((part) => one[part])]))
  return [toLine(['accesses', ...parts.map((part) => `${part} KiB`)]), ...rows].join('\n')
}

it(`${accesses} accesses`, { timeout: longestMs }, async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const [report, log] = [join(scratch.path, 'report.json'), join(scratch.path, 'accesses.jsonl')]
  const flags = ['--config', config, '--report', report, ...(accesses <= mostLogged ? ['--log', log] : [])]
  const program = [host('soak'), '/dev/mem', `${base}`, `${accesses}`]
  const run = startTrapline(scratch, ['run', ...flags, '--', ...program], { longestMs })
  // The last ones are printed by a program that may have ended when we look.
  const marks = Array.from({ length: eighths - 2 }, (_, i) => (accesses / eighths) * (i + 1))
  const samples = await Promise.all(
    marks.map((mark) => run.untilStdout(new RegExp(`^${mark}$`, 'm')).then(() => sample(run, mark))),
  )
  const { status, stderr } = await run.ended
  process.stdout.write(`${toTable(samples)}\n${stderr}`)
  expect(status, stderr).toBe(0)
  expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ accesses, errorCount: 0 })
  if (accesses <= mostLogged)
    expect(parseLog(readFileSync(log, 'utf8')).findIndex(({ seq }, i) => seq !== i + 1)).toBe(-1)

  const [middle, last] = [samples[Math.floor(samples.length / 2)] as Sample, samples.at(-1) as Sample]
  for (const part of parts) expect(last[part] - middle[part], part).toBeLessThan(mostGrowthKib[part])
})
