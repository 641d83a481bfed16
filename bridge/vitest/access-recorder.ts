/** Keeps the accesses of a bench's hosts as they are answered, and what hosts and models print. */
import { readFileSync } from 'node:fs'
import { partialEnables, type Access } from '../wire/access.js'
import { movedValue, nameAccess } from '../access/named-access.js'
import type { HostCode } from '../access/host-code.js'
import type { EndedAccess } from '../access/session.js'
import type { CodeBlame } from '../access/blamed-code.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'
import type { LogRecord } from '../logs/log-record.js'
import type { RegisterMap } from '../registers/register-map.js'
import { RegisterMaps } from '../registers/register-maps.js'
import { KeptOutput } from './kept-output.js'

/** What is known of the registers of the device that an access went to. */
const maps = new WeakMap<LogRecord, RegisterMap>()

export function registersOf(record: LogRecord): RegisterMap | undefined {
  return maps.get(record)
}

export class AccessRecorder {
  readonly records: LogRecord[] = []
  readonly #output = new KeptOutput()
  /** Of which the line is not known yet. */
  readonly #unnamed = new Map<LogRecord, { code: HostCode; access: Access }>()
  /** Which process of the test's own a host process came from. */
  readonly #roots = new Map<number, number>()
  readonly #running = new Set<number>()

  /** Known once the bridge is there, whose accesses these are. */
  registers = new RegisterMaps(new Map())

  constructor(private readonly codeBlame: CodeBlame) {}

  noteOutput(line: string): void {
    this.#output.note(line)
  }

  get output(): string {
    return this.#output.text
  }

  /** The test has started this process. */
  noteStart(pid: number): void {
    this.#running.add(pid)
  }

  /** A process has checked in and waits: who its parents are can be looked up now. */
  noteAttach(pid: number): void {
    for (let ancestor = pid; ancestor > 1; ancestor = parentOf(ancestor))
      if (this.#running.has(ancestor)) return void this.#roots.set(pid, ancestor)
  }

  /** The process, or one that came from it. */
  hasCheckedIn(pid: number): boolean {
    return [...this.#roots.values()].includes(pid)
  }

  /** Whether a process is a child of that one; of one that never checked in anybody may be the parent. */
  mayBeChildOf(pid: number, parent: number): boolean {
    return !this.#running.has(pid) && (this.#roots.get(pid) ?? parent) === parent
  }

  note(pending: EndedAccess): void {
    const access = decodeAccess(pending.access)
    const completion = decodeCompletion(pending.completion ?? Buffer.alloc(0))
    const byteEnables = partialEnables(access)
    const seq = BigInt(this.records.length + 1)
    const record: LogRecord = {
      at: `access ${seq}`,
      seq,
      operation: access.operation,
      device: pending.device.name,
      offset: access.offset,
      widthBytes: access.widthBytes,
      ...(byteEnables !== undefined && { byteEnables }),
      value: movedValue(access, completion),
      status: completion.status,
      cycles: { start: completion.cycleStart, end: completion.cycleEnd },
      timePs: completion.timePs,
      pid: pending.session.pid,
      tid: access.tid,
      symbol: '',
      ...nameAccess(this.registers, pending.device.name, access, completion),
    }
    this.#unnamed.set(record, { code: pending.session.code, access })
    const map = this.registers.of(pending.device.name)
    if (map) maps.set(record, map)
    this.records.push(record)
  }

  /** The accesses of a process that the test has started, and of its children; with the places in their code. */
  async recordsOf(pid: number): Promise<LogRecord[]> {
    await this.#name()
    return this.records.filter((record) => this.#roots.get(record.pid) === pid)
  }

  async #name(): Promise<void> {
    const { codeBlame } = this
    await codeBlame.name(
      [...this.#unnamed.values()].flatMap(({ code, access: { pc, stack } }) => code.wayTo(pc, stack)),
    )
    for (const [record, { code, access }] of this.#unnamed) {
      const { symbol, frames } = codeBlame.on(code, access)
      record.symbol = symbol
      if (frames.length > 0) record.frames = frames
    }
    this.#unnamed.clear()
  }
}

/** 0 if there is none (any more); proc(5). */
function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
