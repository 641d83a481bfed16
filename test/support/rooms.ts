/**
 * The rooms of `bridge/` and `trap/`, and who needs whom: read from the tree, by what sources import or include. A room
 * is a folder directly below; what lies beside these folders is the room on top. The house test and the picture of the
 * architecture both look through here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import typescript from 'typescript'
import { root } from './places.js'

/** A room needs another one; `files` says where: `bridge/model/pool.ts → bridge/rtl/port.ts`. */
export interface Arrow {
  from: string
  to: string
  files: string[]
}

export interface Rooms {
  /** All of them, in alphabetical order, also those without an arrow. */
  rooms: string[]
  arrows: Arrow[]
}

export type House = 'bridge' | 'trap'

/** What the room on top is called, and which files count. */
const houses: Record<House, { top: string; sources: RegExp; needs: (file: string, all: string[]) => string[] }> = {
  bridge: { top: 'bridge', sources: /\.(ts|mjs)$/, needs: importsOf },
  trap: { top: 'agent', sources: /\.[chS]$/, needs: includesOf },
}

export function roomsOf(house: House): Rooms {
  const { top, sources, needs } = houses[house]
  const files = readdirSync(join(root, house), { recursive: true, encoding: 'utf8' })
    .filter((file) => sources.test(file))
    .map((file) => join(house, file))
    .sort()
  const roomOf = (file: string) => file.split('/').slice(1, -1)[0] ?? top
  const arrows = new Map<string, Arrow>()
  for (const file of files) {
    for (const needed of needs(file, files)) {
      const [from, to] = [roomOf(file), roomOf(needed)]
      if (from === to) continue
      const arrow = arrows.get(`${from} ${to}`) ?? { from, to, files: [] }
      arrow.files.push(`${file} → ${needed}`)
      arrows.set(`${from} ${to}`, arrow)
    }
  }
  return { rooms: [...new Set(files.map(roomOf))].sort(), arrows: [...arrows.values()] }
}

/** Modules of our own that a file of the bridge imports, types included, as paths of their sources. */
export function importsOf(file: string): string[] {
  const names = typescript.preProcessFile(readFileSync(join(root, file), 'utf8')).importedFiles
  const own = names.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'))
  return own.map((name) => relative(root, resolve(root, dirname(file), name.replace(/\.js$/, '.ts'))))
}

/** Headers of our own that a C file includes: beside it, below its house, or where the only file of that name lies. */
function includesOf(file: string, all: string[]): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const names = [...text.matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)].map(([, name = '']) => name)
  return names.flatMap((name) => {
    const near = [join(dirname(file), name), join('trap', name)].find((path) => existsSync(join(root, path)))
    const named = all.filter((path) => !name.includes('/') && basename(path) === name)
    return near !== undefined ? [near] : named.length === 1 ? named : []
  })
}

/** Rooms in layers, the ground first: one needs only what lies below it. Those that no layer takes need each other. */
export function layersOf(arrows: Arrow[]): string[][] {
  const left = new Set(arrows.flatMap(({ from, to }) => [from, to]))
  const layers: string[][] = []
  for (;;) {
    const free = [...left].filter((room) => !arrows.some(({ from, to }) => from === room && left.has(to)))
    if (free.length === 0) return layers
    layers.push(free.sort())
    for (const room of free) left.delete(room)
  }
}

/** The arrows that run up: those between rooms that need each other, directly or by others. */
export function upwardArrows(arrows: Arrow[]): Arrow[] {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean => {
    if (from === to) return true
    if (seen.has(from)) return false
    seen.add(from)
    return arrows.some((arrow) => arrow.from === from && reaches(arrow.to, to, seen))
  }
  return arrows.filter(({ from, to }) => reaches(to, from))
}
