/** The rules of the house that a machine can hold us to. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clangFormatPath } from 'clang-format-node'
import { expect, it } from 'vitest'
import { compiler } from '../bridge/setup/builds.mjs'
import { scriptFunctionsOf } from './support/functions.js'
import { root } from './support/places.js'
import { hasPython, unlessPython } from './support/python.js'
import { importsOf, layersOf, roomsOf, upwardArrows } from './support/rooms.js'

const minuteMs = 60_000

/** What the repository holds, edits included; the names of files that were moved away are gone. */
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)))

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

it('no import cycles in bridge/', () => {
  const sources = readdirSync(join(root, 'bridge'), { recursive: true, encoding: 'utf8' })
  const graph = new Map(
    sources
      .filter((file) => file.endsWith('.ts'))
      .map((file) => [join('bridge', file), importsOf(join('bridge', file))]),
  )
  expect([...graph.values()].flat().filter((file) => !graph.has(file))).toEqual([])
  expect(findCycle(graph)).toEqual([])
})

/** Takes away, again and again, what imports nothing that is left; a cycle is what stays. */
function findCycle(graph: Map<string, string[]>): string[] {
  const left = new Map(graph)
  for (;;) {
    const free = [...left].filter(([, imports]) => !imports.some((file) => left.has(file)))
    if (free.length === 0) return [...left.keys()]
    for (const [file] of free) left.delete(file)
  }
}

it.each(['bridge', 'trap'] as const)('arrows between the rooms of %s/ run down', (house) => {
  const { arrows } = roomsOf(house)
  const layers = layersOf(arrows).reverse()
  console.info([`${house}/, from the top down:`, ...layers.map((rooms) => `  ${rooms.join(' ')}`)].join('\n'))
  expect(upwardArrows(arrows)).toEqual([])
})

