/** `trapline export LOG`: an access log in the format of another tool. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toMessage, TraplineError } from '../ground/errors.js'
import { log } from '../ground/log.js'
import { readModelEvents } from '../logs/model-events.js'
import { toPerfetto } from '../logs/perfetto.js'
import { readTransfers } from '../logs/read-log.js'

export interface ExportFlags {
  perfetto: string
}

export async function exportLog({ perfetto }: ExportFlags, recording: string): Promise<number> {
  await writePerfetto(perfetto, recording)
  return 0
}

/** @param eventFiles what models wrote of themselves */
export async function writePerfetto(perfetto: string, recording: string, eventFiles: string[] = []): Promise<void> {
  const records = readTransfers(recording, (sentence) => log.warn(sentence))
  const pieces = toPerfetto(records, readModelEvents(eventFiles))
  try {
    await pipeline(Readable.from(pieces), createWriteStream(perfetto))
  } catch (error) {
    if (error instanceof TraplineError) throw error
    const message = `${perfetto} can't be written (${toMessage(error)}); choose another place`
    throw new TraplineError('output', message, { cause: error })
  }
}
