/** Which outputs are interrupt lines, bits of vectors too: as configured, else by name. Pure. */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { checkText, mostItems, mostTextBytes } from '../wire/contract-limits.js'
import type { Loopback } from './loopbacks.js'
import { isInterruptName } from './port-names.js'
import { asPart, elementsOf, portNamed, wholeOf } from './port-parts.js'
import { list } from './port-questions.js'
import type { RtlPort } from './rtl-netlist.js'

/** What a model can tell of. */
const field = 'Hello.interrupts'
export const mostInterrupts = mostItems(field)
export const mostNameBytes = mostTextBytes(field)

/** The lines, and names of outputs that would be some if there were not too many, and if they were shorter. */
export function findInterrupts(
  config: Pick<ModelConfig, 'top' | 'interrupts'>,
  rest: RtlPort[],
  loopbacks: Loopback[],
): { lines: RtlPort[]; unwatched: string[]; overlong: string[] } {
  const found = config.interrupts
    ? config.interrupts.flatMap((name) => namedLines(config.top, name, rest))
    : rest.filter(({ name }) => isInterruptName(name)).flatMap(linesOf)
  if (config.interrupts && found.length > mostInterrupts)
    throw new TraplineError(
      'config',
      `${config.top} has ${found.length} interrupts; at most ${mostInterrupts} are watched, so name fewer in ` +
        `"interrupts"`,
    )
  for (const { name } of config.interrupts ? found : [])
    checkText(name, field, `interrupt ${name} of ${config.top}: its name`, 'rename it, or leave it out of "interrupts"')
  const isKnown = ({ name }: RtlPort) => Buffer.byteLength(name) <= mostNameBytes
  // What is looped back has a variable of its own already.
  const looped = new Set(loopbacks.map(({ output }) => wholeOf(output)))
  const lines = found.filter(isKnown).map((line) => (looped.has(line) ? asPart(line) : line))
  const namesOf = (ports: RtlPort[]) => ports.map(({ name }) => name)
  return {
    lines: lines.slice(0, mostInterrupts),
    unwatched: namesOf(lines.slice(mostInterrupts)),
    overlong: namesOf(found.filter((line) => !isKnown(line))),
  }
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
    `interrupt ${name} of ${top} is not among its 1-bit outputs (${list('they', names)}), nor a bit of a vector ` +
      `(irq_o[3])`,
  )
}
