/**
 * The files of the shm lane (proto/trapline/v1/lane.h): one for each process of a model, with a mailbox for each
 * session. Agents and models write to them without us; we make them, say when a model is gone, and read how much went
 * through.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { laneFile } from '../run/layout.js'
import { laneLayout } from '../wire/lane-layout.js'
import type { AccessOutline } from '../wire/scan.js'

/** Accesses that went by mailboxes, and that no model told us of one by one. */
export interface LaneCounts {
  reads: number
  writes: number
  /** Answers that were late for poll acceleration, and the cycles that passed before. */
  polls: number
  pollCycles: number
  /** Answers there, in turns of the mailbox; those that we were told of, too. */
  answers: number
  /** Accesses that came to us although a mailbox was there for them, and we need not see them first. */
  detours: number
  /** An access is in a mailbox, and not answered. */
  isWaiting: boolean
  /** It was posted. */
  isPosting: boolean
}

const noCounts: LaneCounts = {
  reads: 0,
  writes: 0,
  polls: 0,
  pollCycles: 0,
  answers: 0,
  detours: 0,
  isWaiting: false,
  isPosting: false,
}

function sum(all: LaneCounts[]): LaneCounts {
  return all.reduce(
    (total, { reads, writes, polls, pollCycles, answers, detours, isWaiting, isPosting }) => ({
      reads: total.reads + reads,
      writes: total.writes + writes,
      polls: total.polls + polls,
      pollCycles: total.pollCycles + pollCycles,
      answers: total.answers + answers,
      detours: total.detours + detours,
      isWaiting: total.isWaiting || isWaiting,
      isPosting: total.isPosting || isPosting,
    }),
    noCounts,
  )
}

/** What has ended waits for nothing. */
function atRest(counts: LaneCounts): LaneCounts {
  return { ...counts, isWaiting: false, isPosting: false }
}

/** The mailboxes of one process of a model. */
export class LaneFile {
  readonly path: string
  readonly #descriptor: number
  isClosed = false

