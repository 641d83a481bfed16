/**
 * The main path: one host process's accesses, each routed by its device to a model and answered in order.
 * Nothing here may wait, log or decode per access, unless poll acceleration is asked for; whoever wants to know more
 * observes.
 */
import { randomBytes } from 'node:crypto'
import type { SessionLane } from '../model/lanes.js'
import type { RunningModel } from '../model/running-model.js'
import type { CompletionSink, Sending } from '../model/model-link.js'
import type { ModelPool } from '../model/model-pool.js'
import { toMessage } from '../ground/errors.js'
import { isEndless, type Access, type Site } from '../wire/access.js'
import type { MappedDevice } from '../map/address-map.js'
import { BusHolds, mostHeldAccesses } from './bus-holds.js'
import { ElementRun } from './element-run.js'
import { HostCode } from './host-code.js'
import type { Lockstep } from './lockstep.js'
import type { PollAccelerator } from './poll-accelerator.js'
import { Pending } from './pending.js'
import { PostedWrites } from './posted-writes.js'
import type { SoftwareNames } from './software-names.js'
import { scanAccess, scanCompletion } from '../wire/scan.js'
import { decodeAccess } from '../wire/wire.js'

/** One access that has been answered. */
export interface EndedAccess {
  readonly session: Session
  /** The message as it came. */
  readonly access: Buffer
  readonly device: MappedDevice
  readonly isWrite: boolean
  /** When it came to us; undefined if it went past us, by a mailbox. */
  readonly startedAtMs: number | undefined
  readonly completion: Buffer | undefined
  /** Index in `statuses`. */
  readonly status: number
  /** A write for which the host did not wait. */
  readonly isPosted: boolean
  /** How many accesses it stands for; more than 1: elements of a string that have been begun. */
  readonly count: number
  /** Of a string that has failed: the access that the last of them was. */
  readonly failing?: Buffer | undefined
}

/** One access between its arrival and its answer. */
export interface PendingAccess extends CompletionSink, EndedAccess {
  readonly startedAtMs: number
  /** Answers DISCONNECTED with the reason. */
  fail(detail: string): void
}

export interface SessionObserver {
  /** Called after the answer has been sent. */
  onCompletion(answered: EndedAccess): void
}

/** How accesses reach one device: at once if its model knows the session, else through a queue. */
interface Route {
  device: MappedDevice
  model: RunningModel | undefined
  waiting: Pending<Session>[]
}

/** Who may hold an answer back. */
export interface AccessHooks {
  polls?: PollAccelerator
  lockstep?: Lockstep
  /** What waveforms show. */
  software?: SoftwareNames
}

/** Who is told of what sessions do. */
export interface SessionListener {
  /** A stream has answered: told before its host is. */
  onStreamAnswer?(device: MappedDevice, completion: Buffer): void
  /** Before the first access to a model. */
  onUse?(model: string): void
  /** A process is gone, and its session is about to be. */
  onEnd?(session: number): void
}

/** What we want to hear of accesses that go past us, besides all that the bus did not answer with OKAY. */
export interface LaneWishes {
  observesAll: boolean
  /** Those that are not of the width of its registers; see Observed in model.proto. */
  registerBytesOf?(device: MappedDevice): number
}

export type WholeStrings = (device: MappedDevice, string: Access) => boolean

export interface SessionSettings {
  id: number
  pid: number
  exe: string
  devices: MappedDevice[]
  models: ModelPool
  observer: SessionObserver
  /** Mailboxes by which its accesses may go past us, and what we want to hear of these. */
  lane?: { boxes: SessionLane; wishes: LaneWishes } | undefined
  hooks?: AccessHooks
  /** Whether a string may go to its model as a whole, for nobody has to see its elements; absent: none may. */
  mayBeWhole?: WholeStrings | undefined
  listener: SessionListener
  /** Models whose devices the host was not told the shape of, and why; they stay out of its reach. */
  unknown?: ReadonlyMap<string, unknown>
}

