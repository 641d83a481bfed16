/** An access that has ended, in words of the registers that it reached. */
import type { NamedAccess, Place } from '../registers/register-map.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import { movedBytes, partialEnables, toValue, type Access, type Completion } from '../wire/access.js'

/** What it moved; undefined of a read that was refused. */
export function movedValue(access: Access, completion: Completion | undefined): bigint | undefined {
  const isRefused = access.operation === 'read' && completion?.status !== 'OKAY'
  return isRefused ? undefined : toValue(movedBytes(access, completion?.data ?? Buffer.alloc(0)))
}

/** Where it lies, as a map of registers asks for it. */
export function placeOf(access: Access): Place {
  return { ...access, byteEnables: partialEnables(access) }
}

/** Undefined where nothing is known of the place. */
export function nameAccess(
  registers: RegisterMaps,
  device: string,
  access: Access,
  completion: Completion,
): NamedAccess | undefined {
  return registers.of(device)?.name(placeOf(access), movedValue(access, completion))
}
