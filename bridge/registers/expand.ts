/**
 * A block of a description as the registers that are in it, each by itself: groups and arrays are gone, what was said
 * once for many is said of each. Throws a sentence, with file and line, about what contradicts itself.
 */
import { TraplineError } from '../ground/errors.js'
import type {
  DescribedBlock,
  DescribedField,
  DescribedGroup,
  DescribedRegister,
  RegisterAccess,
} from './description.js'
import type { Register, RegisterField } from './register.js'

/** A range without registers that software may use as well. */
export interface RegisterMemory {
  path: string
  offset: bigint
  size: bigint
}

export interface ExpandedBlock {
  registers: Register[]
  memories: RegisterMemory[]
}

/** What stands in a block or a group of it. */
type Content = Pick<DescribedGroup, 'registers' | 'groups' | 'memories'>
/** What holds for all of a block. */
type Defaults = Pick<DescribedBlock, 'width' | 'access'>

/** So many are looked up in no time, and kept without being noticed. */
const mostRegisters = 65_536

export function expand(block: Content & Defaults): ExpandedBlock {
  const expanded: ExpandedBlock = { registers: [], memories: [] }
  new Expansion(block, expanded).add(block, '', 0n)
  expanded.registers.sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0))
  return expanded
}

class Expansion {
  readonly #paths = new Set<string>()

  constructor(
    private readonly defaults: Defaults,
    private readonly into: ExpandedBlock,
  ) {}

  add({ registers, groups = [], memories }: Content, path: string, offset: bigint): void {
    for (const { name, size, ...memory } of memories)
      this.into.memories.push({ path: path + name, offset: offset + memory.offset, size })
    for (const register of registers) this.#addRegisters(register, path, offset)
    for (const group of groups)
      for (const { path: element, offset: distance } of elementsOf(group, sizeOf(group, this.defaults)))
        this.add(group, `${path}${element}.`, offset + distance)
  }

