/** All sessions of one bridge: who checked in, who is still there. */
import { basename } from 'node:path'
import { Deferred } from '../ground/deferred.js'
import { TraplineError } from '../ground/errors.js'
import type { Lanes } from '../model/lanes.js'
import type { ModelPool } from '../model/model-pool.js'
import { isOwnPidNamespace } from '../ground/pid-namespace.js'
import type { Site } from '../wire/access.js'
import type { MappedDevice } from '../map/address-map.js'
import type { HostCode } from './host-code.js'
import {
  Session,
  type AccessHooks,
  type LaneWishes,
  type PendingAccess,
  type SessionListener,
  type SessionObserver,
  type SessionSettings,
  type WholeStrings,
} from './session.js'

/** Processes at once; each costs the models a session, too. */
const mostSessions = 1024
/**
 * An agent opens its Transact call as it attaches. One that was lost in between leaves no other trace than its place
 * here.
 */
const longestIdleMs = 10_000
/** How long a session may keep others from a bus while it asks nothing itself, in seconds that we see. */
export const holdLimitSeconds = 10
const checkMs = 1_000

export interface SessionsSettings {
  devices: MappedDevice[]
  models: ModelPool
  observer: SessionObserver
  /** Whether sites outlive their session, to name the PCs of the log. */
  keepsSites: boolean
  hooks?: AccessHooks
  mayBeWhole?: WholeStrings | undefined
  /** Present where accesses of hosts may go by mailboxes. */
  lanes?: { files: Lanes; wishes: LaneWishes } | undefined
  idleMs?: number
  holdSeconds?: number
  /** A session has kept others from a bus for too long. */
  onHeld?(sentence: string): void
}

/** A process that checks in. */
export interface Arrival {
  pid: number
  exe: string
  /** Models that can't be built, and why. */
  unknown?: ReadonlyMap<string, unknown>
  pidNamespace?: string
}

export class Sessions {
  #lastId = 0
  /** How many processes have checked in so far. */
  attached = 0
  /** Paths of their programs. */
  readonly programs = new Set<string>()
  readonly #open = new Map<number, Session>()
  /** Sites of all sessions, the ended ones too, for naming the PCs of the log. */
  readonly #code = new Map<number, HostCode>()
  readonly #ending = new Map<Promise<void>, Session>()
  /** Whose models have not all heard yet that they are gone. */
  readonly #leaving = new Map<number, Session>()
  /** Sessions of the bridge itself, which no host has. */
  readonly #own = new Set<Session>()
  /** Seconds for which a hold that began at that time has kept others waiting. */
  readonly #heldFor = new Map<Session, { model: string; since: number; seconds: number }>()
  readonly #holdTimer = setInterval(() => this.#checkHolds(), checkMs).unref()
  /** Of all sessions, for the records of what they did. */
  readonly #processes = new Map<number, { pid: number; exe: string }>()
  /** Somebody goes. */
  #left = new Deferred()
  #listener: SessionListener = {}

  constructor(private readonly settings: SessionsSettings) {}

  /** Before any process checks in. */
  listen(listener: SessionListener): void {
    this.#listener = listener
  }

  get devices(): MappedDevice[] {
    return this.settings.devices
  }

  get open(): number {
    return this.#open.size
  }

