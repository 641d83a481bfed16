/**
 * Programs that hosts started and that ran without the agent. The agent of the process that starts one notes it in the
 * run directory (`trap/interpose/untrapped.h`), a line for each start; the keeper sees others (`trap/keeper/strangers.h`).
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Log } from '../log.js'
import type { Stranger } from './keeper.js'

const mostSentences = 10

/** A sentence for each, the first ones if there are many. */
export function readUntrapped(runDirectory: string): string[] {
  const counts = new Map<string, number>()
  for (const line of readNotes(runDirectory)) counts.set(line, (counts.get(line) ?? 0) + 1)
  const sentences = [...counts].map(
    ([line, count]) => `${line}, so it ran without Trapline${count > 1 ? ` (${count} times)` : ''}`,
  )
  const rest = sentences.length - mostSentences
  return rest > 0 ? [...sentences.slice(0, mostSentences), `${rest} other programs ran without Trapline`] : sentences
}

/** Takes what the keeper sees, and says so at once: such a program may go on for long. */
export class Strangers {
  readonly sentences: string[] = []

  constructor(
    private readonly runDirectory: string,
    private readonly log: Log,
  ) {}

  readonly note = ({ pid, command, reason }: Stranger): void => {
    const program = basename(command.split(' ')[0] ?? '')
    const isNoted = readNotes(this.runDirectory).some(
      (note) => note.endsWith(` ${reason}`) && basename(note.split(' ')[0] ?? '') === program,
    )
    // Its name alone comes with the notes, at the end.
    if (isNoted || this.sentences.length >= mostSentences) return
    const sentence = `${command} (pid ${pid}) ${reason}, so it runs without Trapline`
    this.sentences.push(sentence)
    this.log.warn(sentence)
  }
}

function readNotes(runDirectory: string): string[] {
  const file = join(runDirectory, 'untrapped')
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}
