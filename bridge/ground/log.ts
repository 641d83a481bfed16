/**
 * Trapline's own words. They go to stderr, one sentence a line, with a prefix that tells them from the host's;
 * stdout and the rest of stderr belong to the host. `TRAPLINE_LOG_LEVEL` takes pino's level names,
 * `TRAPLINE_LOG_FORMAT=json` gives pino's JSON lines as they are.
 */
import { isatty } from 'node:tty'
import pino from 'pino'
import { TraplineError } from './errors.js'
import { words } from './outlet.js'
import { cutLine, toVisible, toVisibleJson } from './visible.js'

export type Log = pino.Logger

const prefix = 'trapline: '

const { warn = 0, error = 0 } = pino.levels.values
const [yellow, red] = [33, 31]
const isColoured = wantsColour()

/** As no-color.org and force-color.org have it; else where stderr is a terminal that has them. */
function wantsColour(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return !NO_COLOR && TERM !== 'dumb' && isatty(2)
}

/** A message is one line, whatever stands in the names that it speaks of; trouble has a colour. */
function writeSentence(record: string): void {
  const { msg, level } = JSON.parse(record) as { msg: string; level: number }
  const line = `${prefix}${toVisible(cutLine(msg))}`
  const colour = level >= error ? red : level >= warn ? yellow : undefined
  words.write(isColoured && colour !== undefined ? `\x1b[${colour}m${line}\x1b[0m\n` : `${line}\n`)
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

const usualLevel = 'info'
const levels = [...Object.keys(pino.levels.values), 'silent']

function isLevel(name: string | undefined): name is string {
  return name !== undefined && levels.includes(name)
}

const { TRAPLINE_LOG_LEVEL: wanted } = process.env

export const log: Log = pino(
  { level: isLevel(wanted) ? wanted : usualLevel },
  { write: asJson ? writeJson : writeSentence },
)

export interface WordFlags {
  quiet?: boolean
  verbose?: boolean
  show?: boolean
}

/** What the command line says of it, else the variable, which `.env` may have set by now. */
export function setLogLevel({ quiet = false, verbose = false, show = false }: WordFlags = {}): void {
  const other = verbose ? '--verbose' : show ? '--show' : undefined
  if (quiet && other !== undefined) throw new TraplineError('usage', `--quiet and ${other} exclude each other`)
  const level = process.env.TRAPLINE_LOG_LEVEL || usualLevel
  if (!isLevel(level))
    throw new TraplineError('usage', `TRAPLINE_LOG_LEVEL is '${level}'; it must be one of ${levels.join(', ')}`)
  log.level = quiet ? 'warn' : verbose ? 'debug' : level
}
