/**
 * Trapline's own words. They go to stderr, one sentence a line, with a prefix that tells them from the host's;
 * stdout and the rest of stderr belong to the host. `TRAPLINE_LOG_LEVEL` takes pino's level names,
 * `TRAPLINE_LOG_FORMAT=json` gives pino's JSON lines as they are.
 */
import pino from 'pino'
import { words } from './outlet.js'
import { cutLine, toVisible, toVisibleJson } from './visible.js'

export type Log = pino.Logger

const prefix = 'trapline: '

/** A message is one line, whatever stands in the names that it speaks of. */
function writeSentence(record: string): void {
  const { msg } = JSON.parse(record) as { msg: string }
  words.write(`${prefix}${toVisible(cutLine(msg))}\n`)
}

/** The line feed at the end is pino's. */
function writeJson(record: string): void {
  words.write(`${toVisibleJson(record.trimEnd())}\n`)
}

/** A log whose sentences go to `write`, without prefix. */
export function createLog(write: (sentence: string) => void): Log {
  return pino({ level: 'info' }, { write: (record: string) => write((JSON.parse(record) as { msg: string }).msg) })
}

const asJson = process.env.TRAPLINE_LOG_FORMAT === 'json'

export const log: Log = pino(
  { level: process.env.TRAPLINE_LOG_LEVEL ?? 'info' },
  { write: asJson ? writeJson : writeSentence },
)
