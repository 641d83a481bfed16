/**
 * Which line of a program an access is blamed on: the first on its way there that is neither of the system's libraries
 * nor of a function that the configuration passes over (`skipFrames`). What runs on an interpreter is blamed on the
 * interpreted line.
 */
import { basename } from 'node:path'
import { toSymbol, type CodeFrame, type Site } from '../wire/access.js'
import type { HostCode } from './host-code.js'
import type { Symbolizer } from './symbols.js'

export interface BlamedCode {
  /** `function (file.c:12)`, or empty where nobody knows. */
  symbol: string
  /** The whole way, the innermost first; empty where the callers are not known. */
  frames: CodeFrame[]
}

const unknown: BlamedCode = { symbol: '', frames: [] }

/** Code that nobody who looks for a driver looks for. */
const systemLibraries = /^(ld-|ld64|libc|libffi|libgcc_s|libm|libpthread|libstdc\+\+|libc\+\+|linux-vdso)\b/
/** What a program in Python, JavaScript or Java reaches devices through. */
const interpreters = /^(lib)?python3|\.cpython-[^/]*\.so$|\.abi3\.so$|^(lib)?node(js)?\b|^libjvm\b/
/** The same of what is compiled at run time: the classes of the JDK. */
const ofJdk = /^(java|javax|jdk|sun|com\.sun)\.[^\s()]+\(/

export class CodeBlame {
  readonly #isSkipped: (name: string) => boolean

  /** @param skipFrames names of functions, in which `*` stands for anything */
  constructor(
    private readonly symbolizer: Symbolizer,
    skipFrames: readonly string[] = [],
  ) {
    const patterns = skipFrames.map(toPattern)
    this.#isSkipped = (name) => patterns.some((pattern) => pattern.test(name))
  }

  /** Names what is on these ways, for `on`. */
  name(sites: Iterable<Site>): Promise<void> {
    return this.symbolizer.name(sites)
  }

  /** The line to blame for an access by this instruction. */
  on(code: HostCode | undefined, { pc, stack }: { pc: bigint; stack: number }): BlamedCode {
    const way = code?.wayTo(pc, stack) ?? []
    const [instruction] = way
    if (!instruction) return unknown
    const places = way.map((site) => ({ site, frames: this.symbolizer.framesAt(site) }))
    const isInterpreted = places.some(({ site, frames }) => site.source ?? (site.generated && frames.length > 0))
    const blamed = places
      .filter(({ site }) => !isPassedOver(site, isInterpreted))
      .flatMap(({ site, frames }) => (site.generated ? frames.filter((frame) => !ofJdk.test(frame.function)) : frames))
      .find((frame) => !this.#isSkipped(toBareName(frame)))
    const symbol = blamed ? toSymbol(blamed) : this.symbolizer.lookup(instruction)
    return { symbol, frames: way.length > 1 ? untilMain(places) : [] }
  }
}

/** Without what libc does before `main` or a thread's function. */
function untilMain(places: { site: Site; frames: CodeFrame[] }[]): CodeFrame[] {
  const last = places.findLastIndex(({ site }) => !isPassedOver(site, false))
  const frames = places.slice(0, last + 1).flatMap((place) => place.frames)
  const main = frames.findLastIndex((frame) => toBareName(frame) === 'main')
  return main < 0 ? frames : frames.slice(0, main + 1)
}

function isPassedOver({ module, source }: Site, isInterpreted: boolean): boolean {
  if (source) return false
  const file = basename(module)
  return systemLibraries.test(file) || (isInterpreted && interpreters.test(file))
}

/** Without an offset, and without what a function of C++ takes. */
function toBareName({ function: name }: CodeFrame): string {
  return name.replace(/\+0x[0-9a-f]+$/, '').replace(/\(.*$/, '')
}

function toPattern(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}
