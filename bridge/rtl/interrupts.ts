/** Which outputs are interrupt lines, bits of vectors too: as configured, else by name. Pure. */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import type { Loopback } from './loopbacks.js'
import { isInterruptName } from './port-names.js'
import { asPart, elementsOf, portNamed, wholeOf } from './port-parts.js'
import { list } from './port-questions.js'
import type { RtlPort } from './rtl-netlist.js'

/** What a model can tell of: `trapline.v1.Hello.interrupts`. */
export const mostInterrupts = 32

/** The lines, and names of outputs that would be some if there were not too many. */
export function findInterrupts(
  config: Pick<ModelConfig, 'top' | 'interrupts'>,
  rest: RtlPort[],
  loopbacks: Loopback[],
): { lines: RtlPort[]; unwatched: string[] } {
  const found = config.interrupts
    ? config.interrupts.flatMap((name) => namedLines(config.top, name, rest))
    : rest.filter(({ name }) => isInterruptName(name)).flatMap(linesOf)
  if (config.interrupts && found.length > mostInterrupts)
    throw new TraplineError(
      'config',
      `${config.top} has ${found.length} interrupts; at most ${mostInterrupts} are watched`,
    )
  // What is looped back has a variable of its own already.
  const looped = new Set(loopbacks.map(({ output }) => wholeOf(output)))
  const lines = found.map((line) => (looped.has(line) ? asPart(line) : line))
  return { lines: lines.slice(0, mostInterrupts), unwatched: lines.slice(mostInterrupts).map(({ name }) => name) }
}

/** One line each, a vector as one. */
export function interruptNotes(lines: RtlPort[]): string[] {
  const wholes = [...new Set(lines.map(wholeOf))]
  return wholes.map((whole) => {
    const names = lines.filter((line) => wholeOf(line) === whole).map(({ name }) => name)
    return names.length > 1 ? `interrupts ${names[0] ?? ''} to ${names.at(-1) ?? ''}` : `interrupt ${names[0] ?? ''}`
  })
}

/** The lines of an output: itself, or its bits; none of what is neither. */
function linesOf(port: RtlPort): RtlPort[] {
  if (port.direction !== 'output') return []
  if (port.shape === 'vector' && port.width === 1) return [port]
  const elements = elementsOf(port)
  return elements.every(({ width }) => width === 1) ? elements : []
}

function namedLines(top: string, name: string, rest: RtlPort[]): RtlPort[] {
  const port = portNamed(rest, name)
  const lines = port ? linesOf(port) : []
  if (lines.length > 0) return lines
  const bits = rest.filter(({ direction, shape, width }) => direction === 'output' && shape === 'vector' && width === 1)
  const names = bits.map((bit) => bit.name)
  throw new TraplineError(
    'config',
    `interrupt ${name} of ${top} is not among its 1-bit outputs (${list('they', names)}), nor a bit of a vector (irq_o[3])`,
  )
}
