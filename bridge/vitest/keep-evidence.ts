/** Keeps the evidence of a failed test in its folder and tells the reporter of it. */
import { join, relative } from 'node:path'
import type { RunnerTask } from 'vitest'
import { gatherEvidence, type Evidence } from '../regression/evidence.js'
import { openBench, type Bench } from './bench.js'
import { findBlamed } from './blame.js'
import { resultsDirectory, toFolderName } from '../regression/results-directory.js'
import { toRepeatCommand } from '../regression/seed.js'
import type { BenchSetup } from './setup.js'

/** What a test with a bench tells the reporter. */
export interface TestEvidence {
  seed: number
  masterSeed: number
  repeat?: string
  /** Relative to the results' folder. */
  folder?: string
  evidence?: Evidence
  problem?: string
}

declare module 'vitest' {
  interface TaskMeta {
    trapline?: TestEvidence
  }
}

type OpenedBench = { bench: Bench; setup: BenchSetup }

/** Of several benches the one that something is known of speaks for the test. */
export async function keepEvidence(task: RunnerTask, benches: OpenedBench[], meta: TestEvidence): Promise<void> {
  const opened = benches.find(({ bench }) => bench.failure ?? findBlamed(bench.accesses)) ?? benches[0]
  const file = relative(process.cwd(), task.file.filepath)
  meta.repeat = toRepeatCommand(meta.masterSeed, file, toTitle(task))
  if (!opened) return
  const { bench, setup } = opened
  const name = toFolderName(file, toTitle(task))
  meta.folder = name
  meta.evidence = await gatherEvidence({
    folder: join(resultsDirectory(), name),
    bridge: bench.bridge,
    output: bench.output,
    blamed: findBlamed(bench.accesses),
    openTraced: (trace) => openTraced(setup, bench.seed, trace),
  })
  console.error(toNote(meta))
}

/** Where the failed bench began. */
async function openTraced(setup: BenchSetup, seed: number, trace: string) {
  const { warmUp, ...rest } = setup
  const traced = await openBench({ ...rest, seed, trace, tracesFromStart: false, comparesGoldens: false })
  await warmUp?.(traced)
  return traced.bridge
}

/** The title by which vitest's `-t` knows a test. */
function toTitle(task: RunnerTask): string {
  return task.suite ? `${toTitle(task.suite)} ${task.name}` : task.name
}

function toNote({ seed, repeat, folder, evidence }: TestEvidence): string {
  const access = evidence?.failingAccess && `access ${evidence.failingAccess.seq}: ${evidence.failingAccess.message}`
  const lines = [`seed ${seed}`, access, `evidence: ${join(resultsDirectory(), folder ?? '')}`]
  const waves = evidence?.waves ? `waves: ${evidence.waves.command}` : evidence?.properties.waves
  return [...lines, waves, `repeat: ${repeat}`].filter(Boolean).join('\n')
}
