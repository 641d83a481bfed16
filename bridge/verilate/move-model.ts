/** The same RTL as a configuration in another folder names it. */
import { isAbsolute, relative, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../errors.js'
import { type ExpandedModel, expandSources } from './expand-sources.js'

/**
 * Relative paths of `model` start at `from`, those of the result at `to`. A file list stays one, unless it would mean
 * other files from there: then the files stand for it.
 */
export function moveModel(model: ModelConfig, from: string, to: string): ModelConfig {
  const move = (path: string) => (isAbsolute(path) ? path : relative(resolve(to), resolve(from, path)) || '.')
  const expanded = expandSources(model, from)
  const moved = movePaths(model, move)
  return isDeepSame(expandedAt(moved, to), movePaths(expanded, move)) ? moved : movePaths(expanded, move)
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

function isDeepSame(one: ModelConfig | undefined, other: ModelConfig): boolean {
  const said = (model: ModelConfig) => [model.sources, model.includeDirs, model.verilatorArgs, model.defines]
  return one !== undefined && JSON.stringify(said(one)) === JSON.stringify(said(other))
}
