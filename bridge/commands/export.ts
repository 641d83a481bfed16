/** `trapline export LOG`: an access log in the format of another tool. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toMessage, TraplineError } from '../ground/errors.js'
import { log } from '../ground/log.js'
import { readModelEvents } from '../logs/model-events.js'
import { toPerfetto } from '../logs/perfetto.js'
import { readTransfers } from '../logs/read-log.js'
import { untilHurried, type Written } from '../logs/until-hurried.js'

export interface ExportFlags {
  perfetto: string
}

export async function exportLog({ perfetto }: ExportFlags, recording: string): Promise<number> {
  await writePerfetto(perfetto, recording)
  return 0
}

export interface TimelineSettings {
  /** What models wrote of themselves. */
  eventFiles?: string[]
  /** From then on a timeline that is long is cut. */
  hurry?: AbortSignal | undefined
}

export async function writePerfetto(
  perfetto: string,
  recording: string,
  { eventFiles = [], hurry }: TimelineSettings = {},
): Promise<Written> {
  const written = { count: 0, isCut: false }
  const records = untilHurried(
    readTransfers(recording, (sentence) => log.warn(sentence)),
    hurry,
    written,
  )
  const pieces = toPerfetto(records, untilHurried(readModelEvents(eventFiles), hurry, written))
  try {
    await pipeline(Readable.from(pieces), createWriteStream(perfetto))
    return written
  } catch (error) {
    if (error instanceof TraplineError) throw error
    const message = `${perfetto} can't be written (${toMessage(error)}); choose another place`
    throw new TraplineError('output', message, { cause: error })
  }
}
