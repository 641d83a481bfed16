/** What software has touched of registers: counted access by access, told by register, field and value. */
import type { Operation } from '../wire/access.js'
import { fieldValue, isFor, valuesOf, type Register, type RegisterField } from './register.js'
import { bitsOf, type Place, type RegisterMap, type Touch } from './register-map.js'
import type { RegisterMaps } from './register-maps.js'

/** Of a device, as reports have it. Names are whole: `STATUS`, `STATUS.BUSY`, `CTRL.MODE=FAST`. */
export interface RegisterCoverage {
  device: string
  registers: CoverageCount
  fields: CoverageCount
  /** Of fields whose values have names. */
  values: CoverageCount
  /** Bits of fields that had one value only, in all that was read and written. */
  constant: string[]
}

export interface CoverageCount {
  /** Names of what was touched, by reads or writes. */
  touched: string[]
  untouched: string[]
}

/** Bits that were seen as 1 and as 0, and numbers of fields whose values have names. */
interface Seen {
  moved: bigint
  ones: bigint
  zeros: bigint
  values: Set<string>
}

/** Of all devices whose registers are described. */
export class RegisterCounters {
  readonly #counters: ReadonlyMap<string, CoverageCounter>

  constructor(maps: RegisterMaps) {
    this.#counters = new Map(maps.all.map(([device, map]) => [device, new CoverageCounter(device, map)]))
  }

  /** @param value undefined of a read that was refused, which touches nothing */
  note(device: string, place: Place, value: bigint | undefined): void {
    if (value !== undefined) this.#counters.get(device)?.note(place, value)
  }

  get coverage(): RegisterCoverage[] {
    return [...this.#counters.values()].map(({ coverage }) => coverage)
  }
}

class CoverageCounter {
  readonly #seen = new Map<Register, Seen>()

  constructor(
    private readonly device: string,
    private readonly map: RegisterMap,
  ) {}

  note(place: Place, value: bigint): void {
    for (const touch of this.map.touches(place)) this.#note(touch, value, place.operation)
  }

  /** Registers that nobody can use are left out, and so are their fields. */
  get coverage(): RegisterCoverage {
    const usable = this.map.registers.filter(({ access }) => access !== 'none')
    const fields = usable.flatMap((register) =>
      register.fields.filter(({ access }) => access !== 'none').map((field) => ({ register, field })),
    )
    const seenOf = ({ register, field }: PlacedField) => (this.#seen.get(register)?.moved ?? 0n) & field.mask
    return {
      device: this.device,
      registers: toCoverageCount(
        usable,
        (one) => this.#seen.has(one),
        (one) => one.path,
      ),
      fields: toCoverageCount(fields, (part) => seenOf(part) !== 0n, nameOf),
      values: this.#valuesOf(fields),
      constant: fields.filter((part) => seenOf(part) !== 0n && this.#isConstant(part)).map(nameOf),
    }
  }

  #note(touch: Touch, value: bigint, operation: Operation): void {
    const { register, mask } = touch
    const seen = this.#seen.get(register) ?? { moved: 0n, ones: 0n, zeros: 0n, values: new Set<string>() }
    this.#seen.set(register, seen)
    const bits = bitsOf(touch, value)
    for (const field of register.fields) {
      const isWhole = (field.mask & mask) === field.mask
      if (!isFor(operation, field.access) || (field.mask & mask) === 0n) continue
      seen.moved |= field.mask & mask
      seen.ones |= bits & field.mask
      seen.zeros |= ~bits & field.mask & mask
      const name = isWhole ? valuesOf(field, operation).get(fieldValue(field, bits)) : undefined
      if (name !== undefined) seen.values.add(`${field.name}=${name}`)
    }
  }

  #valuesOf(fields: PlacedField[]): CoverageCount {
    const named = fields.flatMap(({ register, field }) => {
      const names = new Set([...field.values.values(), ...field.writtenValues.values()])
      return [...names].map((name) => ({ register, value: `${field.name}=${name}` }))
    })
    return toCoverageCount(
      named,
      ({ register, value }) => this.#seen.get(register)?.values.has(value) ?? false,
      ({ register, value }) => `${register.path}.${value}`,
    )
  }

  /** No bit of it was seen as 1 and as 0. */
  #isConstant({ register, field }: PlacedField): boolean {
    const { ones = 0n, zeros = 0n } = this.#seen.get(register) ?? {}
    return (ones & zeros & field.mask) === 0n
  }
}

interface PlacedField {
  register: Register
  field: RegisterField
}

function nameOf({ register, field }: PlacedField): string {
  return `${register.path}.${field.name}`
}

function toCoverageCount<Thing>(
  things: Thing[],
  isTouched: (thing: Thing) => boolean,
  toName: (thing: Thing) => string,
): CoverageCount {
  return {
    touched: things.filter(isTouched).map(toName),
    untouched: things.filter((one) => !isTouched(one)).map(toName),
  }
}

/** Of several runs: what one of them has touched is touched. */
export function mergeCoverage(all: RegisterCoverage[]): RegisterCoverage[] {
  const merged = new Map<string, RegisterCoverage>()
  for (const one of all) {
    const known = merged.get(one.device)
    merged.set(one.device, known ? merge(known, one) : one)
  }
  return [...merged.values()]
}

function merge(a: RegisterCoverage, b: RegisterCoverage): RegisterCoverage {
  const constant = new Set([...a.constant, ...b.constant])
  for (const one of [a, b])
    for (const name of one.fields.touched) if (!one.constant.includes(name)) constant.delete(name)
  return {
    device: a.device,
    registers: mergeCount(a.registers, b.registers),
    fields: mergeCount(a.fields, b.fields),
    values: mergeCount(a.values, b.values),
    constant: [...constant],
  }
}

function mergeCount(a: CoverageCount, b: CoverageCount): CoverageCount {
  const touched = new Set([...a.touched, ...b.touched])
  const all = new Set([...a.touched, ...a.untouched, ...b.touched, ...b.untouched])
  return { touched: [...touched], untouched: [...all].filter((name) => !touched.has(name)) }
}

/** `registers of uart0: 5 of 9 touched, never: SCR, MSR`; fields and values likewise, where there are some. */
export function toCoverageLine({ device, registers, fields, values }: RegisterCoverage): string {
  const parts = [
    `${toShare(registers)} registers`,
    ...(toAll(fields) > 0 ? [`${toShare(fields)} fields`] : []),
    ...(toAll(values) > 0 ? [`${toShare(values)} named values`] : []),
  ]
  const never = [...registers.untouched, ...fields.untouched.filter((name) => !isWithin(name, registers.untouched))]
  return `${device}: ${parts.join(', ')} touched${never.length > 0 ? `; never ${toSome(never)}` : ''}`
}

/** Names of fields whose whole register was never touched go without saying. */
export function isWithin(name: string, registers: string[]): boolean {
  return registers.some((register) => name.startsWith(`${register}.`))
}

export function toAll({ touched, untouched }: CoverageCount): number {
  return touched.length + untouched.length
}

function toShare(count: CoverageCount): string {
  return `${count.touched.length} of ${toAll(count)}`
}

const mostNames = 12

function toSome(names: string[]): string {
  const more = names.length - mostNames
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
