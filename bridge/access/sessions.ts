/** All sessions of one bridge: who checked in, who is still there. */
import { TraplineError } from '../errors.js'
import type { ModelPool } from '../model/model-pool.js'
import type { Site } from './access.js'
import type { MappedDevice } from './address-map.js'
import { Session, type AccessHooks, type PendingAccess, type SessionObserver } from './session.js'

/** Processes at once; each costs the models a session, too. */
const mostSessions = 1024

export class Sessions {
  #lastId = 0
  /** How many processes have checked in so far. */
  attached = 0
  readonly #open = new Map<number, Session>()
  /** Sites of all sessions, the ended ones too, for naming the PCs of the log. */
  readonly #sites = new Map<number, ReadonlyMap<bigint, Site>>()
  readonly #ending = new Set<Promise<void>>()
  #becomeEmpty: () => void = () => undefined

  constructor(
    readonly devices: MappedDevice[],
    private readonly models: ModelPool,
    private readonly observer: SessionObserver,
    private readonly keepsSites: boolean,
    private readonly hooks: AccessHooks = {},
  ) {}

  get open(): number {
    return this.#open.size
  }

  attach(pid: number, exe: string): Session {
    if (this.#open.size >= mostSessions) this.#dropIdle()
    const session = new Session(++this.#lastId, pid, exe, this.devices, this.models, this.observer, this.hooks)
    this.#open.set(session.id, session)
    this.attached++
    if (this.keepsSites) this.#sites.set(session.id, session.sites)
    session.openRunning()
    return session
  }

  /** A session of the bridge itself, which no observer sees. */
  openOwn(send: (completion: Buffer) => void): Session {
    const unseen = { onCompletion: () => undefined }
    const { lockstep } = this.hooks
    const { pid, execPath } = process
    const session = new Session(++this.#lastId, pid, execPath, this.devices, this.models, unseen, { lockstep })
    session.begin(send)
    return session
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

  /** Whoever checked in and opened no Transact call leaves no other trace than its place here. */
  #dropIdle(): void {
    const idle = [...this.#open.values()].find((session) => !session.isTransacting)
    if (!idle)
      throw new TraplineError('bridge', `the bridge has ${mostSessions} sessions and takes no more; end a host first`)
    this.end(idle)
  }
}
