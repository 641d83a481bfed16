/** Bits and elements of ports: `irq_o[3]`, `lanes[7:4]`, `s_axi_awaddr[1]` of an array. Pure. */
import type { RtlPort } from './rtl-netlist.js'

/** The port of this name, or the bits or the element of a port that it names; undefined if there is none. */
export function portNamed(ports: RtlPort[], name: string): RtlPort | undefined {
  const whole = ports.find((port) => port.name === name)
  if (whole) return whole
  const [, base, first = '', last] = /^(.+)\[(\d+)(?::(\d+))?\]$/.exec(name) ?? []
  const port = ports.find((candidate) => candidate.name === base)
  if (!port) return undefined
  return last === undefined ? elementAt(port, Number(first)) : bitsOf(port, [Number(first), Number(last)])
}

/** What a port is a part of; itself if it is whole. */
export function wholeOf(port: RtlPort): RtlPort {
  return port.part?.of ?? port
}

/** Ports that are signals of these buses, as a whole. */
export function portsOf(buses: { signals: Map<string, RtlPort> }[]): Set<RtlPort> {
  return new Set(buses.flatMap(({ signals }) => [...signals.values()].map(wholeOf)))
}

/** A whole port as what is connected by a variable. */
export function asPart(port: RtlPort): RtlPort {
  return port.part ? port : { ...port, part: { of: port, select: '' } }
}

/** All elements of a port in the order of their index; none if it is a scalar or has elements that are no vectors. */
export function elementsOf(port: RtlPort): RtlPort[] {
  const range = indexRange(port)
  if (!range) return []
  const lowest = Math.min(...range)
  return Array.from({ length: countOf(range) }, (_, i) => elementAt(port, lowest + i)).flatMap((part) => part ?? [])
}

/**
 * One of `count` equal parts of a port: an element of an array, or so many bits of a vector. Parts are counted from
 * that of the lowest index. Undefined if the port can't be divided so.
 */
export function divisionOf(port: RtlPort, count: number, ordinal: number): RtlPort | undefined {
  const range = indexRange(port)
  if (!range) return count === 1 && port.shape === 'vector' ? port : undefined
  if (countOf(range) === count) return elementAt(port, Math.min(...range) + ordinal)
  const [left, right] = range
  if (port.shape !== 'vector' || port.outer || left < right || port.width % count !== 0) return undefined
  const width = port.width / count
  const low = right + ordinal * width
  return bitsOf(port, [low + width - 1, low])
}

/** What of a port none of these parts has: bits that stand together as one. */
export function unusedParts(port: RtlPort, parts: RtlPort[]): RtlPort[] {
  const free = elementsOf(port).filter((element) => !parts.some((part) => overlap(element, part)))
  if (port.shape === 'array' || port.outer) return free
  const runs: [number, number][] = []
  for (const index of free.map(({ name }) => Number(/\[(\d+)\]$/.exec(name)?.[1]))) {
    const run = runs.at(-1)
    if (run && run[1] === index - 1) run[1] = index
    else runs.push([index, index])
  }
  const isDescending = !port.bounds || port.bounds[0] >= port.bounds[1]
  return runs.flatMap(([low, high]) => {
    if (low === high) return elementAt(port, low) ?? []
    return bitsOf(port, isDescending ? [high, low] : [low, high]) ?? []
  })
}

/** Whether two parts have a bit in common. */
export function overlap(a: RtlPort, b: RtlPort): boolean {
  return wholeOf(a) === wholeOf(b) && overlaps(a.part?.select, b.part?.select)
}

function overlaps(a = '', b = ''): boolean {
  const [[highA, lowA], [highB, lowB]] = [a, b].map(selectRange) as [[number, number], [number, number]]
  return highA >= lowB && highB >= lowA
}

/** `[7:4]` as 7 and 4, all that there is for nothing. */
function selectRange(select: string): [number, number] {
  const [, high, low = high] = /^\[(\d+)(?::(\d+))?\]$/.exec(select) ?? []
  return high === undefined ? [Number.MAX_SAFE_INTEGER, 0] : [Number(high), Number(low)]
}

function indexRange({ shape, dimensions, outer, bounds }: RtlPort): [number, number] | undefined {
  if (shape === 'array') return dimensions.length === 1 ? outer : undefined
  return shape === 'vector' ? (outer ?? bounds) : undefined
}

function countOf([left, right]: [number, number]): number {
  return Math.abs(left - right) + 1
}

function elementAt(port: RtlPort, index: number): RtlPort | undefined {
  const range = indexRange(port)
  if (!range || index < Math.min(...range) || index > Math.max(...range)) return undefined
  const [left, right] = range
  const width = port.shape === 'array' ? port.width : port.width / countOf(range)
  const low = (left >= right ? index - right : right - index) * width
  const select = port.shape === 'array' ? `[${index}]` : toSelect(low, width)
  const { name, direction, elementBounds: bounds } = port
  return {
    name: `${name}[${index}]`,
    direction,
    shape: 'vector',
    width,
    dimensions: [],
    bounds,
    part: { of: port, select },
  }
}

function bitsOf(port: RtlPort, [first, last]: [number, number]): RtlPort | undefined {
  const { name, direction, shape, bounds: [left, right] = [0, 0] } = port
  if (shape !== 'vector' || !port.bounds || first >= last !== left >= right) return undefined
  if (Math.max(first, last) > Math.max(left, right) || Math.min(first, last) < Math.min(left, right)) return undefined
  const width = Math.abs(first - last) + 1
  const part = { of: port, select: toSelect(Math.abs(last - right), width) }
  return { name: `${name}[${first}:${last}]`, direction, shape, width, dimensions: [], part }
}

function toSelect(low: number, width: number): string {
  return `[${low + width - 1}:${low}]`
}
