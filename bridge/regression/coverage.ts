/**
 * Coverage of RTL, as Verilator's models count it: read, merged over tests, and told by file. Our own BFMs and checkers
 * are left out: the question is what of the user's RTL the software never touched.
 */
import { readFileSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { plainPackageDirectory } from '../ground/paths.js'
import { toMessage, TraplineError } from '../ground/errors.js'

export type CoverageKind = 'line' | 'toggle' | 'user'

/** One thing that can be reached: lines of a block, a bit of a signal in one direction, a cover property. */
interface Point {
  kind: CoverageKind
  /** As the configuration names it. */
  file: string
  lines: number[]
  /** `s_axil_awaddr[3]`, `if`, … */
  name: string
  count: number
}

export interface FileCoverage {
  file: string
  /** Reached and all, by kind. */
  totals: Record<CoverageKind, { reached: number; all: number }>
  /** How often each line that holds something was reached. */
  lines: Map<number, number>
  /** Signals with bits that never toggled, and cover properties that never held. */
  unreached: string[]
}

const kinds: Record<string, CoverageKind> = { v_line: 'line', v_branch: 'line', v_toggle: 'toggle', v_user: 'user' }

/** Merges files that Verilator's models wrote. Throws if one can't be read. */
export function readCoverage(files: string[]): FileCoverage[] {
  const points = new Map<string, Point>()
  for (const file of files) for (const [key, point] of pointsOf(file)) addPoint(points, key, point)
  const names = [...new Set([...points.values()].map(({ file }) => file))].sort()
  return names.map((name) =>
    toFileCoverage(
      name,
      [...points.values()].filter(({ file }) => file === name),
    ),
  )
}

/** geninfo(1) describes the format. */
export function toLcov(files: FileCoverage[]): string {
  return files.map(toLcovRecord).join('')
}

function toLcovRecord({ file, lines }: FileCoverage): string {
  const sorted = [...lines].sort(([a], [b]) => a - b)
  const reached = sorted.filter(([, count]) => count > 0).length
  const data = sorted.map(([line, count]) => `DA:${line},${count}\n`).join('')
  return `TN:\nSF:${file}\n${data}LF:${sorted.length}\nLH:${reached}\nend_of_record\n`
}

function* pointsOf(path: string): Generator<[string, Point]> {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    throw new TraplineError('usage', `the coverage ${path} can't be read (${toMessage(error)}); run the tests again`)
  }
  for (const line of text.split('\n')) {
    const match = /^C '(.*)' (\d+)$/.exec(line)
    const point = match && toPoint(match[1] ?? '', Number(match[2]))
    if (match && point) yield [match[1] ?? '', point]
  }
}

/** Fields are `\x01KEY\x02VALUE` (verilator_coverage(1), include/verilated_cov_key.h). */
function toPoint(text: string, count: number): Point | undefined {
  const fields = Object.fromEntries(text.split('\x01').map((field) => field.split('\x02') as [string, string]))
  const { f: file = '', l: line = '0', page = '', o: name = '', S: block } = fields
  const kind = kinds[page.split('/')[0] ?? '']
  if (!kind || file === '' || isGenerated(file) || isOurs(file)) return undefined
  return { kind, file, lines: block ? toLines(block) : [Number(line)], name, count }
}

function isOurs(file: string): boolean {
  return file.startsWith(join(plainPackageDirectory(), 'hdl', 'bfm') + sep)
}

/** The generated top, or what Verilator writes to stand for a block (--hierarchical). */
function isGenerated(file: string): boolean {
  return basename(file) === 'trapline_top.sv' || /\/models\/[0-9a-f]{64}\/obj\/V([^/]+)\/\1\.sv$/.test(file)
}

/** `12,14-16` */
function toLines(block: string): number[] {
  return block.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

function addPoint(points: Map<string, Point>, key: string, point: Point): void {
  const known = points.get(key)
  if (known) known.count += point.count
  else points.set(key, point)
}

function toFileCoverage(file: string, points: Point[]): FileCoverage {
  const toTotal = (kind: CoverageKind) => {
    const all = points.filter((point) => point.kind === kind)
    return { reached: all.filter(({ count }) => count > 0).length, all: all.length }
  }
  const lines = new Map<number, number>()
  for (const { kind, lines: own, count } of points)
    if (kind === 'line') for (const line of own) lines.set(line, Math.max(lines.get(line) ?? 0, count))
  const missed = points.filter(({ kind, count }) => kind !== 'line' && count === 0)
  const unreached = [...new Set(missed.map(({ name }) => name.replace(/\[\d+\].*$/, '')))]
  return { file, totals: { line: toTotal('line'), toggle: toTotal('toggle'), user: toTotal('user') }, lines, unreached }
}
