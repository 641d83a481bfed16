/**
 * Registers of a device by their names, for tests: `bench.reg('uart0').LCR.read()`. What stands in them is known to
 * TypeScript by the file that `trapline registers --types` writes; without it they are of any type.
 */
import { nearest } from '../config/config-error.js'
import { TraplineError } from '../ground/errors.js'
import { fieldValue, isFor, numberOf, valuesOf, type Register, type RegisterField } from '../registers/register.js'
import type { RegisterMap } from '../registers/register-map.js'
import { toRegisterTree, type RegisterNode } from '../registers/register-tree.js'

/** How a register of the device is reached. */
export interface RegisterBus {
  read(offset: bigint, widthBytes: number): Promise<bigint>
  write(offset: bigint, value: bigint, widthBytes: number): Promise<void>
}

/** @param device for sentences */
export function toHandles(device: string, { registers }: RegisterMap, bus: RegisterBus): unknown {
  return toHandle(toRegisterTree(registers), device, bus)
}

function toHandle(node: RegisterNode, place: string, bus: RegisterBus): unknown {
  const { register, children, elements } = node
  if (elements.length > 0) return elements.map((element, i) => toHandle(element, `${place}[${i}]`, bus))
  const inner = [...children].map(([name, child]) => [name, toHandle(child, `${place}.${name}`, bus)] as const)
  const handle = register ? new RegisterHandle(register, bus) : {}
  return known(Object.assign(handle, Object.fromEntries(inner)), place, [...children.keys()])
}

/** What is asked of any object by those who look at it, as vitest does to print it. */
const asked = /^(then|toJSON|constructor|nodeType|tagName|asymmetricMatch|inspect|valueOf|toString|[$@].*)$/

/** The same, where a name that it does not have is a sentence instead of undefined. */
function known(handle: object, place: string, names: string[]): object {
  return new Proxy(handle, {
    get(target, key) {
      if (typeof key === 'symbol' || key in target || asked.test(key)) {
        const found: unknown = Reflect.get(target, key)
        return typeof found === 'function' ? found.bind(target) : found
      }
      const near = nearest(key, names)
      const some = names.length > 0 ? `; ${near ? `did you mean ${near}?` : `there are ${names.join(', ')}`}` : ''
      throw new TraplineError('usage', `${place} has no ${key}${some}`)
    },
  })
}

type Values = Record<string, bigint | number | string>

class RegisterHandle {
  readonly #register: Register
  readonly #bus: RegisterBus

  constructor(register: Register, bus: RegisterBus) {
    this.#register = register
    this.#bus = bus
  }

  async read(): Promise<bigint> {
    this.#check('read')
    const value = await this.#bus.read(this.#register.offset, this.#widthBytes)
    return BigInt.asUintN(this.#register.widthBits, value)
  }

  async readFields(): Promise<Record<string, bigint | string>> {
    const value = await this.read()
    const fields = this.#register.fields.filter(({ access }) => isFor('read', access))
    return Object.fromEntries(
      fields.map((field) => {
        const number = fieldValue(field, value)
        return [field.name, valuesOf(field, 'read').get(number) ?? number]
      }),
    )
  }

  async write(value: bigint | number | Values): Promise<void> {
    this.#check('write')
    const whole =
      typeof value === 'object' ? this.#with(this.#register.fields.reduce(toReset, 0n), value) : BigInt(value)
    if (whole < 0n || whole >= 1n << BigInt(this.#register.widthBits))
      this.#refuse(`${whole} is no number of ${this.#register.widthBits} bits`)
    await this.#bus.write(this.#register.offset, whole, this.#widthBytes)
  }

  async modify(fields: Values): Promise<void> {
    this.#check('write')
    const reading = this.#register.fields.find(({ onRead }) => onRead !== undefined)
    if (reading) this.#refuse(`a read of it does something to ${reading.name}, so write it as a whole`)
    const before = await this.read()
    const kept = this.#register.fields.reduce(
      (value, field) => this.#toKept(value, field, field.name in fields),
      before,
    )
    await this.write(this.#with(kept, fields))
  }

  get #widthBytes(): number {
    const bytes = 2 ** Math.ceil(Math.log2(this.#register.widthBytes))
    return bytes <= 8 ? bytes : this.#refuse('it is wider than 8 bytes, which no access of a test is')
  }

  #check(operation: 'read' | 'write'): void {
    if (!isFor(operation, this.#register.access))
      this.#refuse(`software can't ${operation} it${operation === 'read' ? '' : '; it is for reads'}`)
  }

  /** The value with some of its fields. */
  #with(value: bigint, fields: Values): bigint {
    return Object.entries(fields).reduce((whole, [name, wanted]) => {
      const field = this.#fieldOf(name)
      const number = numberOf(field, 'write', wanted) ?? this.#refuse(`${name} has no value ${String(wanted)}`)
      if (number < 0n || number >= 1n << BigInt(field.widthBits))
        this.#refuse(`${name} has ${field.widthBits} bits, and ${number} does not fit in them`)
      return (whole & ~field.mask) | (number << BigInt(field.low))
    }, value)
  }

  #fieldOf(name: string): RegisterField {
    const names = this.#register.fields.map((field) => field.name)
    const field = this.#register.fields.find((one) => one.name === name)
    if (!field) return this.#refuse(`it has no field ${name}; there are ${names.join(', ')}`)
    return isFor('write', field.access) ? field : this.#refuse(`software can't write its field ${name}`)
  }

  /** What is written to a field so that it stays as it is. */
  #toKept(value: bigint, { name, mask, onWrite }: RegisterField, isNew: boolean): bigint {
    if (isNew || onWrite === undefined) return value
    if (onWrite.startsWith('one')) return value & ~mask
    if (onWrite.startsWith('zero')) return value | mask
    return this.#refuse(`any write of it does something to ${name}, so write it as a whole`)
  }

  #refuse(problem: string): never {
    throw new TraplineError('usage', `${this.#register.path}: ${problem}`)
  }
}

function toReset(value: bigint, { reset = 0n, low, access, onWrite }: RegisterField): bigint {
  return isFor('write', access) && onWrite === undefined ? value | (reset << BigInt(low)) : value
}
