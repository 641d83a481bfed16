/** What Trapline itself ended is never green: the verdict on processes other than the host program. */
import type { Log } from '../ground/log.js'
import { killLeftovers } from './leftovers.js'
import { readLedger } from '../run/ledger.js'
import type { Outcome } from './supervise-host.js'

export interface JudgedRun {
  runDirectory: string
  /** The host program itself, whose end is known by its exit status. */
  pid: number
  /** What is not carried out is said, and fails nothing. */
  tolerant: boolean
  log: Log
}

/**
 * Ends what has slipped from its keeper, and names it, each process that the agent ended, and what of theirs was not
 * carried out.
 */
export function judgeProcesses(outcome: Outcome, { runDirectory, pid, tolerant, log }: JudgedRun): Outcome {
  const leftovers = killLeftovers(runDirectory).map((left) => `${left} was ended by Trapline: it outlived its run`)
  const sentences = [...leftovers, ...endedByAgent(runDirectory, (one) => one !== pid)]
  for (const sentence of sentences) log.error(sentence)
  const undone = toUndone(runDirectory, tolerant)
  // The agent has said it already, where it happened.
  if (undone !== undefined) log.error(undone)
  if (outcome.failure !== undefined) return outcome
  const own = outcome.exitStatus === 125 ? endedByAgent(runDirectory, (one) => one === pid) : []
  const failure = sentences[0] ?? own[0] ?? undone
  return failure === undefined ? outcome : { ...outcome, exitStatus: 125, failure }
}

/** Why a run does not pass in which a device was used in a way that hardware has and Trapline has not. */
export function toUndone(runDirectory: string, tolerant: boolean): string | undefined {
  const [first] = tolerant ? [] : readLedger(runDirectory).undone
  return first === undefined ? undefined : `${first} (--tolerant lets such a run pass)`
}

/**
 * A sentence for each process that the agent ended, of those that are asked for. Of the many that the ledger has no
 * room for, and of all where it is lost, nobody knows whether they are: they count.
 */
export function endedByAgent(runDirectory: string, isAskedFor: (pid: number) => boolean): string[] {
  const { ends, ended, problem } = readLedger(runDirectory)
  const named = ends.filter(({ pid }) => isAskedFor(pid)).map(({ sentence }) => sentence)
  const rest = ended > ends.length ? [`${ended - ends.length} more processes were ended by Trapline`] : []
  return [...named, ...rest, ...(problem === undefined ? [] : [problem])]
}
