/**
 * Reads the file lists among a model's sources, and the files that `verilatorArgs` name: what comes out names every
 * file, folder and macro by itself, so that the cache knows all of them.
 *
 * A name in a list is looked for in the list's own folder, then where the lists that name it have theirs, then in the
 * configuration's folder; what is there twice and differs is refused. With -F, and in a list that is called .F, only
 * the list's own folder counts.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { ListFault, type ListWord, toWords } from './file-list.js'
import { findFile, findFolders, joinAtPlus, type ListLine } from './list-names.js'
import { isForOthers, wordsAfter } from './list-options.js'
import { type ExpandedModel, isNativeHeader, isNativeObject, isNativeSource } from './expanded-model.js'
import type { PackageList } from './package-list.js'

interface Reading {
  top: string
  /** Absolute. */
  configDir: string
  sources: string[]
  includeDirs: string[]
  defines: ModelConfig['defines']
  parameters: ModelConfig['parameters']
  /** For Verilator as they stand. */
  others: string[]
  compilerFlags: string[]
  linkerFlags: string[]
}

interface List {
  /** What to call it in messages. */
  name: string
  /** Folders where its names start, the first first. */
  bases: string[]
  /** False for arguments of Verilator and for lists that they name: names start where Verilator runs. */
  isFile: boolean
  /** The lists that led to it, with itself. */
  trail: string[]
}

/**
 * Throws one sentence about the first name that is missing or has two meanings.
 *
 * @param packages what tools made of the sources that they know, by source; without it they stay sources
 */
export function expandSources(
  config: ModelConfig,
  configDir: string,
  packages: ReadonlyMap<string, PackageList> = new Map(),
): ExpandedModel {
  const found = {
    ...{ sources: [], includeDirs: [], defines: {}, parameters: {} },
    ...{ others: [], compilerFlags: [], linkerFlags: [] },
  }
  const reading: Reading = { top: config.top, configDir: resolve(configDir), ...found }
  const given = { name: 'verilatorArgs', bases: [reading.configDir], isFile: false, trail: [] }
  for (const source of config.sources) {
    const made = packages.get(source)
    if (made) readPackage(reading, made)
    else if (isFileList(source)) readList(reading, source, isForOwnFolder(source) ? [] : [reading.configDir], [])
    else reading.sources.push(source)
  }
  readWords(
    reading,
    given,
    config.verilatorArgs.map((text) => ({ text, line: 0 })),
  )
  return {
    ...config,
    ...byLanguage(reading),
    includeDirs: [...new Set([...config.includeDirs, ...reading.includeDirs])],
    defines: { ...reading.defines, ...config.defines },
    parameters: { ...reading.parameters, ...config.parameters },
    verilatorArgs: reading.others,
    packageTop: onlyTop([...packages.values()]),
  }
}

function byLanguage({ sources, compilerFlags, linkerFlags }: Reading): Pick<ExpandedModel, 'sources' | 'native'> {
  const all = [...new Set(sources)]
  const native = {
    sources: all.filter(isNativeSource),
    objects: all.filter(isNativeObject),
    compilerFlags,
    linkerFlags,
  }
  const isNative = (file: string) => isNativeSource(file) || isNativeObject(file) || isNativeHeader(file)
  return { sources: all.filter((file) => !isNative(file)), native }
}

export function isFileList(source: string): boolean {
  return /\.(f|vf|vc|fl|flist|filelist)$/i.test(source)
}

function isForOwnFolder(source: string): boolean {
  return source.endsWith('.F')
}

function onlyTop(packages: PackageList[]): string | undefined {
  const [top, ...others] = new Set(packages.map((one) => one.top).filter((name) => name !== undefined))
  return others.length === 0 ? top : undefined
}

/** Reads a package as a list that is called .F. */
function readPackage(reading: Reading, { name, folder, words }: PackageList): void {
  readWords(reading, { name, bases: [folder], isFile: true, trail: [] }, words)
}

/** @param name relative to the configuration */
function readList(reading: Reading, name: string, outer: string[], trail: string[]): void {
  const file = resolve(reading.configDir, name)
  if (trail.includes(file)) throw new TraplineError('build', `file list ${name} of ${reading.top} names itself`)
  const list = { name, bases: [...new Set([dirname(file), ...outer])], isFile: true, trail: [...trail, file] }
  try {
    readWords(reading, list, toWords(readFileSync(file, 'utf8')))
  } catch (error) {
    if (error instanceof TraplineError) throw error
    if (error instanceof ListFault)
      throw new TraplineError('build', `${name}:${error.line}, a file list of ${reading.top}: ${error.problem}`)
    throw new TraplineError('build', `file list ${file} of ${reading.top} does not exist or can't be read`, {
      cause: error,
    })
  }
}

