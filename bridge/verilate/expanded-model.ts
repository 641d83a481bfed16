/** A model as compilers see it: every file by its name, those of Verilator apart from C and C++. */
import type { ModelConfig } from '../config/schema.js'

/** A model whose `sources` holds only files that Verilator takes. */
export interface ExpandedModel extends ModelConfig {
  native: NativeCode
  /** The top module that packages among the sources name, if they name one. */
  packageTop?: string | undefined
}

/** The C and C++ of one model; names are relative to the configuration's folder. */
export interface NativeCode {
  /** C where a name ends in .c, else C++. */
  sources: string[]
  /** Objects and archives. */
  objects: string[]
  /** What `-CFLAGS` and `-LDFLAGS` give. */
  compilerFlags: string[]
  linkerFlags: string[]
}

export function isNativeSource(file: string): boolean {
  return /\.(c|cc|cpp|cxx|c\+\+)$/i.test(file)
}

export function isNativeObject(file: string): boolean {
  return /\.(o|a)$/.test(file)
}

/** No compiler takes them by themselves; lists name them all the same. */
export function isNativeHeader(file: string): boolean {
  return /\.(h|hh|hpp|hxx)$/i.test(file)
}
