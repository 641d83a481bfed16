/** The cycles around one access, out of a waveform, as the page of a regression draws them. */
import type { Bridge } from '../assembly/bridge.js'
import { withoutSecrets } from '../ground/child-environment.js'
import { isAccess, isInterrupt, isTransfer, toSentence, type LogEntry, type LogRecord } from '../logs/log-record.js'
import { readEntries } from '../logs/read-log.js'
import { isOfSoftware } from '../verilate/harness-software.js'
import { readDump, type DumpedVariable } from './value-changes.js'
import type { Excerpt, ExcerptSignal, ExcerptSpan } from './result.js'

const cyclesAround = 8n
/** Of a longer access, one that hangs, say, the beginning, where it went wrong, and the end. */
const [mostCycles, cyclesOfBegin] = [160n, 120n]

export interface ExcerptSettings {
  /** FST. */
  file: string
  bridge: Bridge
  access: LogRecord
  /** Access log, JSON lines: what else happened in these cycles. */
  log: string
  abort?: AbortSignal
}

/**
 * Everything that crosses the border of the RTL: clock, reset, interrupts and every bus, that of the access first.
 * Undefined where gtkwave's fst2vcd is missing.
 */
export async function readExcerpt(settings: ExcerptSettings): Promise<Excerpt | undefined> {
  const { bridge, access } = settings
  const device = bridge.sessions.devices.find(({ name }) => name === access.device)
  const running = bridge.models.history.find(({ name }) => name === device?.config.model)
  if (!device || !running || !access.cycles) return undefined
  const { start, end } = access.cycles
  const from = start > cyclesAround ? start - cyclesAround : 0n
  const to = end + cyclesAround
  const period = bridge.models.periodPsOf(running)
  const toPs = (cycle: bigint) => Number(cycle * period)
  const cut = { beginPs: toPs(from + cyclesOfBegin), endPs: toPs(to - mostCycles + cyclesOfBegin) }
  const frame: ExcerptFrame = { beginPs: toPs(from), endPs: toPs(to), periodPs: Number(period) }
  if (to - from > mostCycles) frame.cut = cut
  const names = { port: bridge.models.portOf(device)?.name ?? '', interrupts: running.hello.interrupts }
  const read = await readSignals(settings, frame, names)
  if (!read) return undefined
  // A model that has ended wrote no more.
  beginAt(frame, read.signals)
  endAt(frame, Math.ceil(read.lastPs / frame.periodPs) * frame.periodPs)
  const spans = await readSpans(settings, device.config.model, frame)
  return {
    ...frame,
    access: { beginPs: toPs(start), endPs: toPs(end) },
    spans,
    signals: read.signals,
  }
}

type ExcerptFrame = Pick<Excerpt, 'beginPs' | 'endPs' | 'cut'> & { periodPs: number }

/** The waveform may begin later. */
function beginAt(frame: ExcerptFrame, signals: ExcerptSignal[]): void {
  const firstPs = Math.min(...signals.flatMap(({ changes: [first] }) => (first ? [first[0]] : [])))
  if (Number.isFinite(firstPs)) frame.beginPs = Math.floor(firstPs / frame.periodPs) * frame.periodPs
}

function endAt(frame: ExcerptFrame, lastPs: number): void {
  if (lastPs >= frame.endPs) return
  frame.endPs = lastPs
  if (!frame.cut || frame.cut.endPs < lastPs) return
  frame.endPs = Math.min(frame.cut.beginPs, lastPs)
  delete frame.cut
}

interface Names {
  /** Of the bus that comes first. */
  port: string
  /** In the order of their index. */
  interrupts: string[]
}