function readWords(reading: Reading, list: List, words: ListWord[]): void {
  const left = [...words]
  for (let word = left.shift(); word; word = left.shift()) {
    const at: ListLine = { ...reading, list: list.name, bases: list.bases, line: word.line }
    const option = options.find(({ pattern }) => pattern.test((word as ListWord).text))
    const inside = option?.pattern.exec(word.text)?.[1]
    const value = option ? inside || left.shift()?.text : word.text
    if (value === undefined) throw new ListFault(word.line, `nothing follows its ${word.text}`)
    if (option) option.take(reading, list, at, value)
    else takeWord(reading, list, at, [word.text, ...left.splice(0, wordsAfter(word.text)).map(({ text }) => text)])
  }
}

interface Option {
  /** The pattern's group holds the value; if that is empty or absent, the next word does. */
  pattern: RegExp
  take: (reading: Reading, list: List, at: ListLine, value: string) => void
}

const options: Option[] = [
  {
    pattern: /^--?f(?:ile)?$/,
    take: (reading, list, at, name) =>
      list.isFile
        ? readList(reading, findFile(at, name), list.bases, list.trail)
        : readListInPlace(reading, list, findFile(at, name)),
  },
  {
    pattern: /^--?F$/,
    take: (reading, list, at, name) => readList(reading, findFile(at, name), [], list.trail),
  },
  {
    pattern: /^\+incdir\+(.+)$/,
    take: (reading, _list, at, names) =>
      reading.includeDirs.push(...joinAtPlus(at, names).flatMap((name) => findFolders(at, name))),
  },
  {
    pattern: /^(?:-I|--?incdir$)(.*)$/,
    take: (reading, _list, at, name) => reading.includeDirs.push(...findFolders(at, name)),
  },
  {
    pattern: /^-y$/,
    take: (reading, _list, at, name) =>
      reading.others.push(...findFolders(at, name).flatMap((folder) => ['-y', folder])),
  },
  { pattern: /^--?CFLAGS$/, take: (reading, _list, _place, flags) => reading.compilerFlags.push(...atBlanks(flags)) },
  { pattern: /^--?LDFLAGS$/, take: (reading, _list, _place, flags) => reading.linkerFlags.push(...atBlanks(flags)) },
  { pattern: /^-v$/, take: (reading, _list, at, name) => reading.others.push('-v', findFile(at, name)) },
  { pattern: /^\+define\+(.+)$/, take: (reading, _list, _place, macros) => macros.split('+').forEach(define(reading)) },
  { pattern: /^-G(\w+=[\s\S]*)$/, take: (reading, _list, _place, value) => setParameter(reading, value) },
  { pattern: /^[-+]pvalue\+(\w+=[\s\S]*)$/, take: (reading, _list, _place, value) => setParameter(reading, value) },
  { pattern: /^(?:-D|--?define$)(.*)$/, take: (reading, _list, _place, macro) => define(reading)(macro) },
]

function atBlanks(flags: string): string[] {
  return flags.split(/\s+/).filter((flag) => flag !== '')
}

/** Reads a list as Verilator does: what a list of its arguments names starts where Verilator runs. */
function readListInPlace(reading: Reading, list: List, name: string): void {
  const words = toWords(readFileSync(resolve(reading.configDir, name), 'utf8'))
  readWords(reading, { ...list, name, isFile: false }, words)
}

function define({ defines }: Reading): (macro: string) => void {
  return (macro) => {
    const [, name = macro, value] = /^([^=]*)=([\s\S]*)$/.exec(macro) ?? []
    defines[name] = value ?? true
  }
}

function setParameter({ parameters }: Reading, setting: string): void {
  const [, name = '', value = ''] = /^(\w+)=([\s\S]*)$/.exec(setting) ?? []
  parameters[name] = value
}

/** A file, or an option that is none of ours, with what belongs to it. */
function takeWord(reading: Reading, list: List, at: ListLine, [word = '', ...more]: string[]): void {
  const isOption = /^[-+]/.test(word)
  if (isOption && list.name !== 'verilatorArgs' && isForOthers(word)) return
  if (isOption || (list.name === 'verilatorArgs' && !isSource(word))) reading.others.push(word, ...more)
  else if (isFileList(word)) readList(reading, findFile(at, word), isForOwnFolder(word) ? [] : list.bases, list.trail)
  else reading.sources.push(findFile(at, word))
}

function isSource(word: string): boolean {
  return /\.(s?vh?|vlt)$/i.test(word) || isNativeSource(word) || isNativeObject(word)
}
