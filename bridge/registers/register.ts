/** One register, and what software may do with its parts. */
import type { DescribedField, RegisterAccess } from './description.js'

export interface RegisterField {
  /** `BUSY` */
  name: string
  low: number
  widthBits: number
  /** Its bits in the register. */
  mask: bigint
  access: RegisterAccess
  onRead: DescribedField['onRead']
  onWrite: DescribedField['onWrite']
  /** The device itself writes it, or reads change it. */
  volatile: boolean
  reset: bigint | undefined
  /** What reads give, and what is written, by number. */
  values: ReadonlyMap<bigint, string>
  writtenValues: ReadonlyMap<bigint, string>
  description: string | undefined
}

export interface Register {
  /** `STATUS`, or with what it stands in `CH[1].STATUS`. */
  path: string
  /** Bytes from the device's first. */
  offset: bigint
  widthBits: number
  widthBytes: number
  /** Bytes that software moves at once. */
  accessBytes: number
  /** Of all its bits together. */
  access: RegisterAccess
  /** Bits that are volatile. */
  volatileMask: bigint
  reset: bigint | undefined
  /** From the least significant bit on. */
  fields: readonly RegisterField[]
  description: string | undefined
  /** `file:line` */
  at: string | undefined
}

/** What it has in its place: nothing that software uses, or reads, or writes. */
export function isFor(operation: 'read' | 'write', access: RegisterAccess): boolean {
  return access === 'rw' || access === (operation === 'read' ? 'r' : 'w')
}

export function valuesOf(field: RegisterField, operation: 'read' | 'write'): ReadonlyMap<bigint, string> {
  return operation === 'write' && field.writtenValues.size > 0 ? field.writtenValues : field.values
}

/** The field's own bits of a value of the register. */
export function fieldValue({ mask, low }: RegisterField, value: bigint): bigint {
  return (value & mask) >> BigInt(low)
}

/** The number that a field is to have: itself, or what a name stands for; undefined where that is not one value. */
export function numberOf(
  field: RegisterField,
  operation: 'read' | 'write',
  wanted: bigint | number | string,
): bigint | undefined {
  if (typeof wanted !== 'string') return BigInt(wanted)
  const [only, second] = [...valuesOf(field, operation)].filter(([, name]) => name === wanted)
  return second ? undefined : only?.[0]
}
