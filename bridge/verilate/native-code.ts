/**
 * C and C++ that the user's RTL calls through DPI: which files they are, which headers they read, how they come into
 * the model's executable, and what to say if they don't compile or lack a function. `hdl/sim/model.mk` compiles them.
 */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { packageDirectory, plainPackageDirectory } from '../ground/paths.js'
import { digestOf } from './cache-files.js'
import { type Dependencies, isUnchanged, recordDependencies } from './dependencies.js'
import type { ExpandedModel } from './expanded-model.js'
import { harnessTop } from './harness.js'
import { readMemo, writeMemo } from './sealed-memo.js'
import { runTool, type Tool } from './toolchain.js'

function isC(file: string): boolean {
  return file.endsWith('.c')
}

export interface NativeOptions {
  configDir: string
  cacheDir: string
  temporaryDir?: string | undefined
  signal?: AbortSignal | undefined
}

/** The files that go into a model's C and C++: a compiler runs only if one of them has changed. */
export async function findNativeFiles(
  config: ExpandedModel,
  compiler: Tool,
  { configDir, cacheDir, temporaryDir, signal }: NativeOptions,
): Promise<Dependencies> {
  const { native, includeDirs } = config
  if (native.sources.length + native.objects.length === 0) return { present: {}, absent: [] }
  const key = digestOf([configDir, compiler.path, compiler.version, JSON.stringify([native, includeDirs])])
  const memo = join(cacheDir, 'probes', `${key}.native`)
  const known = await readMemo<Dependencies>(memo)
  if (known && (await isUnchanged(known, configDir))) return known
  const files = new Set([...native.sources, ...native.objects])
  for (const source of native.sources) {
    // A header that is missing may be one that Verilator brings or writes.
    const args = [
      ...(isC(source) ? ['-x', 'c'] : []),
      '-MM',
      '-MG',
      '-MT',
      'unit',
      ...compilerArguments(config, configDir),
      source,
    ]
    const { ok, output } = await runTool(compiler, args, { cwd: configDir, signal, temporaryDir })
    if (!ok) throw new TraplineError('build', toCompilerSentence(config, output, { configDir }) ?? unexplained(config))
    for (const file of prerequisites(output)) files.add(file)
  }
  const found = await recordDependencies([...files], config, configDir)
  const missing = [...files].filter((file) => !existsSync(resolve(configDir, file)))
  const dependencies = { ...found, absent: [...found.absent, ...missing] }
  await writeMemo(memo, dependencies)
  return dependencies
}

/** @param from where relative folders start, if the compiler runs elsewhere */
function compilerArguments({ native, includeDirs }: ExpandedModel, from?: string): string[] {
  const folders = from === undefined ? includeDirs : includeDirs.map((folder) => resolve(from, folder))
  return [...folders.map((folder) => `-I${folder}`), ...native.compilerFlags]
}

/** `unit: dpi.c a.h \` as make has it: blanks in names behind a backslash, `$$` for a dollar sign. */
function prerequisites(output: string): string[] {
  const [, rule = ''] = /^unit: ((?:.*\\\n)*.*)$/m.exec(output) ?? []
  const names = rule.replaceAll('\\\n', ' ').match(/(\\.|[^\s\\])+/g) ?? []
  return names.map((name) => name.replaceAll(/\\(.)/g, '$1').replaceAll('$$', '$'))
}

/**
 * Writes for make, beside what Verilator generated: a unit for each source, which includes it (so any name will do, and
 * a header beside it is found); the compilers' arguments; and the header of the imports under the name that Verilator
 * gives it by default.
 */
export async function writeNativeUnits(config: ExpandedModel, configDir: string, objects: string): Promise<void> {
  const { sources, objects: ready, linkerFlags } = config.native
  for (const [i, source] of sources.entries())
    await writeFile(
      join(objects, `native${i}.${isC(source) ? 'c' : 'cc'}`),
      `#include "${resolve(configDir, source)}"\n`,
    )
  if (sources.length > 0 && /^\w+$/.test(config.top) && config.top !== harnessTop)
    await writeFile(join(objects, `V${config.top}__Dpi.h`), `#include "V${harnessTop}__Dpi.h"\n`)
  await writeFile(join(objects, 'native.flags'), toResponse(compilerArguments(config, configDir)))
  await writeFile(
    join(objects, 'native.link'),
    toResponse([...ready.map((file) => resolve(configDir, file)), ...linkerFlags]),
  )
}

/** A file of arguments as GCC reads it. */
function toResponse(args: string[]): string {
  return args.map((arg) => `${arg.replaceAll(/[\s"'\\]/g, '\\$&')}\n`).join('')
}

/** Why make failed, if the user's C or C++ is the reason. */
export async function toNativeSentence(
  config: ExpandedModel,
  output: string,
  place: { configDir: string; objects: string },
): Promise<string | undefined> {
  const lacking = [...new Set([...output.matchAll(/undefined reference to [`'](.+?)'/g)].map(([, name = '']) => name))]
  if (lacking.length > 0) return await toLackingSentence(config, lacking, place.objects)
  const [, twice] = /multiple definition of [`'](.+?)'/.exec(output) ?? []
  if (twice)
    return (
      `${twice} is defined twice in the C and C++ of ${config.top}; leave one out (a main program has no ` +
      `place there)`
    )
  return config.native.sources.length > 0 ? toCompilerSentence(config, output, place) : undefined
}

async function toLackingSentence({ top }: ExpandedModel, lacking: string[], objects: string): Promise<string> {
  const header = await readFile(join(objects, `V${harnessTop}__Dpi.h`), 'utf8').catch(() => '')
  const imported = lacking.filter((name) => header.includes(` ${name}(`))
  if (imported.length > 0)
    return (
      `the RTL of ${top} imports ${imported.join(', ')}, and nothing defines ` +
      `${imported.length > 1 ? 'them' : 'it'}; add the C or ` +
      'C++ file that does to the sources (in C++ within extern "C")'
    )
  return (
    `the C or C++ of ${top} calls ${lacking.join(', ')}, and nothing defines that; add its source, or a ` +
    `library by -LDFLAGS`
  )
}

/** The first error in a file that is neither ours nor generated. */
function toCompilerSentence(
  { top }: ExpandedModel,
  output: string,
  { configDir, objects }: { configDir: string; objects?: string },
): string | undefined {
  const ours = [packageDirectory, plainPackageDirectory(), ...(objects ? [objects] : [])]
  for (const [, file = '', line, message] of output.matchAll(/^(\S.*?):(\d+):(?:\d+:)? (?:fatal )?error: (.*)$/gm)) {
    const inside = relative(configDir, resolve(configDir, file))
    const isInside = !inside.startsWith('..')
    if (isInside || !ours.some((folder) => file.startsWith(`${folder}/`)))
      return `the C compiler refused ${isInside ? inside : file}:${line} of ${top}: ${message}`
  }
  return undefined
}

function unexplained({ top }: ExpandedModel): string {
  return `the C compiler failed on the C or C++ of ${top} without saying why`
}
