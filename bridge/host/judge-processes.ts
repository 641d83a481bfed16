/** What Trapline itself ended is never green: the verdict on processes other than the host program. */
import type { Log } from '../ground/log.js'
import { killLeftovers } from './leftovers.js'
import { readLedger } from '../run/ledger.js'
import type { Outcome } from './supervise-host.js'

export interface JudgedRun {
  runDirectory: string
  /** The host program itself, whose end is known by its exit status. */
  pid: number
  log: Log
}

/** Ends what has slipped from its keeper, and names it and each process that the agent ended. */
export function judgeProcesses(outcome: Outcome, { runDirectory, pid, log }: JudgedRun): Outcome {
  const leftovers = killLeftovers(runDirectory).map((left) => `${left} was ended by Trapline: it outlived its run`)
  const { ends, ended, problem } = readLedger(runDirectory)
  const others = ends.filter((end) => end.pid !== pid).map(({ sentence }) => sentence)
  const rest = ended > ends.length ? [`${ended - ends.length} more processes were ended by Trapline`] : []
  const sentences = [...leftovers, ...others, ...rest, ...(problem === undefined ? [] : [problem])]
  for (const sentence of sentences) log.error(sentence)
  if (outcome.failure !== undefined) return outcome
  const own = ends.find((end) => end.pid === pid && outcome.exitStatus === 125)
  const failure = sentences[0] ?? own?.sentence
  return failure === undefined ? outcome : { ...outcome, exitStatus: 125, failure }
}
