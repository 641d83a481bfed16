/**
 * Any bus under any names: each of its signals is found as what it is and its addresses count what they count, or the
 * run refuses with a sentence. Nothing in between: a signal that is taken for none, or for another, is silently wrong.
 * `TRAPLINE_TEST_SEED` chooses other ones.
 */
import { expect, test } from 'vitest'
import type { PortProtocol } from '../../../bridge/config/schema.js'
import { TraplineError } from '../../../bridge/ground/errors.js'
import { lowBitOf } from '../../../bridge/rtl/address-count.js'
import type { BusWidths, SignalRule } from '../../../bridge/rtl/bus-rules.js'
import { protocols } from '../../../bridge/rtl/protocols.js'
import { type Chooser, numbers } from '../../support/numbers.js'
import { find } from './port-lists.js'

type Direction = 'in' | 'out'
type Style = (word: string, direction: Direction, prefix: string) => string

/** How cores spell the names of their ports. */
const styles: Record<string, Style> = {
  'a prefix': (word, _direction, prefix) => `${prefix}_${word}`,
  capitals: (word, _direction, prefix) => `${prefix}_${word}`.toUpperCase(),
  'capitals after a prefix': (word, _direction, prefix) => `${prefix}_${word.toUpperCase()}`,
  'direction at the end': (word, direction, prefix) => `${prefix}_${word}_${direction === 'in' ? 'i' : 'o'}`,
  'direction at the front': (word, direction, prefix) => `${direction === 'in' ? 'i' : 'o'}_${prefix}_${word}`,
  'a suffix': (word, _direction, prefix) => `${word}_${prefix}`,
  'no prefix': (word) => word,
}

/** The words of cores where they are not those of the tables. */
const words: Partial<Record<string, Record<string, string>>> = {
  wishbone: { wdata: 'dat_w', rdata: 'dat_r' },
  'wishbone-pipelined': { wdata: 'dat_w', rdata: 'dat_r' },
}

interface AnyBus {
  protocol: PortProtocol
  style: string
  /** As declared: `input s_axil_awaddr[11:2]`. */
  ports: string[]
  /** Names by signal. */
  names: Record<string, string>
  lowBit: number
  /** What the configuration says. */
  wordAddress: boolean | undefined
}

function pick<T>(next: Chooser, from: readonly T[]): T {
  return from[next(from.length)] as T
}

function anyBus(next: Chooser): AnyBus {
  const protocol = pick(next, Object.keys(protocols) as PortProtocol[])
  const { signals, dataWidths, hasIds } = protocols[protocol]
  const style = pick(next, Object.keys(styles))
  const prefix = pick(next, ['s', 'cfg', 's_axi', 'bus0', 'regs_a', 'u1'])
  const low = next(2) * next(6)
  const widths: BusWidths = { data: pick(next, dataWidths), address: 0, id: hasIds ? next(5) : 0 }
  const isThere = ([, rule]: [string, SignalRule]) =>
    rule.required || (rule.role === 'id' ? widths.id > 0 : next(4) > 0)
  const chosen = Object.entries(signals).filter(isThere)
  const high = low + next(24)
  const bounds = low === 0 && next(8) === 0 ? `[0:${high}]` : `[${high}:${low}]`
  const entries = chosen.map(([signal, rule]): [string, string, string] => {
    const direction = rule.driver === 'manager' ? 'in' : 'out'
    const name = styles[style]?.(words[protocol]?.[signal] ?? signal, direction, prefix) ?? ''
    const bits = rule.role === 'address' ? bounds : `[${rule.width(widths) - 1}:0]`
    return [signal, name, `${direction}put ${name}${bits === '[0:0]' && rule.role !== 'address' ? '' : bits}`]
  })
  return {
    protocol,
    style,
    ports: ['input clk', 'input rst_n', ...entries.map(([, , declaration]) => declaration)],
    names: Object.fromEntries(entries),
    lowBit: low,
    wordAddress: low === 0 ? pick(next, [undefined, true, false]) : undefined,
  }
}

/** `refused` with a sentence, or else nothing is wrong with what was found. */
function check(bus: AnyBus): 'refused' | 'right' {
  const { protocol, ports, names, wordAddress, lowBit } = bus
  try {
    const found = find(ports, wordAddress === undefined ? {} : { ports: { '*': { wordAddress } } })
    const place = JSON.stringify(bus)
    expect(found.ports, place).toHaveLength(1)
    const [driven] = found.ports
    if (!driven) throw new Error(place)
    expect(driven.protocol, place).toBe(protocol)
    const served = Object.fromEntries(Object.entries(driven.signals).map(([signal, port]) => [signal, port?.name]))
    expect(served, place).toEqual(names)
    const shift = wordAddress ? Math.log2(driven.dataWidth / 8) : 0
    for (const [signal, { role }] of Object.entries(protocols[protocol].signals))
      if (role === 'address' && names[signal]) expect(lowBitOf(driven, signal), place).toBe(lowBit || shift)
    const isOpen = protocols[protocol].addressesCount === 'open' && driven.dataWidth > 8
    expect(isOpen && lowBit === 0 && wordAddress === undefined, place).toBe(false)
    return 'right'
  } catch (error) {
    if (!(error instanceof TraplineError)) throw error
    expect(error.message).toMatch(/^.{30,}$/s)
    return 'refused'
  }
}

test('any bus under any names is right, or refused with a sentence', () => {
  const next = numbers(Number(process.env.TRAPLINE_TEST_SEED ?? 1))
  const answers = Array.from({ length: 1000 }, () => check(anyBus(next)))
  const right = answers.filter((answer) => answer === 'right')
  // A run that refused everything would never be wrong.
  expect(right.length).toBeGreaterThan(800)
})
