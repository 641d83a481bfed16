/**
 * What nobody has caught: a mistake of ours, or something that others could make happen and nobody thought of. It
 * becomes one sentence and exit status 125, and what was started is ended in the way of a SIGTERM, so nothing is left.
 */
import { toMessage } from './errors.js'
import type { Log } from './log.js'
import { wayToMoreFiles } from './open-files-limit.js'
import { toPrintable } from './printable.js'

/** An orderly end takes two seconds; after this the reaper does what is left to do. */
const longestEndMs = 5_000
const longestWords = 500
export const lastResortStatus = 125

let cause: string | undefined

/** The sentence that was said, if there was one: why this process ends. */
export function unexpectedCause(): string | undefined {
  return cause
}

/** `the system says ENOSPC: no space left on device, write`, or that it is our mistake. */
export function toUnexpectedSentence(error: unknown): string {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  const words = toPrintable(toMessage(error), longestWords)
  if (code === 'EMFILE' || code === 'ENFILE') return `too many files are open (${code}); ${wayToMoreFiles}`
  if (code !== undefined && syscall !== undefined) return `can't go on, for the system says ${words}`
  return `internal error: ${words}; this is a mistake in Trapline: report it with what TRAPLINE_LOG_LEVEL=debug says`
}

export function catchTheRest(log: Log): void {
  const take = (error: unknown) => {
    log.debug(error instanceof Error ? (error.stack ?? error.message) : toMessage(error))
    if (cause !== undefined) return
    cause = toUnexpectedSentence(error)
    log.error(cause)
    if (process.listenerCount('SIGTERM') === 0) process.exit(lastResortStatus)
    setTimeout(() => process.exit(lastResortStatus), longestEndMs).unref()
    process.emit('SIGTERM', 'SIGTERM')
  }
  process.on('uncaughtException', take)
  process.on('unhandledRejection', take)
}
