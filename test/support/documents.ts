/** Pages for people, as the tests read them: commands that are marked to be run, and what the page says they print. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.js'

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** The blocks that are marked `sh run`, as one script: they are read from top to bottom, in one shell. */
export function scriptOf(page: string): string {
  return blocksOf(page, 'sh run').join('')
}

/** The lines of the blocks that are marked `text`: what the commands before them print. */
export function promisesOf(page: string): string[] {
  return linesOf(page, 'text')
}

/** The lines of blocks marked so. */
export function linesOf(page: string, mark: string): string[] {
  return blocksOf(page, mark).flatMap((block) => block.trimEnd().split('\n'))
}

export function blocksOf(page: string, mark: string): string[] {
  const fences = readPage(page).matchAll(/^```([^\n]*)\n(.*?)^```$/gms)
  return [...fences].flatMap(([, info, text = '']) => (info === mark ? [text] : []))
}
