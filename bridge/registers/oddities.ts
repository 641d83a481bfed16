/** What software does with registers against their description, access by access. */
import { isFor } from './register.js'
import { bitsOf, type Place, type RegisterMap, type Touch } from './register-map.js'

export type RegisterOddity = 'read-only' | 'write-only' | 'reserved' | 'no-register'

/** @param value what was written; of no meaning for a read */
export function odditiesOf(map: RegisterMap, place: Place, value: bigint): RegisterOddity[] {
  const touches = map.touches(place)
  if (touches.length === 0) return map.memoryAt(place) ? [] : ['no-register']
  if (place.operation === 'read') return touches.some((touch) => isAgainst(touch, 'read')) ? ['write-only'] : []
  return [
    ...(touches.some((touch) => isAgainst(touch, 'write')) ? ['read-only' as const] : []),
    ...(touches.some((touch) => setsReserved(touch, value)) ? ['reserved' as const] : []),
  ]
}

/** None of the fields that are moved is for it; a register that says nothing of fields is one itself. */
function isAgainst({ register, mask }: Touch, operation: Place['operation']): boolean {
  if (!isFor(operation, register.access)) return true
  const moved = register.fields.filter((field) => (field.mask & mask) !== 0n)
  return moved.length > 0 && !moved.some(({ access }) => isFor(operation, access))
}

/** Ones go where no field is; what is beyond the register's own width counts as well. */
function setsReserved(touch: Touch, value: bigint): boolean {
  const { fields, widthBits } = touch.register
  const described =
    fields.length > 0 ? fields.reduce((mask, field) => mask | field.mask, 0n) : (1n << BigInt(widthBits)) - 1n
  return (bitsOf(touch, value) & ~described) !== 0n
}
