/** Outputs of the RTL that are wired to its own inputs, as the configuration says. Pure. */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { asPart, portNamed, overlap, wholeOf } from './port-parts.js'
import { list } from './port-questions.js'
import type { RtlPort } from './rtl-netlist.js'

/** Both are parts of ports, or ports that are their own part. */
export interface Loopback {
  input: RtlPort
  output: RtlPort
}

/** @param rest ports that are no clock, reset or signal of a bus */
export function findLoopbacks(
  { top, inputs, loopback }: Pick<ModelConfig, 'top' | 'inputs' | 'loopback'>,
  rest: RtlPort[],
  rtlPorts: RtlPort[],
): Loopback[] {
  const found = Object.entries(loopback).map(([to, from]) => {
    const place = `loopback of ${from} to ${to} of ${top}`
    const input = namedEnd({ place, name: to, direction: 'input' }, rest, rtlPorts)
    const output = namedEnd({ place, name: from, direction: 'output' }, rest, rtlPorts)
    if (input.width !== output.width)
      throw new TraplineError(
        'config',
        `${place}: ${from} has ${bits(output)} and ${to} has ${bits(input)}; name as many, e.g. ${to}[0]`,
      )
    if (inputs[wholeOf(input).name] !== undefined)
      throw new TraplineError(
        'config',
        `${place}: inputs.${wholeOf(input).name} holds it at a value; leave one of them out`,
      )
    return { input, output }
  })
  found.forEach(({ input }, i) => {
    const other = found.slice(0, i).find((earlier) => overlap(earlier.input, input))
    if (other)
      throw new TraplineError(
        'config',
        `loopback to ${input.name} of ${top}: ${other.input.name} is looped back to already`,
      )
  })
  return found
}

interface End {
  place: string
  name: string
  direction: 'input' | 'output'
}

function namedEnd({ place, name, direction }: End, rest: RtlPort[], rtlPorts: RtlPort[]): RtlPort {
  const port = portNamed(rest, name)
  if (port?.direction === direction && port.shape === 'vector') return asPart(port)
  const names = rest
    .filter((other) => other.direction === direction && other.shape === 'vector')
    .map((other) => other.name)
  const known = list(`${direction}s`, names)
  if (port) throw new TraplineError('config', `${place}: ${name} is not an ${direction} of plain bits (${known})`)
  const problem = portNamed(rtlPorts, name) ? 'is a clock, a reset or a signal of a bus' : 'is not among the ports'
  throw new TraplineError('config', `${place}: ${name} ${problem} (${known})`)
}

function bits({ width }: RtlPort): string {
  return width === 1 ? '1 bit' : `${width} bits`
}
