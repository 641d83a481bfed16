/** How an address port counts: in bytes, in words of the bus, or from the low bound of its declaration. Pure. */
import type { PortProtocol } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { protocols } from './protocols.js'
import type { RtlPort } from './rtl-netlist.js'

/** What a bus must be known by to tell how its addresses count. */
export interface CountedBus {
  name: string
  protocol: PortProtocol
  dataWidth: number
  /** How addresses count, as answered; else the declaration of each address port tells. */
  wordAddress: boolean | undefined
  signals: Partial<Record<string, RtlPort>>
}

function addressSignals({ protocol }: CountedBus): string[] {
  const rules = Object.entries(protocols[protocol].signals)
  return rules.filter(([, { role }]) => role === 'address').map(([signal]) => signal)
}

function addressPorts(bus: CountedBus): RtlPort[] {
  return addressSignals(bus).flatMap((name) => bus.signals[name] ?? [])
}

/** Which bit of a byte address the lowest bit of an address port is; 0 for other signals. */
export function lowBitOf(bus: CountedBus, signal: string): number {
  const rtl = bus.signals[signal]
  if (!rtl || !addressSignals(bus).includes(signal)) return 0
  return declaredLowBit(rtl) || (bus.wordAddress ? wordShift(bus) : 0)
}

/** Bits of a byte address, with those that the RTL leaves out. */
export function byteAddressWidth(bus: CountedBus): number {
  const ends = addressSignals(bus).map((name) => {
    const rtl = bus.signals[name]
    return rtl ? rtl.width + lowBitOf(bus, name) : 0
  })
  return Math.max(...ends)
}

/** Why an address port can't be understood, in words that follow the name of its bus. */
export function whyNotCounted(bus: CountedBus): string | undefined {
  const backwards = addressPorts(bus).find(({ bounds: [left, right] = [0, 0] }) => left < right && left > 0)
  return backwards && `has ${toDeclaration(backwards)}, whose lowest bit can't be told; declare it from high to low`
}

/**
 * Throws the question that only the user can answer. Wishbone's standard leaves open what an address counts, and
 * RTL of both kinds is everywhere; taken for the other, it answers with a register all the same.
 */
export function checkCount(top: string, bus: CountedBus): void {
  const place = `bus ${bus.name} of ${top}`
  for (const rtl of addressPorts(bus)) {
    const low = declaredLowBit(rtl)
    if (low > 0 && bus.wordAddress !== undefined && (low !== wordShift(bus) || !bus.wordAddress))
      throw new TraplineError(
        'config',
        `${place} has ${toDeclaration(rtl)}, which says that its lowest bit counts ${unit(2 ** low, bus)}, and ` +
          `wordAddress (--addresses) says otherwise; leave that out, or declare the port from bit 0`,
      )
    if (isOpen(bus) && low === 0 && bus.wordAddress === undefined && wordShift(bus) > 0)
      throw new TraplineError(
        'config',
        `${place} has ${rtl.width} address ${rtl.width === 1 ? 'bit' : 'bits'} (${rtl.name}), which can count ` +
          `bytes or words of ${bus.dataWidth / 8} bytes; say which with --addresses bytes, --addresses words or ` +
          `the key "wordAddress"`,
      )
  }
}

/** Whether the answer or the declaration of its address ports tells what they count, or no difference is possible. */
export function declaresCount(bus: CountedBus): boolean {
  return (
    bus.wordAddress !== undefined || wordShift(bus) === 0 || addressPorts(bus).some((rtl) => declaredLowBit(rtl) > 0)
  )
}

/** What the addresses of a bus count, for people. */
export function toCountNote(bus: CountedBus): string {
  const counted = addressSignals(bus).filter((name) => bus.signals[name])
  const lows = [...new Set(counted.map((name) => lowBitOf(bus, name)))]
  return `addresses count ${lows.map((low) => unit(2 ** low, bus)).join(' and ')}`
}

/** Whether the standard leaves open what an address counts. */
function isOpen({ protocol }: CountedBus): boolean {
  return protocols[protocol].addressesCount === 'open'
}

function unit(bytes: number, { dataWidth }: CountedBus): string {
  if (bytes === 1) return 'bytes'
  return bytes === dataWidth / 8 ? `words of ${bytes} bytes` : `units of ${bytes} bytes`
}

function wordShift({ dataWidth }: CountedBus): number {
  return Math.log2(dataWidth / 8)
}

/** `PADDR[11:2]` */
function toDeclaration({ name, bounds = [0, 0] }: RtlPort): string {
  return `${name}[${bounds.join(':')}]`
}

function declaredLowBit({ bounds: [left, right] = [0, 0] }: RtlPort): number {
  return left < right ? 0 : right
}
