/**
 * The registers of one device: which of them an access moves, and what its value says. All who speak of an access by
 * name ask here: lines, logs, pages, the lint, coverage, tests.
 */
import type { Operation } from '../wire/access.js'
import type { ExpandedBlock, RegisterMemory } from './expand.js'
import { fieldValue, isFor, valuesOf, type Register, type RegisterField } from './register.js'

/** Where an access lies. */
export interface Place {
  operation: Operation
  offset: bigint
  widthBytes: number
  /** Which bytes it moves, bit i for byte i; all of them when absent. */
  byteEnables?: bigint | undefined
}

/** A register, and what an access moves of it. */
export interface Touch {
  register: Register
  /** Bits of the register. */
  mask: bigint
  /** Where bit 0 of the register lies in the value of the access; less than 0 if before it. */
  shift: bigint
  /** Others lie there, too, and which of them is meant can't be told. */
  isAmbiguous: boolean
}

/** What a field holds: its number, or the name of that. */
export type FieldValue = bigint | string

/** An access in words of the registers. */
export interface NamedAccess {
  /**
   * `STATUS`; `STATUS[15:8]` of a part; `CTRL,STATUS` of several; `DATA|DIVISOR` where it can't be told; `RAM+0x10` in
   * a memory.
   */
  register: string
  /** By whole names, as `STATUS.BUSY`, or `STATUS.LEVEL[3:0]` of a part; absent without a value. */
  fields?: Readonly<Record<string, FieldValue>>
}

export class RegisterMap {
  readonly registers: readonly Register[]
  readonly memories: readonly RegisterMemory[]
  readonly #widestBytes: bigint
  readonly #byPath: ReadonlyMap<string, Register>

  constructor({ registers, memories }: ExpandedBlock) {
    this.registers = registers
    this.memories = memories
    this.#widestBytes = registers.reduce((most, { widthBytes }) => (widthBytes > most ? BigInt(widthBytes) : most), 0n)
    this.#byPath = new Map(registers.map((register) => [register.path, register]))
  }

  find(path: string): Register | undefined {
    return this.#byPath.get(path)
  }

  /** The memory that an access lies in, if so. */
  memoryAt({ offset }: Pick<Place, 'offset'>): RegisterMemory | undefined {
    return this.memories.find((one) => one.offset <= offset && offset < one.offset + one.size)
  }

  /** What an access moves, in the order of the registers. Of several in one place: those that are for its operation. */
  touches(place: Place): Touch[] {
    const all = this.#inReach(place)
      .map((register) => toTouch(register, place))
      .filter(({ mask }) => mask !== 0n)
    if (all.length < 2) return all
    const suitable = all.filter(({ register }) => isFor(place.operation, register.access))
    const chosen = all.filter((one) => suitable.includes(one) || !suitable.some((other) => overlap(one, other)))
    return chosen.map((one) => ({ ...one, isAmbiguous: chosen.some((other) => other !== one && overlap(one, other)) }))
  }

  /** Undefined where nothing is described. */
  name(place: Place, value: bigint | undefined): NamedAccess | undefined {
    const touches = this.touches(place)
    if (touches.length === 0) {
      const memory = this.memoryAt(place)
      return memory && { register: `${memory.path}+0x${(place.offset - memory.offset).toString(16)}` }
    }
    const register = touches.reduce((words, touch, i) => words + separatorAt(touches, i) + toPart(touch), '')
    if (value === undefined) return { register }
    const known = touches.filter(({ isAmbiguous }) => !isAmbiguous)
    const fields = known.flatMap((touch) => fieldsOf(touch, value, place.operation))
    return fields.length > 0 ? { register, fields: Object.fromEntries(fields) } : { register }
  }

