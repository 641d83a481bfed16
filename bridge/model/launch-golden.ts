/**
 * A golden model in the place of RTL: speaks the model protocol (proto/trapline/v1/model.proto) in this process, so
 * that the rest of the bridge can't tell. An access takes one cycle, and as many pass before the next as are wanted.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { duplexPair, type Duplex } from 'node:stream'
import { movedBytes, type Access, type Completion } from '../wire/access.js'
import { cutText } from '../wire/contract-limits.js'
import { FrameReader, largestModelMessage } from '../wire/framing.js'
import { decodeRequest, frameReply, type ModelRequest } from '../wire/wire.js'
import type { GoldenConfig } from '../config/schema.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { protocolVersion } from '../ground/version.js'
import { toRawAccessLine, type RawAccessFields } from '../logs/raw-log.js'
import { toAddress } from '../map/address-map.js'
import { modelFiles } from '../run/layout.js'
import type { ModelRecording } from '../run/recording.js'
import type { GoldenAnswer, GoldenDevice } from './golden-device.js'
import { superviseModel, type ModelSettings, type RunningModel } from './running-model.js'

export interface GoldenSettings extends ModelSettings {
  config: GoldenConfig
  device: GoldenDevice
  recording: ModelRecording
  minCyclesPerAccess: number
}

export function launchGolden(settings: GoldenSettings): Promise<RunningModel> {
  const [link, end] = duplexPair()
  const { rawLog } = modelFiles(settings.runDirectory, settings.name, settings.recording.launch)
  const exited = new Promise<object>((resolve) => end.once('close', () => resolve({})))
  new GoldenServer(end, settings, settings.recording.writesLog ? rawLog : undefined).greet()
  const kill = () => [link, end].forEach((side) => side.destroy())
  return superviseModel(settings, { link, pid: process.pid, rawLog, exited, kill })
}

interface OpenDevice {
  handle: number
  name: string
  port: number
  address: bigint
  size: bigint
}

/** What model.proto says of the cycles of AdvanceModel and ResetModel, and what 64 bits hold. */
const mostAdvanced = 0xffff_ffffn
const mostResetCycles = 1_000_000n
const mostPs = (1n << 64n) - 1n
/** Cycles of a run in one turn of the event loop: signals and hosts are heard in between. */
const turnCycles = 100_000n

interface Run {
  id: number
  left: bigint
  untilInterrupt: boolean
}

/** An access with what its session knew of its device when it came. */
interface Job {
  id: number
  session: number
  pid: number
  device: OpenDevice | undefined
  access: Access
}

class GoldenServer {
  #cycle = 0n
  #run: Run | undefined
  #counts = { accesses: 0, reads: 0, writes: 0, beats: 0, errors: 0 }
  readonly #frames = new FrameReader(largestModelMessage)
  readonly #sessions = new Map<number, { pid: number; devices: Map<number, OpenDevice> }>()
  /** Accesses that wait, and the session that has the bus for itself: it is in the middle of a locked instruction. */
  readonly #queue: Job[] = []
  #holder: number | undefined
  readonly #levels = new Map<string, boolean>()
  readonly #lastCycle: bigint
  /** Before this cycle no access begins. */
  #earliestStart = 0n
  /** How often an interrupt line has changed so far. */
  #changes = 0

