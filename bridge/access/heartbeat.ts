/**
 * Tells slow from stuck: a line every ten seconds in which a run had no access, or waits for one.
 * Wall-clock time serves only to decide when to speak; nothing is ever ended by it.
 */
import { toTime } from '../ground/format.js'
import type { Log } from '../ground/log.js'
import type { RunningModel } from '../model/running-model.js'
import { toAddress } from '../map/address-map.js'
import type { PendingAccess } from './session.js'
import { decodeAccess } from '../wire/wire.js'

export interface HeartbeatSources {
  /** Whether any process is there to be slow. */
  isHosting(): boolean
  lastActivityMs(): number
  oldestPending(): PendingAccess | undefined
  /** An access that waits in a mailbox, in words. */
  pendingInMailbox?(): string | undefined
  models(): RunningModel[]
  /** Why time stands still or runs. */
  reason(): string
}

const quietMs = 10_000
const checkMs = 1_000

export class Heartbeat {
  readonly #timer: NodeJS.Timeout
  #lastLineMs = 0
  #lastCycles = new Map<string, { cycle: bigint; atMs: number }>()

  constructor(
    private readonly log: Log,
    private readonly sources: HeartbeatSources,
  ) {
    this.#timer = setInterval(() => this.#check(), checkMs)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #check(): void {
    if (!this.sources.isHosting()) return
    const now = performance.now()
    const quietSince = Math.max(this.sources.lastActivityMs(), this.#lastLineMs)
    if (now - quietSince < quietMs) return
    this.#lastLineMs = now
    const pending = this.sources.oldestPending()
    const seconds = Math.round((now - (pending?.startedAtMs ?? this.sources.lastActivityMs())) / 1000)
    const models = this.sources.models().map((model) => this.#describe(model, now))
    // By a mailbox only the model knows which access it is.
    const words = pending ? toWords(pending) : this.sources.pendingInMailbox?.()
    const reason = words ? [] : [this.sources.reason()]
    const what = words ? `waiting for ${words} since ${seconds} s` : `no access for ${seconds} s`
    this.log.info([what, ...reason, ...models].join('; '))
  }

  #describe({ name, progress }: RunningModel, now: number): string {
    if (!progress) return `${name}: time stands still`
    const last = this.#lastCycles.get(name)
    this.#lastCycles.set(name, { cycle: progress.cycle, atMs: now })
    const rate = last && (Number(progress.cycle - last.cycle) / (now - last.atMs)) * 1000
    const speed = rate === undefined ? '' : `, ${Math.round(rate)} cycles/s`
    const waits = progress.dmaWaits.map((wait) => `, ${wait}`).join('')
    return `${name} at cycle ${progress.cycle} (${toTime(progress.timePs)})${speed}${waits}`
  }
}

function toWords(pending: PendingAccess): string {
  const access = decodeAccess(pending.access)
  return `${access.operation} of ${access.widthBytes} bytes at ${pending.device.name}+${toAddress(access.offset)}`
}
