/**
 * What can go wrong, in one table, and the error type that carries it.
 *
 * A message is one sentence that names the thing, the place and the way out. It is printed as it stands, so it
 * starts with a lower-case word and has no full stop at its end.
 */

/** Exit status per kind of failure, as `docker run` has it: 125 ours, 126 can't be executed, 127 not found. */
const exitStatusByCode = {
  usage: 125,
  config: 125,
  build: 125,
  model: 125,
  refused: 125,
  bus: 125,
  bridge: 125,
  output: 125,
  'not-executable': 126,
  'not-found': 127,
} as const

export type ErrorCode = keyof typeof exitStatusByCode

export interface TraplineErrorOptions {
  cause?: unknown
  /** More lines for people, e.g. what the compiler said. Printed below the message. */
  detail?: string
}

export class TraplineError extends Error {
  override readonly name = 'TraplineError'
  readonly detail: string | undefined

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: TraplineErrorOptions = {},
  ) {
    super(message, { cause: options.cause })
    this.detail = options.detail
  }

  get exitStatus(): number {
    return exitStatusByCode[this.code]
  }
}

/** The words of anything that was thrown. */
export function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
