/** Results as GitHub workflow commands: a runner shows each bad one at its file and line. */
import { relative, resolve } from 'node:path'
import { toNote } from './note.js'
import { isBad, toProblem, type StoredResult } from './result.js'
import { toVisible, toVisibleLines } from '../ground/visible.js'

/** One line per bad result, and a warning per flaky one; empty for a green regression. */
export function toAnnotations(stored: StoredResult[]): string {
  return stored.flatMap((one) => toAnnotation(one)).join('')
}

function toAnnotation(stored: StoredResult): string[] {
  const { suite, test, status, location } = stored.result
  if (!isBad(stored.result) && status !== 'flaky') return []
  const properties = {
    ...(location ? { file: toRepositoryFile(location.file), line: location.line } : {}),
    title: `${suite}: ${test}`,
  }
  const present = Object.entries(properties).filter(([, value]) => value !== undefined)
  const text = present.map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(',')
  const lines = [toProblem(stored.result), ...toNote(stored)]
  return [`::${status === 'flaky' ? 'warning' : 'error'} ${text}::${escapeData(lines.join('\n'))}\n`]
}

/** From the root of what the runner has checked out, where we are below it. */
function toRepositoryFile(file: string): string {
  const { GITHUB_WORKSPACE } = process.env
  const below = GITHUB_WORKSPACE ? relative(GITHUB_WORKSPACE, resolve(file)) : file
  return below.startsWith('..') ? file : below
}

/** As `actions/toolkit` does it, `core/src/command.ts`; a runner prints the text as it stands. */
function escapeData(text: string): string {
  return toVisibleLines(text).replaceAll('%', '%25').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(toVisible(text)).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
