/**
 * Modules that no source names: Verilator looks for a module where it looks for includes, in a file of its name. That
 * is right most of the time, and sometimes the wrong file; so each is told of.
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname, parse, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'

/** Units that Verilator looks for by their name (IEEE 1800-2017 3.2). */
const units = /\b(?:module|macromodule|interface|program|package)\s+(?:static\s+|automatic\s+)?(\w+)/g

/**
 * @param files all that Verilator read, relative to the configuration's folder or absolute
 * @returns a line for each: `module part is taken from lib/part.v, which no source names`
 */
export async function modulesUnasked(files: string[], config: ModelConfig, configDir: string): Promise<string[]> {
  const at = (file: string) => resolve(configDir, file)
  const named = new Set([...config.sources, ...valuesOf(config, '-v')].map(at))
  const libraries = new Set(valuesOf(config, '-y').map(at))
  // Verilator also lists a name that it has cut off at a blank.
  const texts = await Promise.all(files.map((file) => readFile(at(file), 'latin1').catch(() => '')))
  const included = new Set(texts.flatMap((text) => [...text.matchAll(/`include\s*["<]([^">\n]+)/g)].map(nameIn)))
  return files
    .filter((file, i) => {
      const isAsked = named.has(at(file)) || libraries.has(dirname(at(file))) || included.has(basename(file))
      return !isAsked && unitsOf(texts[i]).has(parse(file).name)
    })
    .map((file) => `module ${parse(file).name} is taken from ${file}, which no source names`)
}

function unitsOf(text = ''): Set<string | undefined> {
  return new Set([...text.matchAll(units)].map(([, name]) => name))
}

function nameIn([, path = '']: RegExpMatchArray): string {
  return basename(path)
}

function valuesOf({ verilatorArgs }: ModelConfig, option: string): string[] {
  return verilatorArgs.filter((_arg, i) => verilatorArgs[i - 1] === option)
}