  constructor(
    private readonly link: Duplex,
    private readonly settings: GoldenSettings,
    private readonly rawLog: string | undefined,
  ) {
    this.#lastCycle = mostPs / BigInt(settings.config.periodPs)
    if (rawLog) writeFileSync(rawLog, '')
    link.on('data', (chunk: Buffer) => this.#receive(chunk))
    link.on('end', () => link.destroy())
  }

  greet(): void {
    const { ports, config } = this.settings
    this.#send(0, {
      hello: {
        protocolVersion,
        verilatorVersion: '',
        ports,
        interrupts: config.interrupts,
        pid: process.pid,
        periodPs: BigInt(config.periodPs),
        memories: [],
      },
    })
  }

  #receive(chunk: Buffer): void {
    this.#frames.add(chunk)
    for (let bytes = this.#frames.next(); bytes; bytes = this.#frames.next()) this.#serve(decodeRequest(bytes))
  }

  #serve(request: ModelRequest): void {
    const { id } = request
    if (!this.link.writable) return
    this.#orFail(() => {
      if (request.body === 'access') this.#queue.push(this.#toJob(id, request.access))
      else if (request.body === 'statistics') this.#send(id, { statistics: { ...this.#now(), ...this.#counts } })
      else if (request.body === 'run') this.#beginRun(id, request.run)
      else this.#answer(id, request)
      this.#work()
      if (request.body === 'stop') this.#leave()
    })
  }

  #answer(id: number, request: ModelRequest): void {
    const message = this.#refusalOf(request)
    if (message !== undefined) return this.#send(id, { refusal: { message } })
    this.#obey(request)
    this.#send(id, { done: this.#now() })
  }

  /** What the class throws ends it. */
  #orFail(work: () => void): void {
    try {
      work()
    } catch (error) {
      const words = error instanceof TraplineError ? error.message : `the golden model threw: ${toMessage(error)}`
      const message = cutText(words, 'Fault.message')
      this.#send(0, { fault: { kind: 'golden', message, file: '', line: 0, ...this.#now() } })
      this.#leave()
    }
  }

  /** The other end of a pair hears of an end, not of a destroyed stream. */
  #leave(): void {
    this.#run = undefined
    this.link.end(() => this.link.destroy())
  }

  #obey(request: ModelRequest): void {
    if (request.body === 'openSession') this.#openSession(request.openSession)
    else if (request.body === 'closeSession') this.#closeSession(request.closeSession.session)
    else if (request.body === 'advance') this.#pass(BigInt(request.advance.cycles))
    else if (request.body === 'reset') this.#reset(BigInt(request.reset.cycles))
    else if (request.body === 'stop') this.#endRun()
  }

  get #cyclesLeft(): bigint {
    return this.#lastCycle - this.#cycle
  }

  #refusalOf(request: ModelRequest): string | undefined {
    if (request.body === 'trace' && request.trace.on) return 'it is a golden model, which has no waveform'
    if (request.body !== 'advance' && request.body !== 'reset') return undefined
    const cycles = BigInt(request.body === 'advance' ? request.advance.cycles : request.reset.cycles)
    const words = `cycles is ${cycles}`
    if (request.body === 'reset' && cycles > mostResetCycles) return `${words}; a reset has at most ${mostResetCycles}`
    if (cycles > mostAdvanced) return `${words}; advance by at most ${mostAdvanced} at once`
    if (cycles <= this.#cyclesLeft) return undefined
    return `${words}; until the end of simulated time there are only ${this.#cyclesLeft}`
  }

  /** The cycles in which RTL would be in reset pass; 0 is the model's own number, and this one has none. */
  #reset(cycles: bigint): void {
    this.#pass(cycles)
    this.settings.device.reset()
    this.#tellInterrupts()
  }

  #openSession({ session, pid, devices }: Extract<ModelRequest, { body: 'openSession' }>['openSession']): void {
    const open = devices.map((device) => ({ ...device, address: BigInt(device.address), size: BigInt(device.size) }))
    this.#sessions.set(session, { pid, devices: new Map(open.map((device) => [device.handle, device])) })
  }

  #closeSession(session: number): void {
    this.#sessions.delete(session)
    if (this.#holder === session) this.#holder = undefined
  }

  #toJob(id: number, { session, access }: { session: number; access: Access }): Job {
    const { pid = 0, devices } = this.#sessions.get(session) ?? {}
    return { id, session, pid, device: devices?.get(access.device), access }
  }

  /**
   * Serves accesses in the order in which they came, but for those that a locked instruction of another session keeps
   * waiting.
   */
  #work(): void {
    for (;;) {
      const next = this.#queue.findIndex(({ session }) => this.#holder === undefined || this.#holder === session)
      const [job] = next < 0 ? [] : this.#queue.splice(next, 1)
      if (!job) return
      this.#send(job.id, { completion: this.#access(job) })
    }
  }

  #access({ session, pid, device, access }: Job): Partial<Completion> {
    while (this.#cycle + 1n < this.#earliestStart) this.#pass(1n)
    this.#pass(1n)
    const { seq, operation } = access
    const answer = device && liesInside(access, device) ? this.#transfer(access, device) : outside
    const { status, touched: beats } = answer
    const isOkay = status === 'OKAY'
    // The second half of a locked instruction doesn't come when the first one failed, nor from a session that is gone.
    this.#holder = access.hold && isOkay && this.#sessions.has(session) ? session : undefined
    const { cycle, timePs } = this.#now()
    this.#earliestStart = cycle + BigInt(this.settings.minCyclesPerAccess)
    const data = operation === 'read' && isOkay ? answer.data : Buffer.alloc(0)
    this.#count(operation === 'read', isOkay, beats)
    this.#log({ cycle, timePs, device: device?.name ?? '', access, status, beats, pid, session }, data)
    this.#tellInterrupts()
    const detail = isOkay ? '' : toDetail(access, device, answer)
    return { seq, status, cycleStart: cycle, cycleEnd: cycle, timePs, beats, detail, data }
  }

  #transfer(access: Access, device: OpenDevice): GoldenAnswer {
    const { operation, offset, widthBytes, data } = access
    return this.settings.device.transfer({
      ...{ operation, widthBytes, data },
      port: this.settings.ports[device.port] ?? '',
      address: device.address + offset,
      byteEnables: access.byteEnables || (1n << BigInt(widthBytes)) - 1n,
    })
  }

  #count(isRead: boolean, isOkay: boolean, beats: number): void {
    this.#counts.accesses++
    this.#counts.beats += beats
    if (isRead) this.#counts.reads++
    else this.#counts.writes++
    if (!isOkay) this.#counts.errors++
  }

  #pass(cycles: bigint): void {
    if (cycles > this.#cyclesLeft)
      throw new TraplineError('model', 'simulated time is at its end, for 64 bits hold no more of it')
    this.#cycle += cycles
    this.settings.device.tick(cycles)
    this.#tellInterrupts()
  }

  /** A new one ends the one before. */
  #beginRun(id: number, { cycles, untilInterrupt }: { cycles: string; untilInterrupt: boolean }): void {
    this.#endRun()
    this.#run = { id, left: BigInt(cycles), untilInterrupt }
    this.#runOn(this.#run)
  }

  /** Cycle by cycle, for an interrupt may come in any of them. */
  #runOn(run: Run): void {
    for (let i = 0n; i < turnCycles && run.left > 0n; i++, run.left--) {
      const before = this.#changes
      this.#pass(1n)
      if (this.#changes !== before && run.untilInterrupt) return this.#endRun()
    }
    if (run.left === 0n) return this.#endRun()
    setImmediate(() => {
      if (this.#run === run && this.link.writable) this.#orFail(() => this.#runOn(run))
    })
  }

  #endRun(): void {
    if (this.#run) this.#send(this.#run.id, { done: this.#now() })
    this.#run = undefined
  }

  #tellInterrupts(): void {
    const { config, device } = this.settings
    const levels = device.interrupts
    const changed = config.interrupts.filter((line) => (levels[line] ?? false) !== (this.#levels.get(line) ?? false))
    for (const name of changed) {
      const level = levels[name] ?? false
      this.#levels.set(name, level)
      this.#send(0, { interrupt: { line: config.interrupts.indexOf(name), level, ...this.#now() } })
    }
    this.#changes += changed.length
  }

  #now() {
    return { cycle: this.#cycle, timePs: this.#cycle * BigInt(this.settings.config.periodPs) }
  }

  #send(id: number, reply: Record<string, object>): void {
    if (this.link.writable) this.link.write(frameReply({ id, ...reply }))
  }

  #log(fields: Omit<RawAccessFields, 'seq' | 'moved' | 'wallNs'>, answered: Uint8Array): void {
    if (!this.rawLog) return
    const wallNs = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6))
    const moved = movedBytes(fields.access, answered)
    try {
      appendFileSync(this.rawLog, toRawAccessLine({ ...fields, moved, seq: this.#counts.accesses, wallNs }))
    } catch (error) {
      throw new TraplineError('output', `${this.rawLog} can't be written (${toMessage(error)})`, { cause: error })
    }
  }
}

/** Nothing is reached beside a device. */
const outside = { status: 'DECERR', data: Buffer.alloc(0), touched: 0, registers: 0, refusedAt: undefined } as const

function liesInside({ offset, widthBytes }: Access, device: OpenDevice): boolean {
  return offset + BigInt(widthBytes) <= device.size
}

type Refusal = Pick<GoldenAnswer, 'status' | 'touched' | 'registers' | 'refusedAt'>

/** The sentence about an access that was refused, in the words of hdl/sim/mailbox.cc. */
function toDetail({ operation, widthBytes, offset }: Access, device: OpenDevice | undefined, answer: Refusal): string {
  const { status, touched, registers, refusedAt } = answer
  const bytes = `${widthBytes} ${widthBytes === 1 ? 'byte' : 'bytes'}`
  const what = `${status} on ${operation} of ${bytes} at ${device?.name ?? ''}+${toAddress(offset)}`
  if (refusedAt === undefined)
    return `${what}: it does not lie inside the device, which has ${toAddress(device?.size ?? 0n)} bytes`
  const beat = registers > 1 ? `: beat ${touched} of ${registers}` : ''
  return (
    `${what} (bus address ` +
    `${toAddress(refusedAt)})${beat}${touched < registers ? ', the rest was not started' : ''}`
  )
}
