/** `trapline export LOG`: an access log in the format of another tool. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toMessage, TraplineError } from '../errors.js'
import { log } from '../log.js'
import { toPerfetto } from '../regression/perfetto.js'
import { readLog } from '../regression/read-log.js'

export interface ExportFlags {
  perfetto: string
}

export async function exportLog({ perfetto }: ExportFlags, recording: string): Promise<number> {
  const records = readLog(recording, (sentence) => log.warn(sentence))
  try {
    await pipeline(Readable.from(toPerfetto(records)), createWriteStream(perfetto))
  } catch (error) {
    if (error instanceof TraplineError) throw error
    const message = `${perfetto} can't be written (${toMessage(error)}); choose another place`
    throw new TraplineError('output', message, { cause: error })
  }
  return 0
}
