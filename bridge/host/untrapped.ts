/**
 * Programs that hosts started and that ran without the agent. The agent of the process that starts one notes it in the
 * run directory (`trap/interpose/untrapped.h`), a line for each start; the keeper sees others (`trap/keeper/strangers.h`).
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Descendant } from './keeper.js'

const mostSentences = 10

/** A sentence for each, the first ones if there are many. */
export function readUntrapped(runDirectory: string, strangers: readonly Descendant[]): string[] {
  const file = join(runDirectory, 'untrapped')
  const notes = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const counts = new Map<string, number>()
  for (const line of [...notes, ...strangers.flatMap((stranger) => toNews(stranger, notes))])
    counts.set(line, (counts.get(line) ?? 0) + 1)
  const sentences = [...counts].map(
    ([line, count]) => `${line}, so it ran without Trapline${count > 1 ? ` (${count} times)` : ''}`,
  )
  const rest = sentences.length - mostSentences
  return rest > 0 ? [...sentences.slice(0, mostSentences), `${rest} other programs ran without Trapline`] : sentences
}

/** Of a process that the keeper saw, unless a note tells of its program already. */
function toNews({ pid, command }: Descendant, notes: string[]): string[] {
  const [, words = '', reason = ''] = /^(.*): (.*)$/s.exec(command) ?? []
  const program = basename(words.split(' ')[0] ?? '')
  const isNoted = notes.some((note) => note.endsWith(` ${reason}`) && basename(note.split(' ')[0] ?? '') === program)
  return isNoted ? [] : [`${words} (pid ${pid}) ${reason}`]
}