/** An agent waits for each of its answers; a client that doesn't must not fill our memory. */
const mostPending = 4096

export class Session {
  /** The number of the session for those outside: who knows it has attached. Never 0. */
  readonly key = randomBytes(8).readBigUInt64LE() | 1n
  readonly id: number
  readonly pid: number
  readonly exe: string
  /** Whether `pid` is one of this machine and namespace. */
  isLocal = false
  /** By handle, from 1; numbers between may be missing. */
  readonly #routes: (Route | undefined)[] = []
  readonly #pending: Pending<Session>[] = []
  readonly #opening = new Map<string, Promise<RunningModel>>()
  readonly code: HostCode
  readonly #holds = new BusHolds()
  readonly #posted = new PostedWrites<Pending<Session>>({
    pass: (pending) => this.#pass(pending),
    withhold: (pending, failed) => pending.withhold(failed),
    conclude: (pending) => pending.conclude(),
  })
  /** Where accesses go that pass us by. */
  readonly lane: SessionLane | undefined
  #send: ((completion: Buffer) => void) | undefined
  #breakOff: (reason: string) => void = () => undefined
  #ended = false
  /** Accesses wait for it. */
  #naming: Promise<void> | undefined
  #lastSeq = 0

  constructor(private readonly settings: SessionSettings) {
    const { id, pid, exe, devices, unknown = new Map<string, unknown>() } = settings
    this.id = id
    this.pid = pid
    this.code = new HostCode(this)
    this.exe = exe
    this.lane = settings.lane?.boxes
    for (const [name, error] of unknown) this.#refuse(name, error)
    for (const device of devices) this.#routes[device.handle - 1] = { device, model: undefined, waiting: [] }
  }

  /** Where the instructions of this session stand, by PC. */
  get sites(): ReadonlyMap<bigint, Site> {
    return this.code.sites
  }

  get isTransacting(): boolean {
    return this.#send !== undefined
  }

  get isOpen(): boolean {
    return !this.#ended
  }

  get oldestPending(): PendingAccess | undefined {
    return this.#pending[0]
  }

  /** Makes itself known to the models that run already, so that the first access need not. */
  openRunning(): void {
    for (const { name } of this.settings.models.running) this.#open(name).catch(() => undefined)
  }

  /** From now on completions go to `send`; `breakOff` ends the stream with a reason. */
  begin(send: (completion: Buffer) => void, breakOff: (reason: string) => void = () => undefined): void {
    this.#send = send
    this.#breakOff = breakOff
  }

  /** Models whose bus it has for itself although it asks nothing of them, and since when. */
  get idleHolds(): [string, number][] {
    const isIdle = (model: string) => !this.waitsFor(model)
    return [...this.#holds.models].filter(([model]) => isIdle(model))
  }

  /** An access of it is under way to that model. */
  waitsFor(model: string): boolean {
    const isPending = this.#pending.some(({ device }) => device.config.model === model)
    return isPending || (this.lane?.isWaitingFor(model) ?? false)
  }

  /** Something that it has posted is under way. */
  get isPosting(): boolean {
    return this.#posted.isUnderWay || (this.lane?.counts.isPosting ?? false)
  }

  /** What its peer is told; whoever calls this ends it, too. */
  breakOff(reason: string): void {
    this.#breakOff(reason)
  }

  /** An access that holds the bus of this model is about to be answered. */
  noteHold(model: string): void {
    this.#holds.hold(model)
  }

  /** An access that leaves the bus of this model to others is about to be answered. */
  noteRelease(model: string): void {
    this.#holds.release(model)
  }

  /** Takes an encoded Access. Returns what is wrong with it if the stream can't go on. */
  access(bytes: Buffer): string | undefined {
    const outline = scanAccess(bytes)
    const route = this.#routes[outline.device - 1]
    if (outline.fault !== undefined) return `access ${outline.seq}: ${outline.fault}`
    // Numbers in between are those of accesses that went by a mailbox.
    const isDue = this.lane ? outline.seq > this.#lastSeq : outline.seq === this.#lastSeq + 1
    if (!isDue) return `access ${outline.seq}: ${this.#lastSeq + 1} is due`
    if (this.#pending.length >= mostPending)
      return `access ${outline.seq}: ${mostPending} wait for their answer already`
    if (!route) return `access ${outline.seq}: there is no device ${outline.device}`
    if (outline.isStream !== (route.device.config.kind === 'stream'))
      return `access ${outline.seq}: device ${outline.device} is ${outline.isStream ? 'no' : 'a'} stream`
    if (outline.elements > 1 && isEndless(decodeAccess(bytes)))
      return `access ${outline.seq}: its elements leave the 64 bits of an offset`
    if (!this.#holds.note(outline.isHolding))
      return `access ${outline.seq}: the bus is held for more than ${mostHeldAccesses} accesses`
    if (outline.hasSite || outline.frames > 0) this.code.note(decodeAccess(bytes))
    if (!outline.isStream) this.lane?.noteByGrpc(route.device.config.model, outline)
    this.#lastSeq = outline.seq + outline.elements - 1
    const pending = new Pending<Session>(this, bytes, outline, route.device)
    this.#pending.push(pending)
    this.#posted.take(pending)
    return undefined
  }

  /** In their order, each when what a waveform shows of it is known. */
  #pass(pending: Pending<Session>): void {
    const naming = this.settings.hooks?.software?.naming(this, pending)
    if (!naming && !this.#naming) return this.#passOn(pending)
    const turn: Promise<void> = Promise.all([this.#naming, naming]).then(() => {
      if (this.#naming === turn) this.#naming = undefined
      this.#passOn(pending)
    })
    this.#naming = turn
  }

  #passOn(pending: Pending<Session>): void {
    const route = this.#routes[pending.device.handle - 1] as Route
    const sending = pending.isPosted ? 'gathered' : 'quick'
    if (route.model) this.#sendTo(route.model, pending, sending)
    else this.#enqueue(route, pending)
  }

  #sendTo(model: RunningModel, pending: Pending<Session>, sending?: Sending): void {
    const { link, hello } = model
    this.settings.hooks?.software?.tell(model, this, pending)
    const { device } = pending
    const { observer, mayBeWhole } = this.settings
    const isWhole =
      pending.elements === 1 || (hello.takesStrings && mayBeWhole?.(device, decodeAccess(pending.access)) === true)
    if (isWhole) return link.sendAccess(this.id, pending.access, pending, sending)
    new ElementRun<Session>(this, pending, device, {
      pass: (element) => !this.#ended && link.sendAccess(this.id, element.access, element, 'quick'),
      observe: (element) => observer.onCompletion(element),
    }).next()
  }

  /** A posted write has its answer. */
  notePosted(pending: Pending<Session>): void {
    this.#posted.end(pending)
  }

  /** An access that went by a mailbox, as its model tells it. */
  observe(access: Buffer, completion: Buffer): void {
    const { device: handle, isWrite, isPosted, fault } = scanAccess(access)
    const device = this.#routes[handle - 1]?.device
    if (!device || fault !== undefined) throw new Error(fault ?? `there is no device ${handle}`)
    const { status } = scanCompletion(completion)
    const { observer } = this.settings
    const about = { session: this, access, device, isWrite, completion, status, isPosted }
    observer.onCompletion({ ...about, startedAtMs: undefined, count: 1 })
  }

  /** The host process is gone: frees what it holds in the models, once they have carried out what it left. */
  async end(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#send = undefined
    await this.#posted.settled()
    const models = await Promise.allSettled(this.#opening.values())
    const closing = models.map((opened) =>
      opened.status === 'fulfilled'
        ? opened.value.link.call({ closeSession: { session: this.id } }, 'done')
        : Promise.resolve(),
    )
    await Promise.allSettled(closing)
  }

  /** Resolves when a host that polls may be answered; undefined for any other access. */
  delayOf({ access, device }: PendingAccess, completion: Buffer): Promise<unknown> | undefined {
    const { polls } = this.settings.hooks ?? {}
    const { model, stream } = device.config
    if (!polls || (!stream && this.#laneOn(model))) return undefined
    const cycles = polls.extraCycles(this, access, completion)
    if (cycles === 0) return undefined
    return this.settings.models.find(model)?.link.call({ advance: { cycles } }, 'done')
  }

  /** Before a stream's answer goes out. */
  noteStream(device: MappedDevice, completion: Buffer): void {
    this.settings.listener.onStreamAnswer?.(device, completion)
  }

  /** Why an answer may not be given, if so. */
  objectionTo(pending: PendingAccess, completion: Buffer): string | undefined | Promise<string | undefined> {
    return this.settings.hooks?.lockstep?.objectionTo(pending, completion)
  }

  /** Sends every answer whose turn has come. */
  flush(): void {
    let head = this.#pending[0]
    while (head?.completion) {
      this.#pending.shift()
      if (!head.isPosted) this.#send?.(head.completion)
      if (head.isCarriedOut) this.settings.observer.onCompletion(head)
      head = this.#pending[0]
    }
  }

  #enqueue(route: Route, pending: Pending<Session>): void {
    this.settings.listener.onUse?.(route.device.config.model)
    route.waiting.push(pending)
    if (route.waiting.length > 1) return
    const pass = (send: (waiting: Pending<Session>) => void) => route.waiting.splice(0).forEach(send)
    this.#open(route.device.config.model).then(
      (model) => {
        route.model = model
        pass((waiting) => this.#sendTo(model, waiting))
      },
      (error: unknown) => pass((waiting) => waiting.fail(toMessage(error))),
    )
  }

  #refuse(name: string, error: unknown): void {
    const refusal = Promise.reject(error instanceof Error ? error : new Error(String(error)))
    refusal.catch(() => undefined)
    this.#opening.set(name, refusal)
  }

  /** A model that runs beside another one, and knows this session and the devices of that one. */
  openTwin(name: string): Promise<RunningModel> {
    return this.#open(name)
  }

  /** The name of the file by which accesses to a device may go, as agents are told. */
  laneFileOf(handle: number): string | undefined {
    const config = this.#routes[handle - 1]?.device.config
    return config && !config.stream ? this.lane?.fileOf(config.model)?.name : undefined
  }

  /** As the model is told of the session's mailbox with it; undefined if there is none. */
  #laneOn(model: string): Record<string, unknown> | undefined {
    const { lane, hooks } = this.settings
    const file = lane?.boxes.fileOf(model)
    if (!lane || !file || file.isClosed) return undefined
    const polls = hooks?.polls?.bounds
    return { path: file.path, slot: lane.boxes.slot, observeAll: lane.wishes.observesAll, ...(polls && { polls }) }
  }

  /** Makes this session known to a model, once. */
  #open(name: string): Promise<RunningModel> {
    const known = this.#opening.get(name)
    if (known) return known
    const opening = this.settings.models.start(name).then(async (model) => {
      const ports = model.hello.ports
      const beside = this.settings.models.besides(name)
      const devices = this.settings.devices
        .filter((device) => device.config.model === name || beside.includes(device.config.model))
        .map(({ handle, name: deviceName, config }) => ({
          handle,
          name: deviceName,
          ...this.settings.models.placeOf({ handle, name: deviceName, config }, ports, name),
          address: config.address,
          size: config.size,
          backdoor: config.model === name && this.settings.models.usesBackdoors ? (config.backdoor ?? '') : '',
          registerBytes: this.settings.lane?.wishes.registerBytesOf?.({ handle, name: deviceName, config }) ?? 0,
        }))
      const lane = this.#laneOn(name)
      await model.link.call(
        { openSession: { session: this.id, pid: this.pid, devices, ...(lane && { lane }) } },
        'done',
      )
      return model
    })
    this.#opening.set(name, opening)
    return opening
  }
}
