/** How calls of tools are refused: with the gRPC status that fits, and a sentence. */
import { status, type ServiceError } from '@grpc/grpc-js'
import { toMessage, TraplineError } from '../ground/errors.js'

export class CallRefusal extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message)
  }
}

/** What a tool is told of an error, whoever threw it. */
export function toServiceError(error: unknown): Partial<ServiceError> {
  const details = toMessage(error)
  if (error instanceof CallRefusal) return { code: error.code, details }
  if (!(error instanceof TraplineError)) return { code: status.INTERNAL, details }
  return { code: error.code === 'model' ? status.UNAVAILABLE : status.FAILED_PRECONDITION, details }
}