  constructor(
    folder: string,
    readonly name: string,
  ) {
    const { SLOTS, HEAD_BYTES, SLOT_BYTES, VERSION } = laneLayout()
    this.path = join(folder, name)
    this.#descriptor = openSync(this.path, 'wx+', 0o600)
    ftruncateSync(this.#descriptor, HEAD_BYTES + SLOTS * SLOT_BYTES)
    this.#write(VERSION, 0)
  }

  /** Its model is gone: agents look, and ask us why. */
  close(): void {
    this.isClosed = true
    this.#write(1, laneLayout().CLOSED_AT)
  }

  dispose(): void {
    closeSync(this.#descriptor)
  }

  clear(slot: number): void {
    const { SLOT_BYTES, HEAD_BYTES, ANSWER_AT, ANSWER_DATA_AT } = laneLayout()
    const at = HEAD_BYTES + slot * SLOT_BYTES
    const nothing = Buffer.alloc(ANSWER_DATA_AT)
    for (const part of [at, at + ANSWER_AT]) writeSync(this.#descriptor, nothing, 0, nothing.length, part)
  }

  read(slot: number): LaneCounts {
    const { SLOT_BYTES, HEAD_BYTES, ANSWER_AT, ANSWER_DATA_AT, ...places } = laneLayout()
    const at = HEAD_BYTES + slot * SLOT_BYTES
    // In this order: what is answered in between counts as waiting a little longer.
    const answer = this.#read(at + ANSWER_AT, ANSWER_DATA_AT)
    const request = this.#read(at, places.POSTED_AT + 4)
    const answers = answer.readUInt32LE(0)
    const isWaiting = request.readUInt32LE(0) !== answers && !this.isClosed
    return {
      reads: Number(answer.readBigUInt64LE(places.READS_AT)),
      writes: Number(answer.readBigUInt64LE(places.WRITES_AT)),
      polls: Number(answer.readBigUInt64LE(places.POLLS_AT)),
      pollCycles: Number(answer.readBigUInt64LE(places.POLL_CYCLES_AT)),
      answers,
      detours: 0,
      isWaiting,
      isPosting: isWaiting && request.readUInt32LE(places.POSTED_AT) === 1,
    }
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    readSync(this.#descriptor, bytes, 0, length, at)
    return bytes
  }

  #write(value: number, at: number): void {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    writeSync(this.#descriptor, bytes, 0, 4, at)
  }
}

/** One session's mailboxes: one with each model that has some. */
export class SessionLane {
  #detours = 0
  #isLocked = false

  constructor(
    readonly slot: number,
    private readonly files: ReadonlyMap<string, LaneFile>,
  ) {}

  /** The file of the process of that model which this session may know. */
  fileOf(model: string): LaneFile | undefined {
    return this.files.get(model)
  }

  /**
   * An access to that model has come to us. An agent sends us the first of each instruction, and both of a locked one.
   */
  noteByGrpc(
    model: string,
    { hasSite, isHolding, elements }: Pick<AccessOutline, 'hasSite' | 'isHolding' | 'elements'>,
  ): void {
    const mustBeSeen = hasSite || isHolding || this.#isLocked
    this.#isLocked = isHolding
    const file = this.files.get(model)
    if (!mustBeSeen && file && !file.isClosed) this.#detours += elements
  }

  isWaitingFor(model: string): boolean {
    return this.files.get(model)?.read(this.slot).isWaiting ?? false
  }

  get counts(): LaneCounts {
    return { ...sum([...this.files.values()].map((file) => file.read(this.slot))), detours: this.#detours }
  }
}

export class Lanes {
  readonly #files = new Map<string, LaneFile>()
  readonly #all: LaneFile[] = []
  readonly #open = new Set<SessionLane>()
  #ended = noCounts
  #lastSlot = -1

  /** @param models those that take accesses out of mailboxes */
  constructor(
    private readonly folder: string,
    private readonly models: readonly string[],
  ) {}

  /** The file of the model's process, or of its next one. */
  of(model: string): LaneFile | undefined {
    if (!this.models.includes(model)) return undefined
    const known = this.#files.get(model)
    if (known) return known
    const file = new LaneFile(this.folder, laneFile(this.#all.length))
    this.#files.set(model, file)
    this.#all.push(file)
    return file
  }

  /** The process of that model is gone. */
  retire(model: string): void {
    this.#files.get(model)?.close()
    this.#files.delete(model)
  }

  /** Mailboxes for a session; undefined where none are left. Those that were in use last come last. */
  take(): SessionLane | undefined {
    const { SLOTS } = laneLayout()
    const taken = new Set([...this.#open].map(({ slot }) => slot))
    if (taken.size >= SLOTS) return undefined
    let slot = (this.#lastSlot + 1) % SLOTS
    while (taken.has(slot)) slot = (slot + 1) % SLOTS
    this.#lastSlot = slot
    const files = this.models.flatMap((model) => {
      const file = this.of(model)
      return file ? [[model, file] as const] : []
    })
    for (const [, file] of files) file.clear(slot)
    const lane = new SessionLane(slot, new Map(files))
    this.#open.add(lane)
    return lane
  }

  /** The models know that the session has ended. */
  giveBack(lane: SessionLane): void {
    if (!this.#open.has(lane)) return
    this.#ended = atRest(sum([this.#ended, lane.counts]))
    this.#open.delete(lane)
  }

  /** Of all sessions, also those that have ended. */
  get counts(): LaneCounts {
    return sum([this.#ended, ...[...this.#open].map((lane) => lane.counts)])
  }

  /** What was counted stays known. */
  close(): void {
    this.#ended = atRest(this.counts)
    this.#open.clear()
    for (const file of this.#all.splice(0)) file.dispose()
  }
}
