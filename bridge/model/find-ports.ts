/**
 * Decides which ports of the RTL are clock, reset and buses: as configured, else by the field's usual names.
 * Never guesses between two that fit; asks for the flag that settles it.
 */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../errors.js'
import { type BusGroup, type BusPort, toBusGroups, toBusPort, whyNotDriven } from './bus-ports.js'
import { isClockName, resetLevelOf } from './port-names.js'
import type { RtlPort } from './rtl-netlist.js'

export interface ModelDescription {
  top: string
  clock: string
  reset: { port: string; active: 'low' | 'high' } | undefined
  ports: BusPort[]
  /** Interrupt outputs, in the order of their index. */
  interrupts: RtlPort[]
  /** Inputs that are none of these; they are held constant. */
  otherInputs: RtlPort[]
  /** The rest: outputs that are left open, and inouts. */
  otherOutputs: RtlPort[]
  /** What was found, one line each, for people. */
  notes: string[]
}

type ModelKeys = Pick<ModelConfig, 'top' | 'clock' | 'reset' | 'ports' | 'inputs' | 'interrupts'>

export function findPorts(config: ModelKeys, rtlPorts: RtlPort[]): ModelDescription {
  const clock = findClock(config, rtlPorts)
  const reset = findReset(config, rtlPorts)
  const groups = toBusGroups(rtlPorts)
  const ports = config.ports
    ? Object.keys(config.ports).map((name) => configuredPort(config.top, name, groups))
    : [findPort(config.top, groups, rtlPorts)]
  const used = new Set([
    clock,
    reset?.port,
    ...ports.flatMap(({ signals }) => Object.values(signals).map((port) => port.name)),
  ])
  const rest = rtlPorts.filter(({ name }) => !used.has(name))
  const interrupts = config.interrupts.map((name) => interruptOutput(config.top, name, rest))
  const otherInputs = rest.filter(({ direction }) => direction === 'input')
  checkInputs(config, otherInputs)
  return {
    top: config.top,
    clock,
    reset,
    ports,
    interrupts,
    otherInputs,
    otherOutputs: rest.filter((port) => port.direction !== 'input' && !interrupts.includes(port)),
    notes: toNotes(config, clock, reset, ports, otherInputs),
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

function interruptOutput(top: string, name: string, rtlPorts: RtlPort[]): RtlPort {
  const bits = rtlPorts.filter(
    ({ direction, shape, width }) => direction === 'output' && shape === 'vector' && width === 1,
  )
  const found = bits.find((port) => port.name === name)
  if (found) return found
  const names = bits.map((port) => port.name)
  throw new TraplineError(
    'config',
    `interrupt ${name} of ${top} is not among its 1-bit outputs (${list('they', names)})`,
  )
}

function configuredPort(top: string, configured: string, groups: BusGroup[]): BusPort {
  const prefix = configured.replace(/_+$/, '').toLowerCase()
  const group = groups.find(({ name }) => name.toLowerCase() === prefix)
  if (!group) {
    const names = groups.map(({ name }) => name)
    throw new TraplineError(
      'config',
      `${top} has no bus with the signal prefix ${configured} (${list('prefixes', names)})`,
    )
  }
  const reason = whyNotDriven(group)
  if (reason) throw new TraplineError('config', `port ${configured} of ${top} ${reason}`)
  return { ...toBusPort(group), name: configured }
}

function findPort(top: string, groups: BusGroup[], rtlPorts: RtlPort[]): BusPort {
  const [first, ...others] = groups.filter((group) => !whyNotDriven(group))
  if (!first)
    throw new TraplineError(
      'config',
      `${top} has no AXI4-Lite port that Trapline can drive: ${whyNone(groups, rtlPorts)}`,
    )
  if (others.length > 0)
    throw ambiguous(
      'port',
      top,
      [first, ...others].map(({ name }) => name),
    )
  return toBusPort(first)
}

function whyNone(groups: BusGroup[], rtlPorts: RtlPort[]): string {
  if (groups.length > 0) return groups.map((group) => `${group.name} ${whyNotDriven(group) ?? ''}`).join('; ')
  const structs = rtlPorts.filter(({ shape }) => shape === 'struct').map(({ name }) => name)
  return structs.length > 0
    ? `${structs.join(', ')} ${structs.length === 1 ? 'is a struct' : 'are structs'}, and plain vectors are needed`
    : 'none of its ports is named as awaddr, wdata, rdata and the others are, with any prefix'
}

const flagByRole = { clock: '--clock', reset: '--reset', port: '--port' }

function ambiguous(role: keyof typeof flagByRole, top: string, candidates: string[]): TraplineError {
  const key = role === 'port' ? 'ports' : role
  const names = `${candidates.slice(0, -1).join(', ')} and ${candidates.at(-1) ?? ''}`
  return new TraplineError(
    'config',
    `${names} of ${top} can each be the ${role}; say which with ${flagByRole[role]} or the key "${key}"`,
  )
}

function list(what: string, names: string[]): string {
  return names.length > 0 ? `${what}: ${names.join(', ')}` : `it has no ${what}`
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

function toNotes(
  config: ModelKeys,
  clock: string,
  reset: ModelDescription['reset'],
  ports: BusPort[],
  otherInputs: RtlPort[],
): string[] {
  const tied = otherInputs.map(({ name }) => name).filter((name) => config.inputs[name] === undefined)
  return [
    `clock ${clock}`,
    reset ? `reset ${reset.port} (active ${reset.active})` : 'no reset',
    ...ports.map(
      (port) => `port ${port.name}: AXI4-Lite, ${port.dataWidth}-bit data, ${port.addressWidth}-bit address`,
    ),
    ...(tied.length > 0 ? [`inputs held at 0: ${tied.join(', ')}`] : []),
  ]
}