  attach({ pid, exe, unknown, pidNamespace = '' }: Arrival): Session {
    const { observer, keepsSites, hooks, mayBeWhole, lanes, idleMs = longestIdleMs } = this.settings
    if (this.#open.size >= mostSessions) this.#dropIdle()
    const boxes = lanes?.files.take()
    const lane = lanes && boxes && { boxes, wishes: lanes.wishes }
    const session = this.#make({ pid, exe, unknown, observer, hooks, mayBeWhole, lane, listener: this.#listener })
    session.isLocal = isOwnPidNamespace(pidNamespace)
    this.#open.set(session.id, session)
    this.#processes.set(session.id, { pid, exe })
    this.attached++
    this.programs.add(exe)
    if (keepsSites) this.#code.set(session.id, session.code)
    setTimeout(() => !session.isTransacting && this.end(session), idleMs).unref()
    session.openRunning()
    return session
  }

  /** A session of the bridge itself, which no observer sees. */
  openOwn(send: (completion: Buffer) => void): Session {
    const { lockstep } = this.settings.hooks ?? {}
    const { onUse } = this.#listener
    const session = this.#make({
      ...{ pid: process.pid, exe: process.execPath, hooks: { lockstep }, listener: { onUse } },
      observer: { onCompletion: () => undefined },
    })
    session.begin(send)
    this.#own.add(session)
    return session
  }

  /** From now on nobody looks who holds a bus. */
  close(): void {
    clearInterval(this.#holdTimer)
  }

  #make(settings: Omit<SessionSettings, 'id' | 'devices' | 'models'>): Session {
    const { devices, models } = this.settings
    return new Session({ ...settings, id: ++this.#lastId, devices, models })
  }

  /** The processes that have checked in and are still there. */
  get processes(): { pid: number; exe: string; isLocal: boolean }[] {
    return [...this.#open.values()]
  }

  /** The session whose number Attach gave out. */
  find(key: string): Session | undefined {
    return [...this.#open.values()].find((session) => String(session.key) === key)
  }

  end(session: Session): void {
    if (!this.#open.has(session.id)) return
    this.#listener.onEnd?.(session.id)
    this.#open.delete(session.id)
    this.#left.resolve()
    this.#left = new Deferred()
    this.#leaving.set(session.id, session)
    const ending = session.end().then(() => session.lane && this.settings.lanes?.files.giveBack(session.lane))
    this.#ending.set(ending, session)
    void ending.finally(() => {
      this.#ending.delete(ending)
      this.#leaving.delete(session.id)
    })
  }

  /** The bridge goes, whoever is still there. */
  endAll(): void {
    for (const session of this.#open.values()) this.end(session)
  }

  /** Resolves when no process, or none that is meant, is there any more and the models know of it. */
  async drain(isMeant: (session: Session) => boolean = () => true): Promise<void> {
    while ([...this.#open.values()].some(isMeant)) await this.#left.promise
    await Promise.all([...this.#ending].flatMap(([ending, session]) => (isMeant(session) ? ending : [])))
  }

  /** A model tells of an access that went by a mailbox. */
  observe(id: number, access: Buffer, completion: Buffer): void {
    this.sessionOf(id)?.observe(access, completion)
  }

  /** Whether any host waits for an access. */
  get isAccessing(): boolean {
    return this.oldestPending() !== undefined || (this.settings.lanes?.files.counts.isWaiting ?? false)
  }

  /** Whether anything that was posted is under way, also by processes that are gone. */
  isPosting(isMeant: (session: Session) => boolean = () => true): boolean {
    return [...this.#open.values(), ...this.#leaving.values()].some((session) => isMeant(session) && session.isPosting)
  }

  /** The process of a session, also of one that has ended; 0 if there was none of that number. */
  pidOf(id: number): number {
    return this.#processes.get(id)?.pid ?? 0
  }

  /** The name of its program. */
  programOf(id: number): string {
    return basename(this.#processes.get(id)?.exe ?? '')
  }

  /** Also one whose process has just gone. */
  sessionOf(id: number): Session | undefined {
    return this.#open.get(id) ?? this.#leaving.get(id)
  }

  isOpen(id: number): boolean {
    return this.#open.has(id)
  }

  /** Where the instructions of a session stand, also of one that has ended. */
  codeOf(session: number): HostCode | undefined {
    return this.#code.get(session)
  }

  allSites(): Site[] {
    return [...this.#code.values()].flatMap((code) => code.all)
  }

  oldestPending(): PendingAccess | undefined {
    const pending = [...this.#open.values()].flatMap((session) => session.oldestPending ?? [])
    return pending.sort((a, b) => a.startedAtMs - b.startedAtMs)[0]
  }

  get #holdSeconds(): number {
    return this.settings.holdSeconds ?? holdLimitSeconds
  }

  #checkHolds(): void {
    for (const session of this.#own) if (!session.isOpen) this.#own.delete(session)
    for (const session of this.#open.values()) {
      const [model, since] = session.idleHolds.find(([name]) => this.#isWantedByOthers(name, session)) ?? []
      const known = this.#heldFor.get(session)
      if (model === undefined || since === undefined) this.#heldFor.delete(session)
      else if (known?.model !== model || known.since !== since) this.#heldFor.set(session, { model, since, seconds: 0 })
      else if (++known.seconds >= this.#holdSeconds) this.#endHolder(session, model)
    }
  }

  #isWantedByOthers(model: string, holder: Session): boolean {
    const others = [...this.#open.values(), ...this.#own]
    return others.some((session) => session !== holder && session.isOpen && session.waitsFor(model))
  }

  #endHolder(session: Session, model: string): void {
    const { exe, pid } = session
    const what =
      `held the bus of model ${model} in the middle of a locked access for ${this.#holdSeconds} s while ` +
      `others waited`
    this.settings.onHeld?.(`${basename(exe)} (pid ${pid}) ${what}; its session is ended`)
    session.breakOff(`the session ${what}; was the program stopped?`)
    this.#heldFor.delete(session)
    this.end(session)
  }

  /** Makes room where there is some. */
  #dropIdle(): void {
    const idle = [...this.#open.values()].find((session) => !session.isTransacting)
    if (!idle)
      throw new TraplineError('bridge', `the bridge has ${mostSessions} sessions and takes no more; end a host first`)
    this.end(idle)
  }
}
