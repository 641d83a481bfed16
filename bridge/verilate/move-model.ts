/** The same RTL as a configuration in another folder names it. */
import { isAbsolute, relative, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { expandSources } from './expand-sources.js'
import type { ExpandedModel } from './expanded-model.js'

/**
 * Relative paths of `model` start at `from`, those of the result at `to`. A file list stays one, unless it would mean
 * other files from there: then the files stand for it.
 */
export function moveModel(model: ModelConfig, from: string, to: string): ModelConfig {
  const move = (path: string) => (isAbsolute(path) ? path : relative(resolve(to), resolve(from, path)) || '.')
  const moved = movePaths(model, move)
  const spelledOut = movePaths(spellOut(expandSources(model, from)), move)
  const there = expandedAt(moved, to)
  return there && isSame(spellOut(there), spelledOut) ? moved : spelledOut
}

/** Without lists, as a configuration says it. */
function spellOut({ native, ...model }: ExpandedModel): ModelConfig {
  const sources = [...model.sources, ...native.sources, ...native.objects]
  const compiler = native.compilerFlags.flatMap((flag) => ['-CFLAGS', flag])
  const linker = native.linkerFlags.flatMap((flag) => ['-LDFLAGS', flag])
  return { ...model, sources, verilatorArgs: [...model.verilatorArgs, ...compiler, ...linker] }
}

function movePaths(
  { sources, includeDirs, verilatorArgs, ...rest }: ModelConfig,
  move: (path: string) => string,
): ModelConfig {
  const movedArgs = verilatorArgs.map((arg, i) => (/^-[yv]$/.test(verilatorArgs[i - 1] ?? '') ? move(arg) : arg))
  return { ...rest, sources: sources.map(move), includeDirs: includeDirs.map(move), verilatorArgs: movedArgs }
}

/** Undefined where a list's names are missing or have two meanings. */
function expandedAt(model: ModelConfig, folder: string): ExpandedModel | undefined {
  try {
    return expandSources(model, folder)
  } catch (error) {
    if (error instanceof TraplineError) return undefined
    throw error
  }
}

function isSame(one: ModelConfig, other: ModelConfig): boolean {
  const said = (model: ModelConfig) => [
    model.sources,
    model.includeDirs,
    model.verilatorArgs,
    model.defines,
    model.parameters,
  ]
  return JSON.stringify(said(one)) === JSON.stringify(said(other))
}
