/** What is said of a run at its end: a line on stderr, and the same as JSON. */
import { writeFileSync } from 'node:fs'
import type { WaitHistogram } from '../run/latency.js'
import type { LintFinding } from '../access/lint.js'
import type { Bridge } from '../assembly/bridge.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toCount, toTime } from '../ground/format.js'
import { usedModels } from '../config/used-models.js'
import type { RegisterCoverage } from '../registers/coverage.js'
import { readLedger } from '../run/ledger.js'
import type { Unpatched } from '../run/patches.js'
import type { Outcome } from '../host/supervise-host.js'
import { version } from '../ground/version.js'

export interface Summary {
  trapline: string
  program: string[]
  exitStatus: number
  failure: string | undefined
  seed: number
  accesses: number
  reads: number
  writes: number
  /** By which way accesses went, or to real devices; of those by gRPC, how many a mailbox was there for. */
  lanes: { grpc: number; shm: number; detours: number; hardware?: number }
  errors: { status: string; message: string }[]
  errorCount: number
  /** Accesses of the RTL to host memory that is not mapped, and those that had not come to their end. */
  dmaFaults: { count: number; first: string[]; unfinished: string[] }
  /** Present with poll acceleration: how often it acted, and cycles that it added. */
  polls: { count: number; cycles: number } | undefined
  /** Simulated time that passed while hosts waited or slept. */
  waitedPs: string
  wallMs: number
  /** How long the program waited for an access. */
  p50Us: number | undefined
  p99Us: number | undefined
  /** How much of that the bridge saw: from an access that came in to its answer. */
  bridgeP50Us: number | undefined
  bridgeP99Us: number | undefined
  models: ModelSummary[]
  log: string | undefined
  /** Present with `--patch`. */
  patches: { patched: number; unpatched: Unpatched[] } | undefined
  /** Present if the run was looked over by `--lint`. */
  lint: LintFinding[] | undefined
  /** Present where registers are described: what programs have touched of them. */
  registers: RegisterCoverage[] | undefined
  /** Sentences about programs that were started and that no agent could be in. */
  untrapped: string[]
  /** Sentences about uses of devices that hardware has and that were not carried out. */
  undone: string[]
}

export interface ModelSummary {
  name: string
  hash: string
  cached: boolean
  /** Decimal, for cycle counts may be beyond 2^53. */
  cycles: string
  timePs: string
  trace: string | undefined
}

export interface SummaryFacts {
  program: string[]
  outcome: Outcome
  wallMs: number
  logFile: string | undefined
  lint: LintFinding[] | undefined
  untrapped: string[]
}

export function summarize(
  bridge: Bridge,
  { program, outcome, wallMs, logFile, lint, untrapped }: SummaryFacts,
): Summary {
  const { monitor, models, seed, dmaFaults, clock, polls } = bridge
  const { waits, patches, undone } = readLedger(bridge.directory.path)
  return {
    trapline: version,
    program,
    exitStatus: outcome.exitStatus,
    failure: outcome.failure,
    seed,
    accesses: monitor.accesses,
    reads: monitor.reads,
    writes: monitor.writes,
    lanes: {
      grpc: monitor.accesses - monitor.byMailbox - monitor.toHardware,
      shm: monitor.byMailbox,
      detours: monitor.detours,
      ...(bridge.hardware && { hardware: monitor.toHardware }),
    },
    errors: monitor.busErrors,
    errorCount: monitor.errors,
    dmaFaults: { count: dmaFaults.count, first: dmaFaults.sentences, unfinished: dmaFaults.unfinished },
    polls: polls && { count: polls.counts.polls, cycles: polls.counts.pollCycles },
    waitedPs: String(clock.passedPs),
    wallMs: Math.round(wallMs),
    p50Us: round(waits.quantile(0.5)),
    p99Us: round(waits.quantile(0.99)),
    bridgeP50Us: round(monitor.latency.quantile(0.5)),
    bridgeP99Us: round(monitor.latency.quantile(0.99)),
    models: models.history.map((model) => {
      const { cycle = 0n, timePs = 0n } = model.finalStatistics ?? model.progress ?? {}
      const built = models.built(model.name)
      return {
        name: model.name,
        hash: built?.hash ?? '',
        cached: built?.cached ?? false,
        cycles: String(cycle),
        timePs: String(timePs),
        trace: models.recordingOf(model).traceFile,
      }
    }),
    log: logFile,
    patches: bridge.patches ? patches : undefined,
    lint,
    registers: coverageOf(bridge),
    untrapped,
    undone,
  }
}

