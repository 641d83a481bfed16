/** What passes between `packages.ts` and the tools of packages, one file each. */
import type { TraplineError } from '../ground/errors.js'
import type { ListWord } from './file-list.js'
import type { ToolResult } from './toolchain.js'

/** A package that a tool is asked about. */
export interface PackageRun {
  /** Absolute. */
  file: string
  /** Undefined: what the tool takes by default. */
  target: string | undefined
  /** A folder of its own in the cache; what the tool makes there stays. */
  folder: string
  run: (args: string[]) => Promise<ToolResult>
  /** A TraplineError with a sentence about the package. */
  fault: (what: string) => TraplineError
}

/** What a tool makes of a package of RTL. */
export interface PackageList {
  /** What to call it in messages. */
  name: string
  /** Where its relative names start. */
  folder: string
  words: ListWord[]
  /** Top module. */
  top?: string | undefined
}
