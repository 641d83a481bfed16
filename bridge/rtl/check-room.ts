/**
 * Whether a model can tell of all that was found of its RTL: how many buses, streams and interrupts, and how long their
 * names. Pure.
 */
import { TraplineError } from '../ground/errors.js'
import { mostItems, mostTextBytes } from '../wire/contract-limits.js'

interface Named {
  name: string
}

export interface NamedPorts {
  ports: Named[]
  managers: Named[]
  streams: Named[]
}

/** What each kind is, the field that tells of it, and how to do without one. */
const kinds = {
  ports: {
    what: 'buses that Trapline drives',
    field: 'Hello.ports',
    wayOut: 'name those that you need by the key "ports"',
  },
  managers: {
    what: 'buses that it drives itself',
    field: 'Hello.ports',
    wayOut: 'name those that you need by the key "managers"',
  },
  streams: {
    what: 'AXI4-Stream ports',
    field: 'Hello.streams',
    wayOut: 'leave some alone by naming an input of theirs in "inputs", or put a module around it that has fewer',
  },
} as const

/** Throws a sentence where there is no room. */
export function checkRoom(top: string, found: NamedPorts): void {
  for (const [kind, { what, field, wayOut }] of Object.entries(kinds)) {
    const names = found[kind as keyof NamedPorts].map(({ name }) => name)
    if (names.length > mostItems(field))
      throw new TraplineError(
        'config',
        `${top} has ${names.length} ${what} (${names.join(', ')}), and ${mostItems(field)} is the limit; ${wayOut}`,
      )
    const long = names.find((name) => Buffer.byteLength(name) > mostTextBytes(field))
    if (long !== undefined)
      throw new TraplineError(
        'config',
        `${long} of ${top}: its name has ${Buffer.byteLength(long)} bytes, and ${mostTextBytes(field)} is the ` +
          `limit for ${what}; rename its ports, or ${wayOut}`,
      )
  }
}
