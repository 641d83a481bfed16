/** `trapline diff A B`: the first access, or burst of the RTL, in which two logs differ, and what led there. */
import { toCount } from '../ground/format.js'
import { log } from '../ground/log.js'
import { diffLogs, type Divergence } from '../logs/diff-logs.js'
import { isAccess, isInterrupt, isInterruptControl, isStream, toSentence, type LogEntry } from '../logs/log-record.js'
import { readEntries, readLog } from '../logs/read-log.js'
import { toVisibleLines } from '../ground/visible.js'
import { print } from './output-files.js'

export interface DiffFlags {
  timing?: boolean
  /** False: bursts of the RTL don't count. */
  dma?: boolean
}

/** 0: the same, 1: they differ. */
export async function diff(flags: DiffFlags, a: string, b: string): Promise<number> {
  const note = (sentence: string) => log.warn(sentence)
  const read = flags.dma === false ? readLog : readEntries
  const { same, divergence } = await diffLogs(read(a, note), read(b, note), { comparesTiming: flags.timing ?? false })
  const accesses = toCount(same, 'access', 'accesses')
  const text = divergence ? toText(same, divergence, a, b) : `the same: ${accesses}\n`
  await print(toVisibleLines(text))
  return divergence ? 1 : 0
}

function toText(same: number, { before, a, b, differences }: Divergence, nameA: string, nameB: string): string {
  const showsTiming = differences.includes('timing')
  const side = (sign: string, record: LogEntry | undefined) =>
    `${sign} ${record ? toLine(record, showsTiming) : 'the log ends here'}`
  return [
    `${nounOf(a)} ${same + 1} differs: ${differences.join(', ')}`,
    `- ${a?.at ?? nameA}`,
    `+ ${b?.at ?? nameB}`,
    '',
    ...before.map((record) => `  ${toLine(record, showsTiming)}`),
    side('-', a),
    side('+', b),
    '',
  ].join('\n')
}

function toLine(record: LogEntry, showsTiming: boolean): string {
  const { cycles, timePs } = record
  const timing = cycles ? `  @${cycles.start}-${cycles.end}` : `  @${timePs} ps`
  return `#${record.seq} ${toSentence(record)}${showsTiming ? timing : ''}`
}

function nounOf(entry: LogEntry | undefined): string {
  if (entry && isStream(entry)) return 'transfer'
  if (entry && (isInterrupt(entry) || isInterruptControl(entry))) return 'interrupt'
  return entry && !isAccess(entry) ? 'burst' : 'access'
}
