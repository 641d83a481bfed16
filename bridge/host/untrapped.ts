/**
 * Programs that hosts started and that ran without the agent. The agent of the process that starts one notes it in the
 * run directory (`trap/interpose/untrapped.h`), a line for each start; the keeper sees others
 * (`trap/keeper/strangers.h`).
 */
import { basename, join } from 'node:path'
import { toMessage } from '../ground/errors.js'
import { readForeign } from '../ground/foreign-files.js'
import type { Log } from '../ground/log.js'
import { toPrintable } from '../ground/printable.js'
import { untrappedFile } from '../run/layout.js'
import type { Stranger } from './keeper.js'

const mostSentences = 10
const mostBytes = 1 << 20
/** A path and a reason. */
const longestNote = 1_024

/** A sentence for each, the first ones if there are many. */
export function readUntrapped(runDirectory: string): string[] {
  const counts = new Map<string, number>()
  const { notes, problem = [] } = readNotes(runDirectory)
  for (const line of notes) counts.set(line, (counts.get(line) ?? 0) + 1)
  const sentences = [...counts].map(
    ([line, count]) => `${line}, so it ran without Trapline${count > 1 ? ` (${count} times)` : ''}`,
  )
  const rest = sentences.length - mostSentences
  const others = rest > 0 ? [`${rest} other programs ran without Trapline`] : []
  return [...sentences.slice(0, mostSentences), ...others, ...problem]
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
    const isNoted = readNotes(this.runDirectory).notes.some(
      (note) => note.endsWith(` ${reason}`) && basename(note.split(' ')[0] ?? '') === program,
    )
    // Its name alone comes with the notes, at the end.
    if (isNoted || this.sentences.length >= mostSentences) return
    const sentence = `${command} (pid ${pid}) ${reason}, so it runs without Trapline`
    this.sentences.push(sentence)
    this.log.warn(sentence)
  }
}

function readNotes(runDirectory: string): { notes: string[]; problem?: string[] } {
  try {
    const bytes = readForeign(join(runDirectory, untrappedFile), mostBytes)
    const lines = bytes?.toString('utf8').split('\n').filter(Boolean) ?? []
    return { notes: lines.map((line) => toPrintable(line, longestNote)) }
  } catch (error) {
    const problem =
      `which programs ran without Trapline is not known, for the host has put something else there: ` +
      `${toMessage(error)}`
    return { notes: [], problem: [problem] }
  }
}
