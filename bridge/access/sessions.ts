/** All sessions of one bridge: who checked in, who is still there. */
import { TraplineError } from '../errors.js'
import type { ModelPool } from '../model/model-pool.js'
import type { Site } from './access.js'
import type { MappedDevice } from './address-map.js'
import { Session, type AccessHooks, type PendingAccess, type SessionObserver } from './session.js'

/** Processes at once; each costs the models a session, too. */
const mostSessions = 1024
/** An agent opens its Transact call as it attaches. One that was lost in between leaves no other trace than its place here. */
const longestIdleMs = 10_000

export interface SessionsSettings {
  devices: MappedDevice[]
  models: ModelPool
  observer: SessionObserver
  /** Whether sites outlive their session, to name the PCs of the log. */
  keepsSites: boolean
  hooks?: AccessHooks
  idleMs?: number
}

export class Sessions {
  #lastId = 0
  /** How many processes have checked in so far. */
  attached = 0
  readonly #open = new Map<number, Session>()
  /** Sites of all sessions, the ended ones too, for naming the PCs of the log. */
  readonly #sites = new Map<number, ReadonlyMap<bigint, Site>>()
  readonly #ending = new Set<Promise<void>>()
  #becomeEmpty: () => void = () => undefined

  constructor(private readonly settings: SessionsSettings) {}

  get devices(): MappedDevice[] {
    return this.settings.devices
  }

  get open(): number {
    return this.#open.size
  }

  /** @param unknown models that can't be built, and why */
  attach(pid: number, exe: string, unknown?: ReadonlyMap<string, unknown>): Session {
    const { observer, keepsSites, hooks = {}, idleMs = longestIdleMs } = this.settings
    if (this.#open.size >= mostSessions) this.#dropIdle()
    const session = this.#make(pid, exe, observer, hooks, unknown)
    this.#open.set(session.id, session)
    this.attached++
    if (keepsSites) this.#sites.set(session.id, session.sites)
    setTimeout(() => !session.isTransacting && this.end(session), idleMs).unref()
    session.openRunning()
    return session
  }

  /** A session of the bridge itself, which no observer sees. */
  openOwn(send: (completion: Buffer) => void): Session {
    const { lockstep, onUse } = this.settings.hooks ?? {}
    const session = this.#make(process.pid, process.execPath, { onCompletion: () => undefined }, { lockstep, onUse })
    session.begin(send)
    return session
  }

  #make(
    pid: number,
    exe: string,
    observer: SessionObserver,
    hooks: AccessHooks,
    unknown?: ReadonlyMap<string, unknown>,
  ): Session {
    const { devices, models } = this.settings
    return new Session(++this.#lastId, pid, exe, devices, models, observer, hooks, unknown)
  }

  /** Those that are there. */
  get processes(): { pid: number; exe: string }[] {
    return [...this.#open.values()]
  }

  /** By the number that Attach gave out. */
  find(key: string): Session | undefined {
    return [...this.#open.values()].find((session) => String(session.key) === key)
  }

  end(session: Session): void {
    if (!this.#open.delete(session.id)) return
    if (this.#open.size === 0) this.#becomeEmpty()
    const ending = session.end()
    this.#ending.add(ending)
    void ending.finally(() => this.#ending.delete(ending))
  }

  /** Resolves when no process is there any more and the models know of it. */
  async drain(): Promise<void> {
    if (this.#open.size > 0) await new Promise<void>((resolve) => (this.#becomeEmpty = resolve))
    await Promise.all(this.#ending)
  }

  siteOf(session: number, pc: bigint): Site | undefined {
    return this.#sites.get(session)?.get(pc)
  }

  allSites(): Site[] {
    return [...this.#sites.values()].flatMap((sites) => [...sites.values()])
  }

  oldestPending(): PendingAccess | undefined {
    const pending = [...this.#open.values()].flatMap((session) => session.oldestPending ?? [])
    return pending.sort((a, b) => a.startedAtMs - b.startedAtMs)[0]
  }

  /** Makes room where there is some. */
  #dropIdle(): void {
    const idle = [...this.#open.values()].find((session) => !session.isTransacting)
    if (!idle)
      throw new TraplineError('bridge', `the bridge has ${mostSessions} sessions and takes no more; end a host first`)
    this.end(idle)
  }
}
