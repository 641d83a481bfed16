/** What became of the instructions that were to be patched (`--patch`), as the agents of a run count it. */
import { toCount } from '../ground/format.js'
import { toPrintable } from '../ground/printable.js'

/** In the order of `enum patch_obstacle` (trap/patch/patch.h). */
const obstacles = [
  'whose accesses go by gRPC, or to more than one device',
  'of a form that keeps trapping',
  'without room for a jump',
  'beside a patched one',
  "in code that is no file's, or that can be written",
  'under a debugger',
  'beyond the 512 that a process can have',
  'whose code the kernel lets nobody change',
]

/** Layout of `struct unpatched` (trap/ground/ledger.c). */
const [places, firstAt, entryBytes] = [8, 16, 128]

/** Instructions that trapped often and that no jump replaced, for one reason. */
export interface Unpatched {
  reason: string
  instructions: number
  /** How often they have trapped since that was found. */
  traps: number
  /** One of them: `mov eax, [rdi] at program+0x1139`. */
  first: string
}

export class PatchCounts {
  static readonly bytes = 8 + places * entryBytes
  /** Instructions that were replaced, in all processes. */
  readonly patched: number
  /** Those that trap most come first. */
  readonly unpatched: Unpatched[]

  constructor(bytes: Buffer) {
    this.patched = toNumber(bytes, 0)
    this.unpatched = obstacles
      .map((reason, place) => toUnpatched(reason, bytes.subarray(8 + place * entryBytes, 8 + (place + 1) * entryBytes)))
      .filter(({ instructions }) => instructions > 0)
      .sort((a, b) => b.traps - a.traps)
  }
}

function toUnpatched(reason: string, bytes: Buffer): Unpatched {
  const text = bytes.subarray(firstAt)
  const end = text.indexOf(0)
  const first = toPrintable(text.toString('utf8', 0, end < 0 ? text.length : end), text.length)
  return { reason, instructions: toNumber(bytes, 0), traps: toNumber(bytes, 8), first }
}

/** A host may write there what it likes. */
function toNumber(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at))
}

const mostReasons = 4

/**
 * `--patch: 3 instructions were patched; 1 that trapped 64 times could not be: 1 without room for a jump (…)`
 * @param traps after how many they are patched
 */
export function toPatchLine({ patched, unpatched }: PatchCounts, traps: string): string {
  const were = patched === 1 ? 'instruction was' : 'instructions were'
  const done = `--patch: ${patched === 0 ? 'no instruction was' : `${patched} ${were}`} patched`
  if (unpatched.length === 0) return patched === 0 ? `${done}, for none trapped ${traps} times` : done
  const total = unpatched.reduce((sum, { instructions }) => sum + instructions, 0)
  const reasons = unpatched.slice(0, mostReasons).map(toReason)
  return `${done}; ${total} that trapped ${traps} times could not be: ${reasons.join('; ')}`
}

/** `2 without room for a jump (90 more traps, the first: mov eax, [rdi] at program+0x1139)` */
function toReason({ reason, instructions, traps, first }: Unpatched): string {
  const which = instructions > 1 ? `, the first: ${first}` : `: ${first}`
  return `${instructions} ${reason} (${toCount(traps, 'more trap', 'more traps')}${which})`
}