  #addRegisters(described: DescribedRegister, path: string, offset: bigint): void {
    const template = toRegister(described, this.defaults)
    for (const { path: element, offset: distance } of elementsOf(described, BigInt(template.widthBytes))) {
      const whole = path + element
      if (this.#paths.has(whole)) refuse(described, `two registers are called ${whole}`)
      this.#paths.add(whole)
      if (this.#paths.size > mostRegisters) refuse(described, `there are more than ${mostRegisters} registers`)
      this.into.registers.push({ ...template, path: whole, offset: offset + distance })
    }
  }
}

interface Arrayed {
  name: string
  offset: bigint
  count?: number[] | undefined
  stride?: bigint | undefined
}

/** `CH[0]`, `CH[1]`, …: the last index counts what lies side by side. */
function* elementsOf(
  { name, offset, count, stride }: Arrayed,
  ownSize: bigint,
): Generator<Pick<Register, 'path' | 'offset'>> {
  if (!count) return yield { path: name, offset }
  const total = count.reduce((product, one) => product * one, 1)
  for (let i = 0; i < total; i++) {
    let left = i
    const indices = count.toReversed().map((length) => {
      const index = left % length
      left = Math.floor(left / length)
      return `[${index}]`
    })
    yield { path: name + indices.reverse().join(''), offset: offset + (stride ?? ownSize) * BigInt(i) }
  }
}

/** Bytes to the end of the last thing in it. */
function sizeOf({ registers, groups = [], memories }: Content, defaults: Defaults): bigint {
  const endOf = (one: Arrayed, size: bigint) => {
    const count = BigInt((one.count ?? [1]).reduce((product, length) => product * length, 1))
    return one.offset + (count - 1n) * (one.stride ?? size) + size
  }
  const ends = [
    ...registers.map((one) => endOf(one, BigInt(Math.ceil((one.width ?? defaults.width) / 8)))),
    ...groups.map((one) => endOf(one, sizeOf(one, defaults))),
    ...memories.map(({ offset, size }) => offset + size),
  ]
  return ends.reduce((a, b) => (a > b ? a : b), 0n)
}

function toRegister(described: DescribedRegister, defaults: Defaults): Register {
  const { width: widthBits = defaults.width, reset, description, at } = described
  const access = described.access ?? defaults.access
  const fields = described.fields.map((field) => toField(field, described, { width: widthBits, access }))
  fields.sort((a, b) => a.low - b.low)
  checkApart(described, fields)
  const widthBytes = Math.ceil(widthBits / 8)
  return {
    ...{ path: described.name, offset: described.offset, widthBits, widthBytes, fields, description, at },
    accessBytes: described.accessWidth ? Math.ceil(described.accessWidth / 8) : widthBytes,
    access: fields.length > 0 ? joined(fields.map((field) => field.access)) : access,
    volatileMask: volatileMaskOf(described, fields, widthBits),
    reset: reset ?? resetOf(fields),
  }
}

/** Bits that no field has are not. */
function volatileMaskOf(described: DescribedRegister, fields: RegisterField[], widthBits: number): bigint {
  if (fields.length === 0) return isVolatile(described) ? (1n << BigInt(widthBits)) - 1n : 0n
  return fields.reduce((mask, field) => (field.volatile ? mask | field.mask : mask), 0n)
}

/** What reads change is, unless it is said not to be. */
function isVolatile({ volatile, onRead }: Pick<DescribedField, 'volatile' | 'onRead'>): boolean {
  return volatile ?? onRead !== undefined
}

/** What software can do with some of them. */
function joined(all: RegisterAccess[]): RegisterAccess {
  const [reads, writes] = (['r', 'w'] as const).map((one) => all.some((access) => access === 'rw' || access === one))
  return reads ? (writes ? 'rw' : 'r') : writes ? 'w' : 'none'
}

/** Known where that of every field is. */
function resetOf(fields: RegisterField[]): bigint | undefined {
  if (fields.length === 0 || fields.some(({ reset }) => reset === undefined)) return undefined
  return fields.reduce((value, { reset = 0n, low }) => value | (reset << BigInt(low)), 0n)
}

function toField(field: DescribedField, register: DescribedRegister, { width, access }: Defaults): RegisterField {
  const { high, low } = field.bits
  if (high >= width)
    refuse(field, `the field ${register.name}.${field.name} has bit ${high}, and the register has ${width}`)
  const widthBits = high - low + 1
  const all = (1n << BigInt(widthBits)) - 1n
  if ((field.reset ?? 0n) > all) refuse(field, `the reset of ${register.name}.${field.name} has more than its bits`)
  return {
    ...{ name: field.name, low, widthBits, mask: all << BigInt(low), description: field.description },
    access: field.access ?? access,
    onRead: field.onRead ?? register.onRead,
    onWrite: field.onWrite ?? register.onWrite,
    volatile: isVolatile({ volatile: field.volatile ?? register.volatile, onRead: field.onRead ?? register.onRead }),
    reset: field.reset ?? (register.reset === undefined ? undefined : (register.reset >> BigInt(low)) & all),
    values: byNumber(field.values),
    writtenValues: byNumber(field.writtenValues),
  }
}

function byNumber(values: DescribedField['values'] = {}): Map<bigint, string> {
  return new Map(Object.entries(values).flatMap(([name, all]) => all.map((one): [bigint, string] => [one, name])))
}

/** Two fields of the same bits are one that is read and one that is written. */
function checkApart(register: DescribedRegister, fields: RegisterField[]): void {
  for (const [i, field] of fields.entries()) {
    const place = register.fields.find(({ name }) => name === field.name) ?? register
    for (const other of fields.slice(0, i)) {
      if (other.name === field.name) refuse(place, `two fields of ${register.name} are called ${field.name}`)
      const isSame = (other.mask & field.mask) !== 0n && joined([other.access]) !== 'none'
      const areApart = ['r w', 'w r'].includes(`${other.access} ${field.access}`)
      if (isSame && !areApart)
        refuse(place, `the fields ${other.name} and ${field.name} of ${register.name} have the same bits`)
    }
  }
}

function refuse({ at }: { at?: string | undefined }, problem: string): never {
  throw new TraplineError('config', at === undefined ? problem : `${at}: ${problem}`)
}
