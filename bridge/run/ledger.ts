/**
 * What the processes of a run leave for us in the file `ledger` of their run directory: that the agent is in them, how
 * long their accesses took, which of them the agent ended, and what became of instructions that were to be patched.
 * They have it mapped (trap/ground/ledger.h), so it holds what a killed one did up to then.
 */
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ledgerFile } from './layout.js'
import { WaitHistogram } from './latency.js'
import { PatchCounts } from './patches.js'
import { toMessage } from '../ground/errors.js'
import { readForeign } from '../ground/foreign-files.js'
import { toPrintable } from '../ground/printable.js'

/** The layout is that of trap/ground/ledger.c. */
const endsAt = WaitHistogram.bytes + 8
const mostEnds = 32
const endBytes = 1024
const programAt = 4
const whyAt = 256
const takenBack = -1
const askingAt = endsAt + mostEnds * endBytes
const attachedAt = askingAt + 8
/** What the agents have said once; they alone read that. */
const saidBytes = 6 * 8
const patchesAt = attachedAt + 8 + saidBytes
const undoneAt = patchesAt + PatchCounts.bytes
const mostUndone = 16
const undoneEndsAt = undoneAt + 8 + mostUndone * endBytes
/** What `residents.ts` reads and writes: a page, and what comes behind it. */
const pageBytes = 4096
export const residentsAt = Math.ceil(undoneEndsAt / pageBytes) * pageBytes
export const residentsLayout = { countBytes: 8, firstAt: 16, most: 255, bytes: 16 }
export const publishedAt = residentsAt + pageBytes
/** Between the namespace and the reply is what agents tell one another. */
export const publishedLayout = { lengthBytes: 8, namespaceBytes: 64, agentsBytes: 1024, most: 51_200 }
export const replyAt =
  publishedAt + publishedLayout.lengthBytes + publishedLayout.namespaceBytes + publishedLayout.agentsBytes
/** What agents have found in code, for one another. */
const findingsBytes = 10 * pageBytes
const ledgerBytes = Math.ceil((replyAt + publishedLayout.most) / pageBytes) * pageBytes + findingsBytes

export interface AgentEnd {
  pid: number
  sentence: string
}

export interface Ledger {
  /** How long programs waited for their accesses. */
  waits: WaitHistogram
  /** Processes that the agent ended, the first ones of many. */
  ends: AgentEnd[]
  /** How many there were in all. */
  ended: number
  /** What became of instructions that were to be patched. */
  patches: PatchCounts
  /** A sentence for each use of a device that hardware has and that was not carried out, the first ones of many. */
  undone: string[]
  /** Why nobody knows any of it: a host has removed or replaced the file. */
  problem?: string
}

/** Written in full, so that no process finds the disk full at an access. */
export function createLedger(runDirectory: string): void {
  writeFileSync(join(runDirectory, ledgerFile), Buffer.alloc(ledgerBytes), { mode: 0o600 })
}

export function readLedger(runDirectory: string): Ledger {
  const bytes = Buffer.alloc(ledgerBytes)
  try {
    const found = readForeign(join(runDirectory, ledgerFile), ledgerBytes)
    if (found?.length !== ledgerBytes) throw new Error(found ? `it has ${found.length} bytes` : 'it is gone')
    found.copy(bytes)
  } catch (error) {
    const problem =
      `a host has taken the ledger of the run away (${toMessage(error)}), so nobody knows what became ` +
      `of its processes`
    return { waits: new WaitHistogram(bytes), ends: [], ended: 0, patches: toPatches(bytes), undone: [], problem }
  }
  return toLedger(bytes)
}

/** How often an agent has asked the bridge for its devices, and has been answered; none if the file is gone. */
export function readAttaches(runDirectory: string): { asking: bigint; attached: bigint } {
  try {
    const bytes = readForeign(join(runDirectory, ledgerFile), ledgerBytes)
    if (bytes?.length !== ledgerBytes) throw new Error()
    return { asking: bytes.readBigUInt64LE(askingAt), attached: bytes.readBigUInt64LE(attachedAt) }
  } catch {
    return { asking: 0n, attached: 0n } // That it is gone is said at the end.
  }
}

function toLedger(bytes: Buffer): Ledger {
  const ended = Number(bytes.readBigUInt64LE(WaitHistogram.bytes))
  const places = Array.from({ length: Math.min(ended, mostEnds) }, (_, place) => endsAt + place * endBytes)
  const notes = places.map((at) => readEnd(bytes, at))
  const ends = notes.filter(({ pid }) => pid !== takenBack)
  const [patches, undone] = [toPatches(bytes), toUndone(bytes)]
  return { waits: new WaitHistogram(bytes), ends, ended: ended - (notes.length - ends.length), patches, undone }
}

function toPatches(bytes: Buffer): PatchCounts {
  return new PatchCounts(bytes.subarray(patchesAt))
}

function toUndone(bytes: Buffer): string[] {
  const count = Number(bytes.readBigUInt64LE(undoneAt))
  const named = Array.from({ length: Math.min(count, mostUndone) }, (_, place) => {
    const { pid, program, why } = readNote(bytes, undoneAt + 8 + place * endBytes)
    return `${program} (pid ${pid}) used a device as hardware can be used and Trapline can't: ${why}`
  })
  return count > mostUndone ? [...named, `${count - mostUndone} more uses of devices were not carried out`] : named
}

function readEnd(bytes: Buffer, at: number): AgentEnd {
  const { pid, program, why } = readNote(bytes, at)
  const cause = why.replace(/^the host is ended: |; the host is ended$/, '')
  return { pid, sentence: `${program} (pid ${pid}) was ended by Trapline: ${cause || 'it could not say why'}` }
}

/** What a process has noted of itself. */
function readNote(bytes: Buffer, at: number): { pid: number; program: string; why: string } {
  const program = basename(readText(bytes, at + programAt, at + whyAt)) || 'a program'
  return { pid: bytes.readInt32LE(at), program, why: readText(bytes, at + whyAt, at + endBytes) }
}

function readText(bytes: Buffer, from: number, to: number): string {
  const end = bytes.indexOf(0, from)
  return toPrintable(bytes.toString('utf8', from, end < 0 ? to : Math.min(end, to)), endBytes)
}
