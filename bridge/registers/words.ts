/** Registers and fields as people read them. */
import type { FieldValue, NamedAccess } from './register-map.js'

/** `STATUS.BUSY=1 STATUS.MODE=FAST`; the register alone where no field has a value. */
export function toRegisterWords({ register, fields = {} }: NamedAccess): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${toFieldWord(value)}`)
  return words.length > 0 ? words.join(' ') : register
}

/** What is more than a digit is written as in the sources of drivers. */
export function toFieldWord(value: FieldValue): string {
  if (typeof value === 'string') return value
  return value < 10n ? value.toString() : `0x${value.toString(16)}`
}
