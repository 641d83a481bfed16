/**
 * How Verilator ends when it is not the RTL that ends it: in words of its own, of its wrapper script, of the C library
 * and of the shell. And whether a newer one is likely to take what this one didn't.
 */
import { ownEnvironment, ownRelease } from './own-verilator.js'
import type { Tool } from './toolchain.js'
import { joined } from '../ground/joined.js'

/** An allocation that failed, or the kernel's answer to too many of them. */
const memory = joined(
  [
    /std::bad_alloc|threw signal 9\b|terminated by (?:signal 9\b|SIGKILL)|^Killed\b|/,
    /Cannot allocate memory|[Oo]ut of memory/,
  ],
  'm',
)

/** The wrapper tells signals apart: 4, 8 and 11 are a fault, 6 is an abort, others have their number. */
const fault = new RegExp(
  [
    'Verilator (?:internal fault|aborted|threw signal|terminated by signal)',
    '^%Error: Command Failed',
    '^terminated by SIG',
    '^terminate called',
    '^Aborted\\b',
    'Segmentation fault|Illegal instruction|core dumped',
    "Assertion [`'].*' failed",
    '^(?:\\S+: )?(?:free|malloc|realloc|munmap_chunk|corrupted|double free)\\b.*',
  ].join('|'),
  'm',
)

/** @param output without an error that names a place in the RTL: what comes after such a one is its consequence */
export function crashOf(output: string): 'memory' | 'fault' | undefined {
  if (memory.test(output)) return 'memory'
  return fault.test(output) ? 'fault' : undefined
}

export function toCrashSentence(top: string, crash: 'memory' | 'fault'): string {
  if (crash === 'memory')
    return `Verilator was killed on ${top}, or ran out of memory; give it more, or let fewer builds run at once`
  return `Verilator crashed on ${top} without naming a line; build parts of it to find which, and write that otherwise`
}

/**
 * Complaints of compilers about the C++ that Verilator 5.006 writes for unpacked structs: members of more than 64 bits,
 * bits of members.
 */
const structs = joined([
  /Vtrapline_top[^:\n]*:\d+:\d+: error: /,
  /(?:[^\n]*(?:__struct\d|VL_TO_STRING_W|lvalue required as left operand)|[^\n]*\n[^\n]*VL_TO_STRING_W)/,
])

/** @param output of the compilers */
export function structFailure(top: string, output: string): string | undefined {
  if (!structs.test(output)) return undefined
  return (
    `this Verilator can't do what ${top} does with an unpacked struct: the C++ that it wrote does not ` +
    `compile; make the struct packed`
  )
}

/** Words for what a Verilator doesn't do yet, and C++ of its own that does not compile. */
const beyondIt = /Internal Error|Unsupported|UNSUPPORTED|syntax error|Vtrapline_top[^:\n]*:\d+:\d+: (?:fatal )?error/

/** What is missing is missing for every Verilator, and syntax errors are what follows from it. */
const missingText = /Cannot find (?:include )?file|Define or directive not defined/

/** `; Verilator 5.048 may take it: …`, or nothing where that is not likely. */
export function offerOfNewer(output: string, verilator: Tool): string {
  const isLikely = (beyondIt.test(output) && !missingText.test(output)) || crashOf(output) === 'fault'
  if (!isLikely || !isOlder(verilator)) return ''
  return `; ${ownRelease.name} may take it: \`trapline setup --verilator\` brings it`
}

/** Than the one that we could bring. One that doesn't tell its number may be. */
function isOlder({ version, environment }: Tool): boolean {
  if (environment === ownEnvironment) return false
  const numberOf = (text: string) => Number(/Verilator (\d+\.\d+)/.exec(text)?.[1] ?? 0)
  return numberOf(version) < numberOf(ownRelease.name)
}
