/**
 * The native buses of small cores, which no standard describes: a select and a direction (`cs`, `we`, `address`, …), a
 * request for each direction (`reg_we`, `reg_re`, …), or strobes that are the direction (PicoRV32's memory interface).
 * hdl/bfm/native_manager_bfm.sv says what they have in common. Pure.
 */
import type { PortDirection } from '../rtl-netlist.js'
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
  type Protocol,
  strobe,
  strobeNames,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

/** What each signal is called; of `data` the direction tells which it is. Active-low names are not among them. */
const words: Record<string, string> = {
  cs: 'cs|ce|csel|chip_?select|sel|select|en|ena|enable|valid',
  we: 'we|wr|wren|wr_en|wr_enable|write|write_en|write_enable',
  re: 're|rd|rden|rd_en|rd_enable|read|read_en|read_enable',
  addr: 'addr|address|adr',
  wdata: 'wdata|write_data|wr_data|din|datain',
  rdata: 'rdata|read_data|rd_data|dout|dataout',
  data: 'data|dat',
  be: 'be|bwe|byte_?en|byte_?enable',
  wstrb: 'wstrb|strb',
  ready: 'ready|rdy|ack',
  error: 'error|err',
  // A bus that has one of these is another one.
  foreign: 'stb|cyc|req|gnt',
}

const meanings = Object.entries(words).map(([signal, names]) => [signal, new RegExp(`^(${names})$`)] as const)

export const native: BusFamily = {
  name: 'native',
  pattern: new RegExp(`^(?:(.*?)_+)??(${Object.values(words).join('|')})$`),
  toSignal,
  isBus: (has, signals) => !has('foreign') && isComplete(has) && hasSides(signals),
  requests: ['cs', 're', 'we'],
  protocolOf: () => 'native',
  halfOf: () => 'both',
  isNative: true,
  isExact: true,
}

function toSignal(word: string, direction: PortDirection): string {
  const [signal = word] = meanings.find(([, names]) => names.test(word)) ?? []
  if (signal === 'data') return direction === 'input' ? 'wdata' : 'rdata'
  // A core that says VALID tells something else than a core that hears it.
  return word === 'valid' && direction === 'output' ? 'valid' : signal
}

function isComplete(has: (signal: string) => boolean): boolean {
  const asks = (has('cs') && (has('we') || has('wstrb'))) || (has('re') && has('we'))
  return asks && ['addr', 'wdata', 'rdata'].every(has)
}

/** Whether one side drives all but the read data. */
function hasSides(signals: GroupSignals): boolean {
  const side = (names: string[]) => new Set(names.flatMap((name) => signals.get(name)?.direction ?? []))
  const [asking, answering] = [side(['addr', 'wdata', 'we', 're', 'wstrb', 'cs']), side(['rdata'])]
  return asking.size === 1 && answering.size === 1 && ![...answering].some((direction) => asking.has(direction))
}

/** Strobes that are the direction: a convention of its own, with byte addresses and READY. */
const isStrobed = (signals: Partial<Record<string, unknown>>) => signals.we === undefined

const protocol: Protocol = {
  title: 'native',
  titleOf: (signals) => {
    if (isStrobed(signals)) return 'native (valid, wstrb)'
    return signals.cs ? 'native (cs, we)' : 'native (re, we)'
  },
  module: 'native',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: false,
  addressesCount: 'asked',
  countsBytes: (signals) => isStrobed(signals) && (signals.addr?.width ?? 0) >= 32,
  timingOf: (signals) => {
    // What is called ready may only say that a request is taken, or that the core is idle.
    const isTold = signals.ready !== undefined && (isStrobed(signals) || /ack/i.test(signals.ready.name))
    return { asked: isTold ? [] : ['readLatency'], possible: ['readLatency'] }
  },
  bfmParameters: (signals, { readLatency = 0 }) => [
    `.ReadLatency(${readLatency})`,
    ...((signals.we?.width ?? 1) > 1 ? ['.ByteWrites(1)'] : []),
  ],
  signals: {
    cs: managersOptional(bits(1)),
    re: managersOptional(bits(1)),
    addr: managers(address),
    wdata: managers(data),
    be: likely(strobeNames, managersOptional(strobe)),
    wstrb: managersOptional(strobe),
    // One bit, or one for each byte.
    we: { ...managersOptional(strobe), narrower: 1 },
    rdata: subordinates(data),
    ready: likely(
      /r(ea)?dy|ack|valid/,
      subordinatesOptional(bits(1), () => `1'b1`),
    ),
    error: likely(errorNames, subordinatesOptional(bits(1))),
  },
}

export const nativeProtocols = { native: protocol }
