/** The papers of the house are true: licence, picture, links, the checklists of CONTRIBUTING, subjects of commits. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { protocols } from '../bridge/rtl/protocols.js'
import { drawArchitecture, pictureFile } from './support/architecture.js'
import { namingFiles, readChecklist, rowsFor } from './support/checklists.js'
import { readPage } from './support/documents.js'
import { root } from './support/places.js'
import { heldRows, unheldRows } from './support/program-rows.js'

const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)))

it('the licence that package.json names is there, whole', () => {
  const { license } = JSON.parse(readPage('package.json')) as { license: string }
  expect(license).toBe('Apache-2.0')
  const text = readPage('LICENSE')
  expect(text).toMatch(/^\s*Apache License\s+Version 2\.0, January 2004\s+http:\/\/www\.apache\.org\/licenses\//)
  const sections = [...text.matchAll(/^ {3}(\d)\. [A-Z][\w ,]+\./gm)].map(([, number]) => Number(number))
  expect(sections).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(text).toContain('END OF TERMS AND CONDITIONS')
})

it('the picture of the architecture is the one that its script draws', () => {
  const isDrawn = readFileSync(pictureFile, 'utf8') === drawArchitecture()
  expect(isDrawn, 'rooms or arrows have changed: npm run picture').toBe(true)
})

it('the README is a page to land on', () => {
  expect(readPage('README.md').split('\n').length).toBeLessThan(200)
  expect(readPage('README.md')).toMatch(/^npm start .*\n^npm test /m)
})

it.each(['docs', 'docs/decisions'])('the index of %s has every page', (folder) => {
  const pages = files.filter((file) => dirname(file) === folder && file.endsWith('.md') && !file.endsWith('/README.md'))
  const index = readPage(`${folder}/README.md`)
  expect(pages.filter((page) => !index.includes(`](${basename(page)})`))).toEqual([])
})

it('what CONTRIBUTING and the decisions say lies somewhere lies there', () => {
  const decisions = files.filter((file) => file.startsWith('docs/decisions/')).map(readPage)
  const [rules = ''] = readPage('CONTRIBUTING.md').split('\n## Add ')
  const named = [rules, ...decisions].flatMap((text) =>
    [...text.matchAll(/`((?:bridge|trap|hdl|proto|test|examples)\/[\w./-]*)`/g)].map(([, path = '']) => path),
  )
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

/** As GitHub makes them of headings: lower case, without punctuation, blanks as hyphens. */
function anchorsOf(page: string): string[] {
  const text = readPage(page).replaceAll(/^```.*?^```$/gms, '')
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/<[^>]*>|\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]
}

it('links in pages lead somewhere', () => {
  const pages = files.filter((file) => file.endsWith('.md'))
  const lost = pages.flatMap((page) => {
    const text = readPage(page).replaceAll(/^```.*?^```$/gms, '')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    return links
      .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`)
  })
  expect(lost).toEqual([])
})

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || (!statSync(join(root, target)).isDirectory() && anchorsOf(target).includes(anchor))
}

/**
 * The newest of each kind of thing: how its checklist calls it, and the names by which whatever knows of it is found.
 */
const newest = {
  'Add a bus': { called: { BUS: 'avalon', MODULE: 'avalon' }, names: /avalon/i },
  'Add a device kind': {
    called: { KIND: 'stream' },
    names:
      /DEVICE_KIND_STREAM|StreamConfig|stream-devices|"(?:[\w./]*\/)?stream\.h"|\bkind\b.*'stream'|literal\('stream'\)/,
  },
  'Add a libc name': { called: {}, names: /\bsendmmsg\b/ },
  'Add a family of instructions': { called: {}, names: /direct_store|movdir64b/i },
}

describe.each(Object.entries(newest))('%s', (heading, { called, names }) => {
  const rows = readChecklist(heading).map((row) => rowsFor(row, called))
  const naming = namingFiles(files, names, Object.values(called))

  it('what names the newest one is what the checklist says', () => {
    expect(naming.filter((file) => !rows.some(({ pattern }) => pattern.test(file)))).toEqual([])
    const idle = rows.filter(({ pattern, isAlways }) => isAlways && !naming.some((file) => pattern.test(file)))
    expect(idle.map(({ path }) => path)).toEqual([])
  })

  it('every file of the checklist is there', () => {
    expect(rows.filter(({ pattern }) => !files.some((file) => pattern.test(file))).map(({ path }) => path)).toEqual([])
  })
})

it('no bus is newer than the one that proves the checklist', () => {
  const { stdout } = spawnSync(
    'git',
    ['log', '--diff-filter=A', '--format=%ct', '--name-only', '--', 'bridge/rtl/buses'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  const [, ...added] = stdout.split(/^\d+\n/m).map((block) => block.trim().split('\n'))
  expect(added[0] ?? ['bridge/rtl/buses/avalon.ts']).toContain('bridge/rtl/buses/avalon.ts')
})

it.each(Object.entries(protocols))('bus %s has what a bus must have', (key, { module }) => {
  const own = [`hdl/bfm/${module}_manager_bfm.sv`, `hdl/bfm/${module}_checker.sv`]
  expect(own.filter((file) => !files.includes(file))).toEqual([])
  const pages = ['bridge/config/model-schema.ts', 'docs/configuration.md', 'docs/your-core.md']
  expect(pages.filter((file) => !readPage(file).includes(key))).toEqual([])
  const offenders = files.filter((file) => /^test\/hdl\/cores\/\w+_violations\.sv$/.test(file))
  expect(offenders.filter((file) => readPage(file).includes(`${module}_checker`))).not.toEqual([])
})

/** The law of subjects holds behind this commit; a history without it has nothing to be held to. */
const lawBegins = 'b7376d4682c9'

it('subjects of commits name their rooms in 72 columns', () => {
  const { status, stdout } = spawnSync('git', ['log', '--no-merges', '--format=%s', `${lawBegins}..HEAD`], {
    cwd: root,
    encoding: 'utf8',
  })
  const subjects = status === 0 ? stdout.split('\n').filter((subject) => subject !== '') : []
  const lawful = /^[a-z][\w.-]*(?:, [a-z][\w.-]*)*: \S/
  expect(subjects.filter((subject) => !lawful.test(subject) || [...subject].length > 72)).toEqual([])
})

it('each row of the table of programs is held by a test, and each such test has a row', () => {
  const [, section = ''] = readPage('docs/programs.md').split('\n## What works, and what does not\n')
  const [table = ''] = section.split('\n## ')
  const rows = [...table.matchAll(/^\| (.*?) \| /gm)].map(([, row = '']) => row).filter((row) => row !== 'program')
  const known = [...Object.keys(heldRows), ...unheldRows]
  expect(rows.filter((row) => known.filter((begin) => row.startsWith(begin)).length !== 1)).toEqual([])
  expect(known.filter((begin) => !rows.some((row) => row.startsWith(begin)))).toEqual([])
  const lost = Object.values(heldRows)
    .flat()
    .filter(([file, title]) => !["'", '"', '`', ' '].some((mark) => readPage(`test/${file}`).includes(mark + title)))
  expect(lost).toEqual([])
})
