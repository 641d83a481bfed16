/** Keeps the evidence of an attempt that failed, and says where it is. */
import { toMessage } from '../ground/errors.js'
import { gatherEvidence } from '../regression/evidence.js'
import { toNote } from '../regression/note.js'
import { resultSchema } from '../regression/result.js'
import { toVisibleLines } from '../ground/visible.js'
import type { TestAttempt, TestEvidence } from './attempts.js'
import { openBench, type Bench } from './bench.js'
import { findBlamed } from './blame.js'
import type { BenchSetup } from './setup.js'
import { beforeWorkerEnds, workerEnd } from './worker-end.js'

type OpenedBench = { bench: Bench; setup: BenchSetup }

/** Of several benches the one that something is known of speaks for the test. The benches have been stopped. */
export async function keepEvidence(attempt: TestAttempt, benches: OpenedBench[], meta: TestEvidence): Promise<void> {
  const opened =
    benches.find(({ bench }) => bench.failure ?? bench.bridge.monitor.fatal ?? findBlamed(bench.accesses)) ?? benches[0]
  if (!opened) return
  try {
    attempt.addEvidence(await beforeWorkerEnds(gather(attempt, opened)))
  } catch (error) {
    attempt.addEvidence({ output: opened.bench.output, properties: { evidence: `none: ${toMessage(error)}` } })
  }
  console.error(toVisibleLines(say(attempt, meta)))
}

function gather(attempt: TestAttempt, { bench, setup }: OpenedBench) {
  return gatherEvidence({
    folder: attempt.folder,
    bridge: bench.bridge,
    output: bench.output,
    blamed: findBlamed(bench.accesses),
    openTraced: (trace) => openTraced(setup, bench.seed, trace),
    abort: workerEnd(),
  })
}

/** Where the failed bench began. */
async function openTraced(setup: BenchSetup, seed: number, trace: string) {
  const { warmUp, ...rest } = setup
  const traced = await openBench({
    ...{ ...rest, seed, trace, comparesGoldens: false },
    recording: { tracesFromStart: false },
  })
  await warmUp?.(traced)
  return traced.bridge
}

/** What is said of this attempt, whatever came before it. */
function say(attempt: TestAttempt, { seed, repeat, attempts = [] }: TestEvidence): string {
  const { status = 'failed', attempt: number = 1, ...own } = attempts.at(-1) ?? {}
  const result = resultSchema.parse({
    ...{ format: 'trapline-result-1', suite: '-', test: '-', status, startedAt: new Date().toISOString() },
    ...{ durationMs: 0, seed, repeat, ...own, properties: attempt.evidence?.properties },
  })
  const note = toNote({ result, directory: attempt.folder })
  return [...(number > 1 ? [`attempt ${number}`] : []), ...note].join('\n')
}
