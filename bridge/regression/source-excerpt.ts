/** Lines of a source, as they stand on disk; of the current folder alone, for pages are passed on. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'

export interface SourceExcerpt {
  /** Relative to the current folder. */
  file: string
  /** The one that is meant. */
  line: number
  /** Number of the first of `lines`. */
  first: number
  lines: string[]
  /** The file was written after the test began, so it may say something else now. */
  isNewer: boolean
}

const linesAround = 4
const mostBytes = 4 << 20

/** @param startedAt of the test, ISO 8601 */
export function readSource(file: string, line: number, startedAt: string): SourceExcerpt | undefined {
  const found = openSource(file)
  if (!found || line > found.lines.length) return undefined
  const first = Math.max(1, line - linesAround)
  const lines = found.lines.slice(first - 1, line + linesAround)
  return { file: found.file, line, first, lines, isNewer: found.writtenMs > Date.parse(startedAt) }
}

export interface SourceText {
  file: string
  lines: string[]
  writtenMs: number
}

/** Undefined where there is none, or it lies elsewhere. */
export function openSource(file: string, folder = process.cwd()): SourceText | undefined {
  try {
    const path = realpathSync(resolve(folder, file))
    const own = realpathSync(folder)
    const { size, mtimeMs } = statSync(path)
    if (!path.startsWith(join(own, sep)) || size > mostBytes) return undefined
    const lines = readFileSync(path, 'utf8').split(/\r?\n/)
    if (lines.at(-1) === '') lines.pop()
    return { file: relative(own, path), lines, writtenMs: mtimeMs }
  } catch {
    return undefined
  }
}
