/**
 * Who gets in: the token that callers of a bridge must show, and the one place where refusals are logged, once each.
 * `Attach` and `Watch` carry the token in their first message, `Transact` the secret session number that Attach gave;
 * every other call of any service shows it as metadata `authorization: Bearer TOKEN`.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js'
import { TraplineError } from '../ground/errors.js'
import type { Log } from '../ground/log.js'
import { mostTextBytes } from '../wire/contract-limits.js'

/** What the agent has room for, in characters that metadata can carry. */
const mostCharacters = mostTextBytes('AttachRequest.token')
const wellFormed = new RegExp(`^[\\x21-\\x7e]{1,${mostCharacters}}$`)

export const wrongToken = 'the token is not the one of this bridge; set TRAPLINE_TOKEN to it'

/** Methods that look after themselves. */
const ownWays = ['Attach', 'Watch', 'Transact'].map((method) => `/trapline.v1.AgentService/${method}`)

export class Gate {
  /** Where `token` is empty, everybody gets in who shows none. */
  constructor(
    private readonly token: string,
    private readonly log: Log,
  ) {
    if (token === '' || wellFormed.test(token)) return
    const rule = `a token has 1 to ${mostCharacters} printable ASCII characters and no space`
    const problem =
      token.length > mostCharacters
        ? `TRAPLINE_TOKEN has ${token.length} characters; ${rule}`
        : `TRAPLINE_TOKEN: ${rule}; this one has others`
    throw new TraplineError('usage', problem)
  }

  get asksForToken(): boolean {
    return this.token !== ''
  }

  admits(token: string, peer: string): boolean {
    if (isSameText(token, this.token)) return true
    this.refuse(peer, token === '' ? 'it shows no token' : 'its token is not the one of this bridge')
    return false
  }

  /** `peer` as grpc-js names it. */
  refuse(peer: string, reason: string): void {
    this.log.warn(`refused ${peer === 'unknown' ? 'a process on the UNIX socket' : peer}: ${reason}`)
  }

  /** One of those that got in. */
  lose(peer: string): void {
    this.log.warn(`lost ${peer}: neither it nor the network to it answers; what it held is free again`)
  }

  /** Stops every call that neither shows the token nor looks after itself. */
  get interceptors(): ServerInterceptor[] {
    return this.asksForToken ? [this.#intercept] : []
  }

  readonly #intercept: ServerInterceptor = (method, call) => {
    if (ownWays.includes(method.path)) return new ServerInterceptingCall(call)
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const shown = String(metadata.get('authorization')[0] ?? '').replace(/^Bearer /i, '')
            if (this.admits(shown, call.getPeer())) pass(metadata)
            else call.sendStatus({ code: status.UNAUTHENTICATED, details: wrongToken })
          },
        }),
    })
  }
}

/** Compares in a time that tells nothing of where the two differ. */
function isSameText(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a as Buffer, b as Buffer)
}
