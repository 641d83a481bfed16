/**
 * Programs that hosts started and that ran without the agent. The agent of the process that starts one notes it in the
 * run directory (`trap/interpose/untrapped.h`), a line for each start.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const mostSentences = 10

/** A sentence for each, the first ones if there are many. */
export function readUntrapped(runDirectory: string): string[] {
  const file = join(runDirectory, 'untrapped')
  if (!existsSync(file)) return []
  const counts = new Map<string, number>()
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean))
    counts.set(line, (counts.get(line) ?? 0) + 1)
  const sentences = [...counts].map(
    ([line, count]) => `${line}, so it ran without Trapline${count > 1 ? ` (${count} times)` : ''}`,
  )
  const rest = sentences.length - mostSentences
  return rest > 0 ? [...sentences.slice(0, mostSentences), `${rest} other programs ran without Trapline`] : sentences
}
