/**
 * Decides which ports of the RTL are clock, reset and buses: as configured, else by the field's usual names.
 * Never guesses between two that fit; asks for the flag that settles it.
 */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../errors.js'
import { type BusPort, titleOf, toBusGroups } from './bus-ports.js'
import { findDriven, findManagers } from './find-buses.js'
import { isClockName, isInterruptName, resetLevelOf } from './port-names.js'
import { ambiguous, list } from './port-questions.js'
import type { RtlPort } from './rtl-netlist.js'

export interface ModelDescription {
  top: string
  clock: string
  reset: { port: string; active: 'low' | 'high' } | undefined
  /** Buses that Trapline drives, in the order of their index. */
  ports: BusPort[]
  /** Buses that the RTL drives and Trapline serves, in the order of their index. */
  managers: BusPort[]
  /** Interrupt outputs, in the order of their index. */
  interrupts: RtlPort[]
  /** Inputs that are none of these; they are held constant. */
  otherInputs: RtlPort[]
  /** The rest: outputs that are left open, and inouts. */
  otherOutputs: RtlPort[]
  /** What was found, one line each, for people. */
  notes: string[]
}

type ModelKeys = Pick<ModelConfig, 'top' | 'clock' | 'reset' | 'ports' | 'managers' | 'inputs' | 'interrupts'>

export function findPorts(config: ModelKeys, rtlPorts: RtlPort[]): ModelDescription {
  const clock = findClock(config, rtlPorts)
  const reset = findReset(config, rtlPorts)
  const groups = toBusGroups(rtlPorts)
  const ports = findDriven(config, groups, rtlPorts)
  const managers = findManagers(config, groups)
  const used = new Set([
    clock,
    reset?.port,
    ...[...ports, ...managers].flatMap(({ signals }) => Object.values(signals).map((port) => port?.name)),
  ])
  const rest = rtlPorts.filter(({ name }) => !used.has(name))
  const interrupts = findInterrupts(config, rest)
  const otherInputs = rest.filter(({ direction }) => direction === 'input')
  checkInputs(config, otherInputs)
  return {
    top: config.top,
    clock,
    reset,
    ports,
    managers,
    interrupts,
    otherInputs,
    otherOutputs: rest.filter((port) => port.direction !== 'input' && !interrupts.includes(port)),
    notes: toNotes(config, { clock, reset, ports, managers, interrupts, otherInputs }),
  }
}

function isBit({ direction, shape, width }: RtlPort): boolean {
  return direction === 'input' && shape === 'vector' && width === 1
}

function findClock({ top, clock }: ModelKeys, rtlPorts: RtlPort[]): string {
  if (clock) return namedBit(top, 'clock', clock.port, rtlPorts)
  const [first, ...others] = rtlPorts.filter((port) => isBit(port) && isClockName(port.name)).map(({ name }) => name)
  if (first === undefined) {
    const bits = rtlPorts.filter(isBit).map(({ name }) => name)
    throw new TraplineError(
      'config',
      `no port of ${top} has a usual clock name; name it with --clock or the key "clock" (${list('1-bit inputs', bits)})`,
    )
  }
  if (others.length > 0) throw ambiguous('clock', top, [first, ...others])
  return first
}

function findReset({ top, reset }: ModelKeys, rtlPorts: RtlPort[]): ModelDescription['reset'] {
  if (reset) return { port: namedBit(top, 'reset', reset.port, rtlPorts), active: reset.active }
  const found = rtlPorts.flatMap((port) => {
    const active = isBit(port) ? resetLevelOf(port.name) : undefined
    return active ? [{ port: port.name, active }] : []
  })
  if (found.length > 1)
    throw ambiguous(
      'reset',
      top,
      found.map(({ port }) => port),
    )
  return found[0]
}

function namedBit(top: string, role: string, name: string, rtlPorts: RtlPort[]): string {
  const port = rtlPorts.find((candidate) => candidate.name === name)
  if (port && isBit(port)) return name
  const bits = rtlPorts.filter(isBit).map((candidate) => candidate.name)
  const problem = port ? `is not a 1-bit input` : 'is not among its ports'
  throw new TraplineError('config', `${role} ${name} of ${top} ${problem} (${list('1-bit inputs', bits)})`)
}

function findInterrupts({ top, interrupts }: ModelKeys, rtlPorts: RtlPort[]): RtlPort[] {
  const bits = rtlPorts.filter(
    ({ direction, shape, width }) => direction === 'output' && shape === 'vector' && width === 1,
  )
  if (!interrupts) return bits.filter(({ name }) => isInterruptName(name))
  return interrupts.map((name) => {
    const found = bits.find((port) => port.name === name)
    if (found) return found
    const names = bits.map((port) => port.name)
    throw new TraplineError(
      'config',
      `interrupt ${name} of ${top} is not among its 1-bit outputs (${list('they', names)})`,
    )
  })
}

function checkInputs({ top, inputs }: ModelKeys, otherInputs: RtlPort[]): void {
  for (const [name, value] of Object.entries(inputs)) {
    const port = otherInputs.find((candidate) => candidate.name === name)
    if (!port)
      throw new TraplineError(
        'config',
        `inputs.${name}: ${top} has no such input to hold constant (${list(
          'inputs',
          otherInputs.map((input) => input.name),
        )})`,
      )
    if (port.shape !== 'vector')
      throw new TraplineError('config', `inputs.${name}: only vectors can be held at a value`)
    if (value >> BigInt(port.width) !== 0n)
      throw new TraplineError('config', `inputs.${name}: 0x${value.toString(16)} does not fit its ${port.width} bits`)
  }
}

type Found = Pick<ModelDescription, 'clock' | 'reset' | 'ports' | 'managers' | 'interrupts' | 'otherInputs'>

function toNotes(config: ModelKeys, found: Found): string[] {
  const { clock, reset, ports, managers, interrupts, otherInputs } = found
  const tied = otherInputs.map(({ name }) => name).filter((name) => config.inputs[name] === undefined)
  return [
    `clock ${clock}`,
    reset ? `reset ${reset.port} (active ${reset.active})` : 'no reset',
    ...ports.map((port) => `port ${port.name}: ${toBusNote(port)}`),
    ...managers.map((port) => `manager ${port.name}: ${toBusNote(port)}`),
    ...interrupts.map(({ name }) => `interrupt ${name}`),
    ...(tied.length > 0 ? [`inputs held at 0: ${tied.join(', ')}`] : []),
  ]
}

function toBusNote(port: BusPort): string {
  const { dataWidth, addressWidth, idWidth } = port
  const ids = idWidth > 0 ? `, ${idWidth}-bit IDs` : ''
  return `${titleOf(port)}, ${dataWidth}-bit data, ${addressWidth}-bit address${ids}`
}
