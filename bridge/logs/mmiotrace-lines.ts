/**
 * Lines of mmiotrace (Documentation/trace/mmiotrace.rst) as records. Its addresses are physical; our own MARKs about
 * refused reads name the device instead and become records too.
 */
import { statuses, type Operation, type Status } from '../wire/access.js'
import type { LogRecord } from './log-record.js'

const time = '(?<seconds>\\d+)\\.(?<micros>\\d{6})'
const number = '0x[0-9a-f]+'
const transfer = new RegExp(
  `^(?<op>[RW]) (?<width>[1248]) ${time} -?\\d+ (?<address>${number}) (?<value>${number})(?: ${number})?(?: ` +
    `(?<pid>-?\\d+))?$`,
  'i',
)
const mark = new RegExp(`^MARK ${time} ?(?<text>.*)$`)
const refused = new RegExp(
  `^(?<status>[A-Z]+) on (?<op>read|write) of (?<width>\\d+) bytes at (?<device>.+)\\+(?<offset>${number})$`,
)
const lost = /^Lost \d+ events?/
const unknown = new RegExp(`^UNKNOWN ${time} -?\\d+ (?<address>${number})`)
/** Lines that say where things are, not what was done. */
const furniture = /^(VERSION|MAP|UNMAP|PCIDEV|LSPCI)( |$)/

type Groups = Partial<Record<string, string>>

export class MmiotraceReader {
  constructor(private readonly note: (sentence: string) => void) {}

  read(line: string, seq: bigint, at: string): LogRecord | undefined {
    const trimmed = line.trimEnd()
    if (furniture.test(trimmed)) return undefined
    const access = transfer.exec(trimmed)?.groups
    if (access) return toRecord(access, seq, at)
    const marked = mark.exec(trimmed)?.groups
    if (marked) return this.#readMark(marked, seq, at)
    const missed = unknown.exec(trimmed)?.groups
    if (!missed) throw new Error('expected R, W, MAP, UNMAP, MARK, UNKNOWN, PCIDEV or VERSION')
    this.note(`${at}: the kernel could not tell what the instruction did at ${missed.address}; it is left out`)
    return undefined
  }

  #readMark({ text = '', ...stamp }: Groups, seq: bigint, at: string): LogRecord | undefined {
    const groups = refused.exec(text)?.groups
    if (groups && statuses.includes(groups.status as Status)) return toRefused({ ...stamp, ...groups }, seq, at)
    if (lost.test(text)) this.note(`${at}: the log has holes (${text})`)
    return undefined
  }
}

function toRecord(groups: Groups, seq: bigint, at: string): LogRecord {
  const { op, width, address = '0', value = '0' } = groups
  const [widthBytes, data] = [Number(width), BigInt(value)]
  if (data >> BigInt(8 * widthBytes)) throw new Error(`${value} does not fit in ${width} bytes`)
  return {
    ...common(groups, seq, at),
    operation: op?.toUpperCase() === 'R' ? 'read' : 'write',
    device: undefined,
    offset: BigInt(address),
    widthBytes,
    value: data,
    status: 'OKAY',
  }
}

function toRefused(groups: Groups, seq: bigint, at: string): LogRecord {
  const { op, width, device, offset = '0', status } = groups
  return {
    ...common(groups, seq, at),
    operation: op as Operation,
    device,
    offset: BigInt(offset),
    widthBytes: Number(width),
    value: undefined,
    status: status as Status,
  }
}

function common({ seconds = '0', micros = '0', pid = '0' }: Groups, seq: bigint, at: string) {
  const timePs = BigInt(seconds) * 1_000_000_000_000n + BigInt(micros) * 1_000_000n
  return { at, seq, timePs, cycles: undefined, pid: Number(pid), tid: Number(pid), symbol: '' }
}