async function readSignals(
  { file, abort }: ExcerptSettings,
  frame: ExcerptFrame,
  names: Names,
): Promise<{ signals: ExcerptSignal[]; lastPs: number } | undefined> {
  const { execa } = await import('execa')
  const dump = execa('fst2vcd', [file], {
    ...{ reject: false, buffer: false, stderr: 'ignore', cancelSignal: abort, env: withoutSecrets },
  })
  const all: ExcerptSignal[] = []
  const byId = new Map<string, ExcerptSignal[]>()
  let lastPs = 0
  try {
    lastPs = await readDump(dump, {
      onVariables: (variables) => all.push(...addSignals(byId, variables, names)),
      onChange: (id, bits, timePs) => addChange(byId.get(id), bits, timePs, frame),
    })
  } finally {
    dump.kill()
  }
  const { exitCode, isTerminated } = await dump
  if (exitCode !== 0 && !isTerminated) return undefined
  return { signals: all.sort((a, b) => rank(a, names) - rank(b, names)), lastPs }
}

/** Those of the top scope, each by its own name, though the file has one wire of several names but once. */
function addSignals(byId: Map<string, ExcerptSignal[]>, variables: DumpedVariable[], names: Names): ExcerptSignal[] {
  const ofTop = variables.filter(
    ({ scopes, isParameter, name }) => scopes.length === 2 && !isParameter && !isOfSoftware(name),
  )
  return ofTop.map(({ id, name, widthBits }) => {
    const [, group = '', own = name] = /^(.+?)__(.+)$/.exec(name) ?? []
    const line = /^irq_(\d+)$/.exec(own)?.[1]
    const interrupt = line === undefined || group ? undefined : names.interrupts[Number(line)]
    const signal = { name: interrupt ?? own, group: interrupt ? 'interrupts' : group, widthBits, changes: [] }
    byId.set(id, [...(byId.get(id) ?? []), signal])
    return signal
  })
}

function rank({ group = '' }: ExcerptSignal, { port }: Names): number {
  return ['', port, 'interrupts'].indexOf(group) + 1 || 4
}

/** What was before the frame, or in what is cut out, counts as the first value behind it. False behind its end. */
function addChange(
  signals: ExcerptSignal[] | undefined,
  bits: string,
  timePs: number,
  { beginPs, endPs, cut }: ExcerptFrame,
): boolean {
  if (timePs > endPs) return false
  const isCut = cut !== undefined && timePs > cut.beginPs && timePs < cut.endPs
  for (const { changes } of signals ?? []) {
    const at = isCut ? cut.endPs : Math.max(timePs, beginPs)
    if (changes.at(-1)?.[0] === at) changes.pop()
    changes.push([at, toReadable(bits)])
  }
  return true
}

/** Hexadecimal where it can be. */
function toReadable(bits: string): string {
  if (bits.length === 1 || /[xz]/.test(bits)) return bits
  return BigInt(`0b${bits}`).toString(16)
}

/** What programs did meanwhile, and, where one model is all that there is, the RTL itself in memory. */
async function readSpans(
  { bridge, access, log }: ExcerptSettings,
  model: string,
  frame: ExcerptFrame,
): Promise<ExcerptSpan[]> {
  const own = new Set(bridge.sessions.devices.filter(({ config }) => config.model === model).map(({ name }) => name))
  const isAlone = bridge.models.used.length === 1
  const spans: ExcerptSpan[] = []
  for await (const entry of readEntries(log)) {
    if (isInterrupt(entry)) continue
    if (isTransfer(entry) ? !own.has(entry.device ?? '') : !isAlone) continue
    const span = toSpan(entry, frame.periodPs)
    if (span.endPs < frame.beginPs || span.beginPs > frame.endPs || isCutOut(span, frame)) continue
    spans.push(entry.seq === access.seq && isAccess(entry) ? { ...span, isBlamed: true } : span)
  }
  return spans
}

function isCutOut(span: ExcerptSpan, { cut }: ExcerptFrame): boolean {
  return cut !== undefined && span.beginPs >= cut.beginPs && span.endPs <= cut.endPs
}

function toSpan(entry: LogEntry, periodPs: number): ExcerptSpan {
  const { cycles, timePs } = entry
  const [beginPs, endPs] = cycles
    ? [Number(cycles.start) * periodPs, Number(cycles.end) * periodPs]
    : [Number(timePs), Number(timePs)]
  return { row: isTransfer(entry) ? 'program' : 'DMA', beginPs, endPs, text: `${entry.seq}: ${toSentence(entry)}` }
}