/** Of devices whose registers are described. */
export function coverageOf({ coverage }: Bridge): RegisterCoverage[] | undefined {
  const known = coverage?.coverage ?? []
  return known.length > 0 ? known : undefined
}

function round(us: number | undefined): number | undefined {
  return us === undefined ? undefined : Number(us.toPrecision(4))
}

/** What is said of a host whose bridge is elsewhere: `3 accesses, p50 …`; undefined if it made none. */
export function toWaitsLine(waits: WaitHistogram): string | undefined {
  if (waits.count === 0) return undefined
  const [p50, p99] = [0.5, 0.99].map((share) => round(waits.quantile(share)))
  return `${toCount(waits.count, 'access', 'accesses')}, p50 ${p50} us, p99 ${p99} us per access`
}

/** `3 accesses (2 reads, 1 write), 120 cycles, 1.2 us simulated, …` */
export function toSummaryLine(summary: Summary): string {
  const { accesses, reads, writes, errorCount, dmaFaults } = summary
  const parts = [
    `${toCount(accesses, 'access', 'accesses')} (${toCount(reads, 'read', 'reads')}, ` +
      `${toCount(writes, 'write', 'writes')})`,
    ...(errorCount ? [`${errorCount} not OKAY`] : []),
    ...(dmaFaults.count ? [toCount(dmaFaults.count, 'DMA fault', 'DMA faults')] : []),
    ...toBusParts(summary),
    ...(summary.polls
      ? [`${summary.polls.cycles} cycles added to ${toCount(summary.polls.count, 'poll', 'polls')}`]
      : []),
    `${(summary.wallMs / 1000).toFixed(2)} s wall`,
    ...(summary.p50Us === undefined ? [] : [`p50 ${summary.p50Us} us, p99 ${summary.p99Us} us per access`]),
    `seed ${summary.seed}`,
  ]
  return parts.join(', ')
}

/** Simulated time, or that there was none. */
function toBusParts(summary: Summary): string[] {
  const { models, lanes } = summary
  const total = models.reduce((sum, { cycles }) => sum + BigInt(cycles), 0n)
  const longest = models.map((model) => BigInt(model.timePs)).reduce((a, b) => (a > b ? a : b), 0n)
  const simulated = [toCount(total, 'cycle', 'cycles'), `${toTime(longest)} simulated${waited(summary)}`]
  if (lanes.hardware === undefined) return simulated
  return models.length === 0 ? ['on real devices'] : [`${lanes.hardware} of them on real devices`, ...simulated]
}

/** Beyond it somebody waits for a while. */
const manyAccesses = 50_000
/** There are some where a model is met for the first time, or is gone. */
const fewDetours = 10

/** What the other lane would have done, or why the one that was asked for did nothing; undefined where all is well. */
export function toLaneHint({ lanes }: Summary, { config }: Bridge): string | undefined {
  const isPossible = usedModels(config).some((name) => config.models[name]?.kind === 'verilator')
  if (config.lane === 'grpc' && isPossible && lanes.grpc > manyAccesses)
    return `${lanes.grpc} accesses went by gRPC; --lane shm is faster where program and models are on one machine`
  if (lanes.detours > fewDetours)
    return (
      `--lane shm was asked for, and ${lanes.detours} accesses went by gRPC all the same: the program has confined ` +
      "itself (seccomp), or does not see the bridge's run directory"
    )
  return undefined
}

/** How much of the simulated time the host let pass. */
function waited({ waitedPs }: Summary): string {
  return waitedPs === '0' ? '' : ` (${toTime(BigInt(waitedPs))} of it while hosts waited)`
}

export function writeReport(file: string, summary: Summary): void {
  try {
    writeFileSync(file, JSON.stringify(summary, undefined, 2) + '\n')
  } catch (error) {
    throw new TraplineError('output', `the report ${file} can't be written (${toMessage(error)})`, { cause: error })
  }
}
