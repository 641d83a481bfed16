/**
 * The checklists of CONTRIBUTING: tables of files under a heading. A path may hold `*` for a part of a name, and words
 * in capitals for what the new thing is called; a row whose text begins with "if" concerns some of them only.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPage } from './documents.js'
import { root } from './places.js'

export interface Row {
  path: string
  isAlways: boolean
}

export function readChecklist(heading: string): Row[] {
  const [, section = ''] = readPage('CONTRIBUTING.md').split(`\n## ${heading}\n`)
  const [table = ''] = section.split(/\n## /)
  const rows = [...table.matchAll(/^\| `([^`]+)` \| (\*if\*|.)/gm)]
  return rows.map(([, path = '', begin]) => ({ path, isAlways: begin !== '*if*' }))
}

/** The row for a thing that is called so. */
export function rowsFor({ path, isAlways }: Row, called: Record<string, string>): Row & { pattern: RegExp } {
  const named = Object.entries(called).reduce((text, [word, name]) => text.replaceAll(word, name), path)
  const pattern = named.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
  return { path: named, isAlways, pattern: new RegExp(`^${pattern}$`) }
}

/** Papers that speak of everything. */
const papers = /^(?:CONTRIBUTING\.md|CHANGELOG\.md|docs\/decisions\/.*|test\/papers\.test\.ts|package-lock\.json)$/

/** Files whose text has one of the names, or whose own name begins with one that is `own`. */
export function namingFiles(files: string[], names: RegExp, own: string[]): string[] {
  return files.filter((file) => {
    if (papers.test(file)) return false
    const name = file.split('/').at(-1) ?? ''
    const isItsOwn = own.some((each) => name.startsWith(`${each}.`) || name.startsWith(`${each}-`))
    return isItsOwn || names.test(readFileSync(join(root, file), 'utf8'))
  })
}
