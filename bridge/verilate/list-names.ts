/** What a name in a file list means. Where tools read it differently and both meanings are there, it is refused. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { TraplineError } from '../ground/errors.js'

export interface ListLine {
  /** Top module of the model. */
  top: string
  configDir: string
  /** What to call the list in messages. */
  list: string
  line: number
  /** Folders where names start, the list's own first. */
  bases: string[]
}

/** A file, relative to the configuration's folder unless the list has it absolute. */
export function findFile(at: ListLine, name: string): string {
  const found = candidates(at, name).filter((path) => kindOf(path) === 'file')
  const [first, ...others] = found
  if (first === undefined) throw new TraplineError('build', missing(at, name))
  const other = others.find((path) => !isSame(path, first))
  if (other) throw new TraplineError('build', twoMeanings(at, name, `${first} or ${other}, which differ`))
  return inWords(at, name, first)
}

/** Folders that hold the same, if at all; those that are not there, too, since they might be one day. */
export function findFolders(at: ListLine, name: string): string[] {
  const all = candidates(at, name)
  const found = all.filter((path) => kindOf(path) === 'folder')
  const [first = '', ...others] = found
  for (const other of others) {
    const file = differing(first, other)
    if (file) throw new TraplineError('build', twoMeanings(at, name, `${first} or ${other}, whose ${file} differ`))
  }
  return (found.length ? found : all).map((path) => inWords(at, name, path))
}

/** `a+b` of `+incdir+a+b`: two folders, or one if there is one of that name. */
export function joinAtPlus(at: ListLine, names: string): string[] {
  const parts = names.split('+')
  const joined: string[] = []
  while (parts.length > 0) {
    const isThere = (count: number) =>
      candidates(at, parts.slice(0, count).join('+')).some((path) => kindOf(path) === 'folder')
    let count = parts.length
    while (count > 1 && !isThere(count)) count--
    joined.push(parts.splice(0, count).join('+'))
  }
  return joined.filter((name) => name !== '')
}

function candidates({ bases }: ListLine, name: string): string[] {
  return [...new Set(bases.map((base) => resolve(base, name)))]
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isDirectory()) return 'folder'
  return found ? 'file' : undefined
}

export function isSame(one: string, other: string): boolean {
  return realpathSync(one) === realpathSync(other) || readFileSync(one).equals(readFileSync(other))
}

/** The first file of both folders that could be included and is not the same. */
export function differing(one: string, other: string): string | undefined {
  if (realpathSync(one) === realpathSync(other)) return undefined
  const shared = new Set(readdirSync(other))
  return readdirSync(one).find(
    (name) =>
      shared.has(name) && /\.(s?vh?|inc|defs?|h|vp|svp)$/i.test(name) && !isSame(join(one, name), join(other, name)),
  )
}

function inWords(at: ListLine, name: string, path: string): string {
  if (isAbsolute(name)) return name
  return relative(at.configDir, path) || '.'
}

function missing({ top, list, line, bases }: ListLine, name: string): string {
  const meant =
    bases.length > 1
      ? `names there are relative to the list's own folder, or to ${bases.slice(1).join(' or ')}`
      : `names there are relative to ${bases[0]}`
  return `RTL file ${name} of ${top} does not exist; ${list}${line ? `:${line}` : ''} names it, and ${meant}`
}

function twoMeanings({ top, list, line }: ListLine, name: string, what: string): string {
  return (
    `${name} at ${list}:${line}, a file list of ${top}, can mean ${what}; give its whole path, or name the list ` +
    `by -F ` +
    '(or call it .F) if its names are relative to its own folder'
  )
}
