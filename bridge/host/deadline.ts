/** The wall clock that a program has (`--timeout`), counted from its start: what was built before is not its time. */
import { Deferred } from '../ground/deferred.js'

export interface Deadline extends Disposable {
  /** Resolves with the cause when the time is over; never without a limit. */
  readonly passed: Promise<string>
}

export function startDeadline(name: string, seconds: number | undefined): Deadline {
  const passed = new Deferred<string>()
  const cause = () => `${name} had not ended after ${seconds} s (--timeout), and was ended`
  const timer = seconds === undefined ? undefined : setTimeout(() => passed.resolve(cause()), seconds * 1000)
  return { passed: passed.promise, [Symbol.dispose]: () => clearTimeout(timer) }
}
