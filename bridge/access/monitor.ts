/**
 * What is known of the accesses of one bridge: counts, latencies, and a line for each that the bus did not answer with
 * OKAY. Observes after the answer is on its way, so nothing here delays a host.
 */
import { basename } from 'node:path'
import type { Log } from '../ground/log.js'
import { statuses, statusDisconnected, statusOkay, statusTimeout, type Operation, type Status } from '../wire/access.js'
import type { PortProtocol } from '../config/schema.js'
import { toAddress, toHostPlace, type MappedDevice } from '../map/address-map.js'
import { Latency } from '../run/latency.js'
import type { LaneCounts } from '../model/lanes.js'
import type { EndedAccess, SessionObserver } from './session.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import type { RegisterCounters } from '../registers/coverage.js'
import { movedValue, placeOf } from './named-access.js'
import type { CodeBlame } from './blamed-code.js'
import type { Lint } from './lint.js'
import { ShowLines } from './show-lines.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'

/** One access that the bus did not answer with OKAY, as the report has it. */
export interface FailedAccess {
  status: Status
  message: string
}

/** The access that failed the run. */
export interface FatalAccess extends FailedAccess {
  device: string
  operation: Operation
  offset: bigint
}

const mostErrorLines = 20

/** The model's detail repeats what the line says anyway. */
const ownPrefix = /^(\w+ on )?(read|write) of \d+ bytes? (at|to|from) [^:]*(: |$)/

export interface MonitorSettings {
  codeBlame: CodeBlame
  lint: Lint | undefined
  registers: RegisterMaps
  coverage: RegisterCounters | undefined
  /** A line per access. */
  shows: boolean
  /** Such a line says who made it, which takes a while. */
  showsCode: boolean
  /** The bus of a device, for the words of that line. */
  protocolOf(device: MappedDevice): PortProtocol | undefined
  /** Inputs of its model that have a clock's name and are held, which may be why it doesn't answer. */
  heldClocksOf(device: MappedDevice): string[]
  /** Told of every access. */
  onAccess?(answered: EndedAccess): void
  /** What went past us. */
  passedBy?(): LaneCounts
}

export class Monitor implements SessionObserver {
  #reads = 0
  #writes = 0
  errors = 0
  /** An access ended in TIMEOUT or DISCONNECTED: the bus misbehaved, whatever the host makes of it. */
  busFailed = false
  /** The first such access, in the words of its line: known once `named` has resolved. */
  fatal: FatalAccess | undefined
  #lastActivityMs = performance.now()
  /** Accesses that went by mailboxes, and that a model has told us of. */
  #told = 0
  /** Of what went past us, when somebody last looked. */
  #passedBy = 0
  /** Accesses to real devices that no observer saw; kept up to date by whoever reads their records. */
  recorded = { reads: 0, writes: 0 }
  /** Those that were seen. */
  #seen = 0
  readonly latency = new Latency()
  readonly busErrors: FailedAccess[] = []
  readonly #lines: Promise<void>[] = []
  /** The last line of those that wait for a name. */
  #shown: Promise<void> = Promise.resolve()
  readonly #showLines: ShowLines
  /** A stream was asked, and had nothing to give or no room to take. */
  #fruitless = 0

  constructor(
    private readonly log: Log,
    private readonly settings: MonitorSettings,
  ) {
    this.#showLines = new ShowLines(settings.registers)
  }

  /** All accesses that were answered, those that moved nothing included. */
  get answers(): number {
    return this.accesses + this.#fruitless
  }

  get accesses(): number {
    return this.reads + this.writes
  }

  get reads(): number {
    return this.#reads + this.recorded.reads + (this.settings.passedBy?.().reads ?? 0)
  }

  get writes(): number {
    return this.#writes + this.recorded.writes + (this.settings.passedBy?.().writes ?? 0)
  }

  /** Accesses that went by mailboxes. */
  get byMailbox(): number {
    const { reads = 0, writes = 0 } = this.settings.passedBy?.() ?? {}
    return reads + writes + this.#told
  }

  /** Accesses to real devices. */
  get toHardware(): number {
    return this.recorded.reads + this.recorded.writes + this.#seen
  }

  /** Accesses that could have, and did not. */
  get detours(): number {
    return this.settings.passedBy?.().detours ?? 0
  }