/** What would tie the repository to one machine or one place to get packages from. */
const strangers = [
  {
    name: 'hosts of package registries',
    pattern: /https?:\/\/[\w.-]*(?:registry|npmjs|pypi|mirror|artifactory|nexus)[\w.-]*/i,
  },
  { name: 'absolute paths of one machine', pattern: /(?:^|[\s"'`(=:])\/(?:work|root|home\/\w+|Users)\//m },
]

it.each(strangers)('no $name in any file', ({ pattern }) => {
  const own = ['test/house.test.ts']
  const found = files.filter((file) => !own.includes(file) && pattern.test(read(file)))
  expect(found).toEqual([])
})

it('no file is longer than a reader likes', () => {
  const sources = files.filter((file) => /\.(ts|mjs|c|cc|h|sv|vhd|py)$/.test(file) && /^(bridge|trap|hdl)\//.test(file))
  const long = sources.filter((file) => read(file).split('\n').length > 400)
  expect(long).toEqual([])
})

it('files of bridge/ are small: half of them have at most 75 lines', () => {
  const sizes = bridgeSources().map(toLength)
  const median = sizes.sort((a, b) => a - b)[sizes.length >> 1]
  expect(median).toBeLessThanOrEqual(75)
})

it('no function of bridge/ is longer than 60 lines', () => {
  const functions = bridgeSources().flatMap((file) => (toLength(file) > 60 ? scriptFunctionsOf(file) : []))
  expect(functions.length).toBeGreaterThan(500)
  expect(functions.filter(({ lines }) => lines > 60)).toEqual([])
})

it('a type of bridge/ has a name that no other type has', () => {
  const homes = new Map<string, string[]>()
  for (const file of bridgeSources())
    for (const [, name = ''] of read(file).matchAll(/^(?:export )?(?:abstract )?(?:interface|type|class) (\w+)/gm))
      homes.set(name, [...(homes.get(name) ?? []), file])
  expect([...homes].filter(([, places]) => places.length > 1)).toEqual([])
})

function toLength(file: string): number {
  return read(file).trimEnd().split('\n').length
}

function bridgeSources(): string[] {
  return files.filter((file) => /^bridge\/.*\.(ts|mjs)$/.test(file))
}

it('C, C++ and SystemVerilog name their licence in one line', () => {
  const recorded = 'test/bridge/rtl/netlists/' // Verilator's answers on them name their lines.
  const sources = files.filter((file) => /\.(c|cc|h|S|sv|v|vhd)$/.test(file) && !file.startsWith(recorded))
  const [nameless, talkative] = [
    sources.filter((file) => !read(file).slice(0, 200).includes('SPDX-License-Identifier: Apache-2.0')),
    sources.filter((file) => /licensed under|copyright/i.test(read(file))),
  ]
  expect({ nameless, talkative }).toEqual({ nameless: [], talkative: [] })
})

function tool(path: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('node_modules', path), ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return { status, output: stdout + stderr }
}

it('eslint has nothing to say', { timeout: 10 * minuteMs }, () => {
  const { status, output } = tool('eslint/bin/eslint.js', '.')
  expect(output).toBe('')
  expect(status).toBe(0)
})

it('prettier would change nothing', { timeout: 10 * minuteMs }, () => {
  const { status, output } = tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')
  expect(output).toBe('')
  expect(status).toBe(0)
})

const cFiles = files.filter((file) => /\.(c|h|cc|cpp)$/.test(file))

it('clang-format would change nothing', { timeout: 10 * minuteMs }, () => {
  const { status, stderr } = spawnSync(clangFormatPath, ['--dry-run', '--Werror', ...cFiles], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

it.runIf(hasPython)(`ruff would change nothing and has nothing to say${unlessPython}`, () => {
  const { status, stdout } = spawnSync(process.execPath, ['bridge/setup/ruff.mjs'], { cwd: root, encoding: 'utf8' })
  expect(stdout).toBe('')
  expect(status).toBe(0)
})

/** Neither prettier nor clang-format breaks a comment, a sentence, a template or a pattern; here they are seen. */
it('no line of a program is longer than 120 columns', () => {
  // Verilator's answers, values that JSON can't break, npm's lock among them, and a picture that a script draws.
  const unbroken = /^test\/bridge\/rtl\/netlists\/|\.(json|svg)$/
  const long = files
    .filter((file) => !unbroken.test(file))
    .flatMap((file) => programLines(file).map((line, i) => ({ place: `${file}:${i + 1}`, columns: [...line].length })))
  expect(long.filter(({ columns }) => columns > 120).map(({ place }) => place)).toEqual([])
})

/** All lines, of a page those of its programs; what else it says is empty. What a program printed is no program. */
function programLines(file: string): string[] {
  const lines = read(file).split('\n')
  if (!file.endsWith('.md')) return lines
  let language: string | undefined
  return lines.map((line) => {
    const [, fence] = /^\s*```(\w*)/.exec(line) ?? []
    if (fence !== undefined) language = language === undefined ? fence : undefined
    return fence === undefined && /^(ts|js|c|cpp|sh|python|verilog|systemverilog|yaml|toml)$/.test(language ?? '')
      ? line
      : ''
  })
}

/** clang-format puts the braces of a function, and of nothing else, into column 0 on lines of their own. */
function functionsOf(file: string): { place: string; lines: number }[] {
  const lines = read(file).split('\n')
  return lines.flatMap((line, from) => {
    if (line !== '{') return []
    const to = lines.indexOf('}', from)
    return { place: `${file}:${from}`, lines: to < 0 ? Infinity : to - from + 1 }
  })
}

it('no function of trap/ is longer than 60 lines', () => {
  const functions = cFiles.filter((file) => file.startsWith('trap/')).flatMap(functionsOf)
  expect(functions.length).toBeGreaterThan(1000)
  expect(functions.filter(({ lines }) => lines > 60)).toEqual([])
})

it('the types of the tests hold', { timeout: 10 * minuteMs }, () => {
  const { status, output } = tool(compiler, '-p', 'test/tsconfig.json')
  expect(output).toBe('')
  expect(status).toBe(0)
})