  /** Registers with volatile bits that a read moves, and these bits of its value. */
  volatileOf(place: Place): { registers: Register[]; mask: bigint } {
    const touches = this.touches(place).filter(({ register, mask }) => (register.volatileMask & mask) !== 0n)
    const bitsIn = ({ register, mask, shift }: Touch) => {
      const bits = register.volatileMask & mask
      return shift >= 0n ? bits << shift : bits >> -shift
    }
    return {
      registers: touches.map(({ register }) => register),
      mask: touches.reduce((mask, touch) => mask | bitsIn(touch), 0n),
    }
  }

  #inReach({ offset, widthBytes }: Place): Register[] {
    const end = offset + BigInt(widthBytes)
    const found: Register[] = []
    for (let i = this.#firstFrom(offset - this.#widestBytes); i < this.registers.length; i++) {
      const register = this.registers[i] as Register
      if (register.offset >= end) break
      if (register.offset + BigInt(register.widthBytes) > offset) found.push(register)
    }
    return found
  }

  /** Index of the first one that does not lie before that. */
  #firstFrom(offset: bigint): number {
    let [low, high] = [0, this.registers.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.registers[middle] as Register).offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** The bits of a register that an access has in its value. */
export function bitsOf({ mask, shift }: Touch, value: bigint): bigint {
  return (shift >= 0n ? value >> shift : value << -shift) & mask
}

function toTouch(register: Register, { offset, widthBytes, byteEnables }: Place): Touch {
  const shift = (register.offset - offset) * 8n
  const moved = byteEnables === undefined ? (1n << BigInt(8 * widthBytes)) - 1n : toBits(byteEnables, widthBytes)
  const mask = (shift >= 0n ? moved >> shift : moved << -shift) & ((1n << BigInt(8 * register.widthBytes)) - 1n)
  return { register, mask, shift, isAmbiguous: false }
}

/** All bits of the bytes. */
function toBits(byteEnables: bigint, widthBytes: number): bigint {
  let bits = 0n
  for (let i = 0; i < widthBytes; i++) if ((byteEnables >> BigInt(i)) & 1n) bits |= 0xffn << BigInt(8 * i)
  return bits
}

function overlap(a: Touch, b: Touch): boolean {
  const [one, other] = [a.register, b.register]
  return one.offset < other.offset + BigInt(other.widthBytes) && other.offset < one.offset + BigInt(one.widthBytes)
}

function separatorAt(touches: Touch[], i: number): string {
  const [before, touch] = [touches[i - 1], touches[i]]
  return before && touch ? (overlap(before, touch) ? '|' : ',') : ''
}

/** `STATUS`, or `STATUS[15:8]` where not all of its bits are moved. */
function toPart({ register: { path, widthBits, widthBytes }, mask }: Touch): string {
  const all = (1n << BigInt(8 * widthBytes)) - 1n
  return mask === all ? path : path + toRange(mask & ((1n << BigInt(widthBits)) - 1n), 0)
}

/** From its highest bit to its lowest one. */
function toRange(mask: bigint, from: number): string {
  const bits = mask.toString(2)
  const low = bits.length - 1 - bits.lastIndexOf('1')
  return mask === 0n ? '' : `[${bits.length - 1 - from}:${low - from}]`
}

function fieldsOf(touch: Touch, value: bigint, operation: Operation): [string, FieldValue][] {
  const { register, mask } = touch
  const bits = bitsOf(touch, value)
  return register.fields
    .filter((field) => (field.mask & mask) !== 0n && isFor(operation, field.access))
    .map((field) => {
      const name = `${register.path}.${field.name}`
      if ((field.mask & mask) === field.mask) return [name, toFieldValue(field, bits, operation)]
      const part = field.mask & mask
      const low = BigInt(part.toString(2).length - 1 - part.toString(2).lastIndexOf('1'))
      return [name + toRange(part, field.low), (bits & part) >> low]
    })
}

function toFieldValue(field: RegisterField, bits: bigint, operation: Operation): FieldValue {
  const number = fieldValue(field, bits)
  return valuesOf(field, operation).get(number) ?? number
}
