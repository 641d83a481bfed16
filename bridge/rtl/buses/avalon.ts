/** Avalon memory-mapped agents (Intel, Avalon Interface Specifications, 3). Pure. */
import type { RtlPort } from '../rtl-netlist.js'
import {
  address,
  allDataWidths,
  bits,
  type BusFamily,
  data,
  errorNames,
  type GroupSignals,
  likely,
  managers,
  managersOptional,
  meaningless,
  ones,
  type Protocol,
  type SignalRule,
  strobe,
  strobeNames,
  subordinatesOptional,
} from '../bus-rules.js'

/** Those that may be active low; SpinalHDL writes that without an underscore. */
const eitherLevel = ['chipselect', 'read', 'write', 'byteenable', 'waitrequest', 'readdatavalid']
const highOnly = ['address', 'readdata', 'writedata', 'burstcount', 'response', 'writeresponsevalid']
const marks = ['begintransfer', 'beginbursttransfer', 'debugaccess', 'lock']

export const avalon: BusFamily = {
  name: 'avalon',
  pattern: new RegExp(`^(.*?)_*(${[...highOnly, ...marks].join('|')}|(?:${eitherLevel.join('|')})(?:_?n)?)$`),
  toSignal,
  isBus: (has) =>
    has('address') && (has('readdata') || has('writedata')) && avalon.requests.some((request) => has(request)),
  requests: ['read', 'write', 'chipselect', 'read_n', 'write_n', 'chipselect_n'],
  protocolOf: () => 'avalon',
  halfOf: () => 'both',
  whyNot,
  isExact: true,
}

function toSignal(word: string): string {
  const [, name = ''] = /^(.+?)_?n$/.exec(word) ?? []
  return eitherLevel.includes(name) ? `${name}_n` : word
}

function whyNot(signals: GroupSignals): string | undefined {
  const has = (name: string) => signals.has(name) || signals.has(`${name}_n`)
  const lacks = [
    ...(has('read') && !has('readdata') ? ['readdata'] : []),
    ...(has('write') && !has('writedata') ? ['writedata'] : []),
    ...(has('writedata') && !has('write') && !has('chipselect') ? ['write'] : []),
  ]
  return lacks.length > 0 ? `lacks ${lacks.join(', ')} of Avalon-MM` : undefined
}

type Signals = Partial<Record<string, RtlPort>>

const hasEither = (signals: Signals, name: string) => Boolean(signals[name] ?? signals[`${name}_n`])

/** With its active-low form, which the RTL may have instead. */
function either(name: string, rule: SignalRule): Record<string, SignalRule> {
  const low = rule.driver === 'subordinate' ? { ...rule, absent: ones } : rule
  return { [name]: rule, [`${name}_n`]: meaningless(low) }
}

/** A read that is not pipelined has no bursts. */
function burstWidth(signals: Parameters<NonNullable<Protocol['bfmParameters']>>[0]): number {
  const mayBurst = hasEither(signals, 'readdatavalid') || !signals.readdata
  return signals.burstcount && mayBurst ? signals.burstcount.width : 1
}

const protocol: Protocol = {
  title: 'Avalon-MM',
  titleOf: ({ readdata, writedata }) => {
    if (!writedata) return 'Avalon-MM, reads only'
    return readdata ? 'Avalon-MM' : 'Avalon-MM, writes only'
  },
  module: 'avalon',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: false,
  addressesCount: 'asked',
  timingOf: (signals) => {
    const isPipelined = hasEither(signals, 'readdatavalid')
    const waits = hasEither(signals, 'waitrequest')
    const latency = isPipelined || !signals.readdata ? [] : (['readLatency'] as const)
    const times = waits ? [] : ([...(signals.readdata ? ['readWaitTime'] : []), 'writeWaitTime'] as const)
    const possible = [...latency, ...times] as ReturnType<NonNullable<Protocol['timingOf']>>['possible']
    if (latency.length > 0 && !waits) return { asked: ['readLatency', 'readWaitTime'], possible, asIn: 'its _hw.tcl' }
    return { asked: [], possible, ...(latency.length > 0 && { note: 'where WAITREQUEST is low' }) }
  },
  bfmParameters: (signals, { readLatency = 0, readWaitTime = 0, writeWaitTime = 0 }) => [
    `.HasReads(${signals.readdata ? 1 : 0})`,
    `.HasWrites(${signals.writedata ? 1 : 0})`,
    `.BurstWidth(${burstWidth(signals)})`,
    `.IsPipelined(${hasEither(signals, 'readdatavalid') ? 1 : 0})`,
    `.AnswersWrites(${signals.writeresponsevalid ? 1 : 0})`,
    `.ReadLatency(${readLatency})`,
    `.ReadWaitTime(${readWaitTime})`,
    `.WriteWaitTime(${writeWaitTime})`,
  ],
  signals: {
    address: managers(address),
    ...either('chipselect', managersOptional(bits(1))),
    ...either('read', managersOptional(bits(1))),
    ...either('write', managersOptional(bits(1))),
    ...either('byteenable', likely(strobeNames, managersOptional(strobe))),
    writedata: managersOptional(data),
    burstcount: { ...likely(/burst|count/, managersOptional(bits(11))), narrowest: () => 1 },
    begintransfer: meaningless(managersOptional(bits(1))),
    beginbursttransfer: meaningless(managersOptional(bits(1))),
    debugaccess: meaningless(managersOptional(bits(1))),
    lock: meaningless(managersOptional(bits(1))),
    ...either('waitrequest', likely(/wait|busy|stall/, subordinatesOptional(bits(1)))),
    ...either('readdatavalid', likely(/valid/, subordinatesOptional(bits(1)))),
    readdata: subordinatesOptional(data),
    response: likely(errorNames, subordinatesOptional(bits(2))),
    writeresponsevalid: likely(/respvalid/, subordinatesOptional(bits(1))),
  },
}

export const avalonProtocols = { avalon: protocol }