  get lastActivityMs(): number {
    const { answers = 0 } = this.settings.passedBy?.() ?? {}
    const passedBy = answers + this.recorded.reads + this.recorded.writes
    if (passedBy !== this.#passedBy) this.#lastActivityMs = performance.now()
    this.#passedBy = passedBy
    return this.#lastActivityMs
  }

  /** A process checked in: from now on it may be quiet for a while. */
  noteAttach(): void {
    this.#lastActivityMs = performance.now()
  }

  onCompletion(pending: EndedAccess): void {
    const now = (this.#lastActivityMs = performance.now())
    if (pending.device.config.stream && pending.status === statusOkay && isFruitless(pending)) {
      this.#fruitless++
      return
    }
    if (pending.device.config.hardware) this.#seen += pending.count
    else if (pending.startedAtMs === undefined) this.#told++
    else if (!pending.isPosted) this.latency.record((now - pending.startedAtMs) * 1000, pending.count)
    if (pending.isWrite) this.#writes += pending.count
    else this.#reads += pending.count
    const { shows, lint, coverage, protocolOf } = this.settings
    if (shows) this.#show(pending, this.#showLines.of(pending, protocolOf(pending.device)))
    if (!pending.device.config.stream) {
      lint?.note(pending)
      if (coverage) cover(coverage, pending)
    }
    this.settings.onAccess?.(pending)
    if (pending.status !== statusOkay) this.#noteError(pending)
  }

  /** In the order of the accesses, whatever is known first. */
  #show(pending: EndedAccess, line: string): void {
    const { showsCode, codeBlame } = this.settings
    if (!showsCode) return this.log.info(line)
    const { code } = pending.session
    const access = decodeAccess(pending.access)
    const naming = codeBlame.name(code.wayTo(access.pc, access.stack))
    this.#shown = Promise.all([naming, this.#shown]).then(() => {
      const { symbol } = codeBlame.on(code, access)
      this.log.info(symbol ? `${line}  in ${symbol}` : line)
    })
  }

  /** Resolves when `busErrors` has all that happened so far. */
  async named(): Promise<void> {
    await Promise.all(this.#lines)
  }

  /** Resolves when every line that is due has been written. */
  async settle(): Promise<void> {
    await Promise.all([this.named(), this.#shown])
    const more = this.errors - this.#lines.length
    if (more > 0) this.log.warn(`and ${more} more accesses that the bus did not answer with OKAY`)
  }

  #noteError(pending: EndedAccess): void {
    this.errors++
    const isFatal = !this.busFailed && (pending.status === statusTimeout || pending.status === statusDisconnected)
    if (isFatal) this.busFailed = true
    if (isFatal || this.#lines.length < mostErrorLines) this.#lines.push(this.#writeErrorLine(pending, isFatal))
  }

  async #writeErrorLine(pending: EndedAccess, isFatal: boolean): Promise<void> {
    const access = decodeAccess(pending.failing ?? pending.access)
    const { operation, offset } = access
    const { code } = pending.session
    const { codeBlame, registers, heldClocksOf } = this.settings
    await codeBlame.name(code.wayTo(access.pc, access.stack))
    const status = statuses[pending.status] ?? 'UNSPECIFIED'
    const held = pending.status === statusTimeout ? heldClocksOf(pending.device) : []
    const hint =
      held.length > 0 ? ` (of its model's clocks, ${held.join(', ')} ${held.length > 1 ? 'are' : 'is'} held at 0)` : ''
    const message = toErrorSentence(pending, codeBlame.on(code, access).symbol, registers) + hint
    this.busErrors.push({ status, message })
    if (isFatal) this.fatal = { status, message, device: pending.device.name, operation, offset }
    if (isFatal) this.log.error(message)
    else this.log.warn(message)
  }
}

/** What hosts have touched. */
function cover(coverage: RegisterCounters, { access: bytes, completion, device }: EndedAccess): void {
  const access = decodeAccess(bytes)
  coverage.note(device.name, placeOf(access), movedValue(access, completion && decodeCompletion(completion)))
}

/** A stream's answer without a byte and without the end of a packet. */
function isFruitless({ completion, isWrite }: EndedAccess): boolean {
  const { takenBytes, data, packetEnd } = decodeCompletion(completion ?? Buffer.alloc(0))
  return isWrite ? takenBytes === 0 : data.length === 0 && !packetEnd
}

function toErrorSentence(pending: EndedAccess, symbol: string, registers: RegisterMaps): string {
  const { device } = pending
  const access = decodeAccess(pending.failing ?? pending.access)
  const completion = pending.completion && decodeCompletion(pending.completion)
  const status = completion?.status ?? 'DISCONNECTED'
  const bytes = `${access.widthBytes} ${access.widthBytes === 1 ? 'byte' : 'bytes'}`
  const named = registers.name(device.name, placeOf(access), undefined)
  const register = named ? `${named.register}, ` : ''
  const place = device.config.stream
    ? `${device.name} (${device.config.path})`
    : `${device.name}+${toAddress(access.offset)} (${register}${toHostPlace(device, access.offset)})`
  const by = symbol || basename(pending.session.exe)
  const reason = completion?.detail.replace(ownPrefix, '')
  const detail = reason ? `${reason}; ` : ''
  return (
    `${status} on ${access.operation} of ${bytes} at ${place} by ${by}, pc ${toAddress(access.pc)}: ` +
    detail +
    toConsequence(pending, status)
  )
}

function toConsequence(pending: EndedAccess, status: Status): string {
  if (pending.device.config.stream && status !== 'DISCONNECTED') return 'the call fails with EIO'
  const policy = pending.device.config.onError
  const when = pending.isPosted ? ' at its next access that is waited for, since this one was posted' : ''
  if (policy === 'abort' || (status !== 'SLVERR' && status !== 'DECERR')) return `the host is ended${when}`
  if (policy === 'sigbus') return `the host gets SIGBUS${when}`
  return pending.isWrite ? 'the write is dropped' : 'the host reads all ones'
}
