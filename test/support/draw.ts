/**
 * Messages that are almost right: each field, by its descriptor, now and then holds what its type allows and no peer
 * should say. New fields of proto/ are drawn without being named here. The agent's fuzzer draws likewise
 * (test/trap/parsers/draw.c).
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Enum, Type, type Field } from 'protobufjs'
import { spoil, type Chance } from './fuzz.js'

/** A message as protobufjs gives it to people; 64-bit values may be strings. Fields that are not there are not sent. */
export type Right = Record<string, unknown>

/** What nobody should make, wherever it is run. */
export const outside = join(tmpdir(), 'trapline-fuzz-outside')

const limits = [0, 1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 0xfff, 0x1000, 0x1001, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
const numbers = [...limits.map(BigInt), 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]

/** What texts may do to whoever takes them for a name, a format, a line or a key. */
const words = [
  ...['../', '../x', `../../../../../../..${outside}`, outside, '/', '.', '..', 'a/../../b', 'root', '%s%n%x', '$(x)'],
  ...['\x1b[2J\x1b]0;t\x07', '\r\ntrapline: x', '\0', 'a\0b', '\x7f', '\u0085', '\ufffd', '__proto__', 'constructor'],
]
const sizes = [0, 1, 15, 64, 107, 108, 255, 256, 4096, 4097, 70_000]
const mostElements = 70
const deepest = 8

const wires = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 }
const numeric = ['uint32', 'uint64', 'int32', 'int64', 'bool']

export class Draw {
  /** One field in `oneIn` is drawn, the others are right; 0 for none. */
  constructor(
    private readonly chance: Chance,
    private readonly oneIn: number,
  ) {}

  message(type: Type, right: Right = {}, depth = 0): Buffer {
    return Buffer.concat(type.fieldsArray.map((field) => this.#field(field.resolve(), right[field.name], depth)))
  }

  /** Bytes that are no message of ours, now and then spoiled. */
  bytes(right: Buffer): Buffer {
    return this.#isDrawn() ? spoil(right, this.chance) : right
  }

  #isDrawn(times = 1): boolean {
    return this.oneIn > 0 && this.chance.oneIn(this.oneIn * times)
  }

  #field(field: Field, right: unknown, depth: number): Buffer {
    if (depth > deepest || (right === undefined && !this.#isDrawn(2))) return Buffer.alloc(0)
    if (!field.repeated) return this.#elements(field, [right], depth, this.#isDrawn(16) ? 2 : 1)
    const given = (right ?? []) as unknown[]
    const count = this.#isDrawn(2) ? this.chance.below(mostElements) : given.length
    return this.#elements(field, given, depth, count)
  }

  #elements(field: Field, given: unknown[], depth: number, count: number): Buffer {
    const elements = Array.from({ length: count }, (_, i) => given[i % given.length])
    return Buffer.concat(
      elements.map((right) => (this.#isDrawn() ? this.#drawn(field, right, depth) : this.#right(field, right, depth))),
    )
  }

  #right(field: Field, right: unknown, depth: number): Buffer {
    if (field.resolvedType instanceof Type)
      return bytes(field, this.message(field.resolvedType, right as Right, depth + 1))
    if (field.type === 'string') return bytes(field, Buffer.from((right as string | undefined) ?? ''))
    if (field.type === 'bytes') return bytes(field, (right as Buffer | undefined) ?? Buffer.alloc(0))
    return number(field, toNumber(field, right))
  }

  #drawn(field: Field, right: unknown, depth: number): Buffer {
    if (this.chance.oneIn(12)) return this.#stranger(field)
    if (field.resolvedType instanceof Type) return this.#right(field, right, depth)
    if (field.type === 'string') return bytes(field, this.#text((right as string | undefined) ?? ''))
    if (field.type === 'bytes') return bytes(field, this.#data(((right as Buffer | undefined) ?? '').length))
    return number(field, this.number(toNumber(field, right)))
  }

  /** Where things break, or near what is right. */
  number(right: bigint): bigint {
    if (this.chance.oneIn(4)) return BigInt.asUintN(64, right + BigInt(this.chance.below(5) - 2))
    if (this.chance.oneIn(4)) return BigInt(this.chance.below(2 ** 32)) << BigInt(this.chance.below(32))
    return this.chance.pick(numbers)
  }

  #text(right: string): Buffer {
    const word = this.chance.pick(words)
    const long = word.repeat(this.chance.pick(sizes)).slice(0, this.chance.pick(sizes))
    const noise = this.chance.bytes(20)
    return this.chance.oneIn(5) ? noise : Buffer.from(this.chance.pick([word, right + word, word + right, long]))
  }

  #data(right: number): Buffer {
    const size = this.chance.pick([...sizes, right + 1, Math.max(0, right - 1)])
    return Buffer.alloc(size, this.chance.below(256))
  }

  /** Another type than the field's, of which parsers should make nothing; or a field that nobody knows. */
  #stranger({ id }: Field): Buffer {
    const tag = this.chance.oneIn(2) ? id : 1 + this.chance.below(this.chance.pick([20, 0x1fff_ffff]))
    const noise = Buffer.alloc(8, this.chance.below(256))
    return this.chance.pick([
      Buffer.concat([toTag(tag, wires.varint), varint(this.number(0n))]),
      Buffer.concat([toTag(tag, wires.fixed32), noise.subarray(4)]),
      Buffer.concat([toTag(tag, wires.fixed64), noise]),
      Buffer.concat([toTag(tag, wires.bytes), varint(BigInt(noise.length)), noise]),
      toTag(tag, this.chance.below(8)),
    ])
  }
}

function toNumber(field: Field, right: unknown): bigint {
  const { resolvedType } = field
  if (!(resolvedType instanceof Enum) && !numeric.includes(field.type))
    throw new Error(`${field.fullName} is of type ${field.type}, which can't be drawn yet`)
  if (resolvedType instanceof Enum && typeof right === 'string') return BigInt(resolvedType.values[right] ?? 0)
  return BigInt.asUintN(64, BigInt((right as string | number | boolean | undefined) ?? 0))
}

function number({ id }: Field, value: bigint): Buffer {
  return Buffer.concat([toTag(id, wires.varint), varint(value)])
}

function bytes({ id }: Field, content: Buffer): Buffer {
  return Buffer.concat([toTag(id, wires.bytes), varint(BigInt(content.length)), content])
}

function toTag(id: number, wire: number): Buffer {
  return varint((BigInt(id) << 3n) | BigInt(wire))
}

function varint(value: bigint): Buffer {
  const out: number[] = []
  for (; value > 0x7fn; value >>= 7n) out.push(Number(value & 0x7fn) | 0x80)
  return Buffer.from([...out, Number(value)])
}
