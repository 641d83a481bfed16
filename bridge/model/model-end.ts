/** Why a model ended, as far as that can be known, in sentences. */
import { basename } from 'node:path'
import type { Fault } from '../wire/wire.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toTime } from '../ground/format.js'

/** How a process ended, as far as that can be known. */
export interface ProcessEnd {
  exitCode?: number
  signal?: string
  cause?: unknown
  /** Where it wrote a waveform. */
  traceFile?: string | undefined
  /** Says more than exit status and signal do. */
  sentence?: string | undefined
  /** What the simulator itself has said of its end, for a Fault that could not tell. */
  ownWords?: Pick<Fault, 'kind' | 'message' | 'file' | 'line'> | undefined
}

const faultKinds: Record<string, string> = {
  fatal: '$fatal',
  stop: '$stop',
  finish: '$finish',
  assertion: 'a failed assertion',
  protocol: 'a broken bus protocol',
  time: 'the end of simulated time',
  exception: 'an exception in its test bench',
  ended: 'the end of its cocotb test',
}

export function toFaultSentence(name: string, fault: Fault): string {
  const message = fault.message ? `: ${fault.message}` : ''
  return `model ${name} ended by ${toKind(fault)}, cycle ${fault.cycle}, ${toTime(fault.timePs)}${message}`
}

/** The same where nobody knows the time. */
export function toEndSentence(name: string, fault: Pick<Fault, 'kind' | 'message' | 'file' | 'line'>): string {
  return `model ${name} ended by ${toKind(fault)}${fault.message && `: ${fault.message}`}`
}

function toKind({ kind, file, line }: Pick<Fault, 'kind' | 'file' | 'line'>): string {
  return `${faultKinds[kind] ?? kind}${file ? ` at ${basename(file)}:${line}` : ''}`
}

/**
 * Of a process that was asked to end; one that another machine or a test started tells nothing. `$finish` while it ends
 * is what it was asked for.
 */
export function hasEndedWell({ exitCode, signal }: ProcessEnd, lastFault: Fault | undefined): boolean {
  if (lastFault?.kind === 'finish') return true
  return (exitCode ?? 0) === 0 && (signal === undefined || signal === 'SIGTERM')
}

interface LateEnd {
  result: ProcessEnd
  /** Whether we killed it. */
  isKilled: boolean
  lastFault: Fault | undefined
}

export function toLateSentence(name: string, { result, isKilled, lastFault }: LateEnd): string {
  if (lastFault) return toFaultSentence(name, lastFault)
  if (!isKilled) return toExitSentence(name, result)
  return `model ${name} did not end when it was asked to, and was killed; its waveform and its access log may be cut`
}

/** The sentence about an error of our own, for which the model is not to blame. */
export function toOwnSentence(name: string, error: unknown): string {
  if (error instanceof TraplineError) return error.message
  return `Trapline could not pass on what model ${name} said (${toMessage(error)}), so the run can't go on`
}

export function toExitSentence(name: string, result: ProcessEnd): string {
  if (result.sentence !== undefined) return result.sentence
  // Verilator's writer maps its files: a page for which the disk has no room is a bus error.
  if (result.signal === 'SIGBUS' && result.traceFile)
    return `model ${name} was killed by SIGBUS: the waveform ${result.traceFile} is cut; is its disk full?`
  if (result.signal) return `model ${name} was killed by ${result.signal}`
  if (result.exitCode !== undefined) return `model ${name} ended by itself with exit status ${result.exitCode}`
  if (result.cause !== undefined) return `model ${name} could not be started: ${toMessage(result.cause)}`
  return `model ${name} ended by itself`
}
