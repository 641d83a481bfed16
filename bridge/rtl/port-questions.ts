/** What those who look for ports have in common: inputs of one bit, and sentences. */
import { TraplineError } from '../ground/errors.js'
import type { RtlPort } from './rtl-netlist.js'

export function isBit({ direction, shape, width }: RtlPort): boolean {
  return direction === 'input' && shape === 'vector' && width === 1
}

export function namedBit(top: string, role: string, name: string, rtlPorts: RtlPort[]): string {
  const port = rtlPorts.find((candidate) => candidate.name === name)
  if (port && isBit(port)) return name
  const bits = rtlPorts.filter(isBit).map((candidate) => candidate.name)
  const problem = port ? `is not a 1-bit input` : 'is not among its ports'
  throw new TraplineError('config', `${role} ${name} of ${top} ${problem} (${list('1-bit inputs', bits)})`)
}

const flagByRole = { clock: '--clock', reset: '--reset', port: '--port' }

export function ambiguous(role: keyof typeof flagByRole, top: string, candidates: string[]): TraplineError {
  const key = role === 'port' ? 'ports' : role
  const names = `${candidates.slice(0, -1).join(', ')} and ${candidates.at(-1) ?? ''}`
  return new TraplineError(
    'config',
    `${names} of ${top} can each be the ${role}; say which with ${flagByRole[role]} or the key "${key}"`,
  )
}

export function list(what: string, names: string[]): string {
  return names.length > 0 ? `${what}: ${names.join(', ')}` : `it has no ${what}`
}
