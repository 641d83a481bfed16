/** Signals to Trapline itself, as something that work can be raced against. */
import { TraplineError } from './errors.js'
import { isIgnored } from './inherited.js'
import { toSignalNumber } from './signal-number.js'
import { unexpectedCause } from './last-resort.js'
import { hurryWords } from './outlet.js'

const caught = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What models get to end after an interruption: of the two seconds in which a run ends, one is the host's. */
export const hastyPatienceMs = 600
/** After a signal what is written may take until then; what is left of the two seconds is for files that go away. */
export const longestAfterSignalMs = 1_600

/** Thrown where work was given up because of a signal. */
export class Interrupted extends TraplineError {
  /** When it came, as `performance.now()` counts. */
  readonly atMs = performance.now()

  constructor(readonly signal: NodeJS.Signals) {
    super('bridge', `ended by ${signal}`)
  }

  override get exitStatus(): number {
    return 128 + toSignalNumber(this.signal)
  }
}

export interface Interruption {
  /** Aborts at the first signal. */
  readonly abort: AbortSignal
  /** Aborts when an end can wait no longer for what is being written, a while after the first signal. */
  readonly hurry: AbortSignal
  /** The work's result, or Interrupted if a signal comes first. */
  race<T>(work: Promise<T>): Promise<T>
  /** Rejects with Interrupted at the first signal. */
  readonly interrupted: Promise<never>
  [Symbol.dispose](): void
}

/**
 * Aborts with `earlier`, or after that many milliseconds. `AbortSignal.any` holds what it was made of weakly: a signal
 * of `AbortSignal.timeout` that nobody else holds may be collected, and nothing aborts (nodejs/node, issue 57736).
 */
export function abortAfter(milliseconds: number, earlier: AbortSignal): AbortSignal {
  const controller = new AbortController()
  const overtime = () => controller.abort(new DOMException(`${milliseconds} ms are over`, 'TimeoutError'))
  const timer = setTimeout(overtime, milliseconds).unref()
  const follow = () => {
    clearTimeout(timer)
    controller.abort(earlier.reason)
  }
  if (earlier.aborted) follow()
  else earlier.addEventListener('abort', follow, { once: true })
  return controller.signal
}

/** From now on signals no longer end the process by themselves. */
export function catchSignals(): Interruption {
  const controller = new AbortController()
  const hurry = new AbortController()
  const interrupted = new Promise<never>((_resolve, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason))
  })
  interrupted.catch(() => undefined)
  const onSignal = (signal: NodeJS.Signals) => {
    if (isIgnored(toSignalNumber(signal))) return
    hurryWords()
    const cause = unexpectedCause()
    setTimeout(() => hurry.abort(), longestAfterSignalMs).unref()
    controller.abort(cause === undefined ? new Interrupted(signal) : new TraplineError('bridge', cause))
  }
  for (const signal of caught) process.on(signal, onSignal)
  return {
    abort: controller.signal,
    hurry: hurry.signal,
    interrupted,
    race: (work) => Promise.race([work, interrupted]),
    [Symbol.dispose]: () => caught.forEach((signal) => process.off(signal, onSignal)),
  }
}
