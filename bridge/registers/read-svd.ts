/**
 * Registers as CMSIS-SVD has them (CMSIS-Pack, System View Description, schema 1.3): each peripheral is a block, a
 * cluster a group. Arrays `NAME[%s]` stay arrays; lists `NAME%s` become registers of their own.
 */
import type { BlockInput, DescriptionInput, FieldInput, GroupInput, RegisterInput } from './description.js'
import { formatName } from './description.js'
import { toSvdNumber, toValues } from './svd-numbers.js'
import { withoutDerived } from './svd-derived.js'
import * as xml from './xml-tree.js'
import type { XmlElement } from './xml-tree.js'

/** What is said once for all that stands within. */
interface SvdDefaults {
  size: number
  access: 'r' | 'w' | 'rw' | 'none' | undefined
  reset: bigint | undefined
  resetMask: bigint | undefined
}

export function toSvdDescription(root: XmlElement): DescriptionInput {
  const device = withoutDerived(root)
  const inherited = inherit(device, { size: 32, access: undefined, reset: undefined, resetMask: undefined })
  const peripherals = xml.childrenOf(xml.childAt(device, 'peripherals'), 'peripheral')
  return {
    format: formatName,
    blocks: peripherals.flatMap((one) => copiesOf(one).map(({ name }) => toBlock(one, name, inherited))),
  }
}

function inherit(element: XmlElement, outer: SvdDefaults): SvdDefaults {
  const size = numberAt(element, 'size')
  return {
    size: size === undefined ? outer.size : Number(size),
    access: xml.toAccess(xml.childAt(element, 'access')) ?? outer.access,
    reset: numberAt(element, 'resetValue') ?? outer.reset,
    resetMask: numberAt(element, 'resetMask') ?? outer.resetMask,
  }
}

function toBlock(element: XmlElement, name: string, outer: SvdDefaults): BlockInput {
  const inherited = inherit(element, outer)
  const buffers = xml.childrenOf(element, 'addressBlock').filter((one) => xml.textAt(one, 'usage') === 'buffer')
  return {
    ...aboutOf(element),
    name,
    ...toContent(xml.childAt(element, 'registers'), inherited),
    memories: buffers.map((one, i) => ({
      ...{ name: i === 0 ? 'buffer' : `buffer${i}`, at: one.at },
      ...{ offset: needed(one, 'offset'), size: needed(one, 'size') },
    })),
  }
}

function toContent(element: XmlElement | undefined, inherited: SvdDefaults) {
  return {
    registers: xml.childrenOf(element, 'register').flatMap((one) => toRegisters(one, inherited)),
    groups: xml.childrenOf(element, 'cluster').flatMap((one) => toGroups(one, inherited)),
  }
}

function toGroups(element: XmlElement, outer: SvdDefaults): GroupInput[] {
  const inherited = inherit(element, outer)
  const offset = needed(element, 'addressOffset')
  const content = toContent(element, inherited)
  return copiesOf(element).map(({ name, distance, ...array }) => ({
    ...{ ...aboutOf(element), name, offset: offset + distance },
    ...array,
    ...content,
  }))
}

function toRegisters(element: XmlElement, outer: SvdDefaults): RegisterInput[] {
  const inherited = inherit(element, outer)
  const { size, access, reset, resetMask = -1n } = inherited
  const all = (1n << BigInt(size)) - 1n
  const fields = xml.childrenOf(xml.childAt(element, 'fields'), 'field')
  const register = {
    ...aboutOf(element),
    width: size,
    access,
    onRead: xml.toOnRead(xml.childAt(element, 'readAction')),
    onWrite: xml.toOnWrite(xml.childAt(element, 'modifiedWriteValues')),
    reset: (resetMask & all) === all ? reset && reset & all : undefined,
    fields: fields.flatMap((field) => toFields(field, inherited)),
  }
  const offset = needed(element, 'addressOffset')
  return copiesOf(element).map(({ name, distance, ...array }) => ({
    ...register,
    ...{ name, offset: offset + distance },
    ...array,
  }))
}

function toFields(element: XmlElement, { reset, resetMask = -1n }: SvdDefaults): FieldInput[] {
  const { high, low } = bitsOf(element)
  return copiesOf(element, true).map(({ name, distance }) => {
    const first = BigInt(low) + distance
    const mask = ((1n << BigInt(high - low + 1)) - 1n) << first
    return {
      ...aboutOf(element),
      name,
      bits: `${BigInt(high) + distance}:${first}`,
      access: xml.toAccess(xml.childAt(element, 'access')),
      onRead: xml.toOnRead(xml.childAt(element, 'readAction')),
      onWrite: xml.toOnWrite(xml.childAt(element, 'modifiedWriteValues')),
      reset: reset !== undefined && (resetMask & mask) === mask ? (reset & mask) >> first : undefined,
      ...toValues(element, high - low + 1),
    }
  })
}

/** Bits are said in one of three ways. */
function bitsOf(element: XmlElement): { high: number; low: number } {
  const [, left, right] = /^\[(\d+):(\d+)\]$/.exec(xml.textAt(element, 'bitRange') ?? '') ?? []
  if (right !== undefined) return { high: Number(left), low: Number(right) }
  const [msb, lsb, offset] = ['msb', 'lsb', 'bitOffset'].map((tag) => numberAt(element, tag))
  if (msb !== undefined && lsb !== undefined) return { high: Number(msb), low: Number(lsb) }
  if (offset === undefined) xml.refuseAt(element, 'the field has neither bitRange, nor lsb and msb, nor bitOffset')
  return { high: Number(offset + (numberAt(element, 'bitWidth') ?? 1n)) - 1, low: Number(offset) }
}

interface Copy {
  name: string
  /** Bytes, or bits of a field. */
  distance: bigint
  count?: number
  stride?: bigint
}

/** One for each name that it has: of `NAME%s` several, of `NAME[%s]` one array, unless it has to be taken apart. */
function copiesOf(element: XmlElement, isApart = false): Copy[] {
  const name = xml.nameOf(element)
  const dim = numberAt(element, 'dim')
  if (dim === undefined) return [{ name, distance: 0n }]
  const [count, step] = [Number(dim), needed(element, 'dimIncrement')]
  if (!name.includes('%s')) xml.refuseAt(element, `${name} has dim, and no %s in its name`)
  const indices = indicesOf(element, count)
  if (name.includes('[%s]') && !isApart) {
    if (indices.some((index, i) => index !== String(i)))
      xml.refuseAt(element, `${name} is an array, so its dimIndex must count from 0; write the name without brackets`)
    return [{ name: name.replace('[%s]', ''), distance: 0n, count, stride: step }]
  }
  return indices.map((index, i) => ({ name: name.replace(/\[?%s\]?/, index), distance: step * BigInt(i) }))
}

/** `0-3`, `A-D` or `A,B,C,D` */
function indicesOf(element: XmlElement, count: number): string[] {
  const text = xml.textAt(element, 'dimIndex')
  if (text === undefined) return Array.from({ length: count }, (_, i) => String(i))
  const [, first = '', last = ''] = /^([A-Z]|\d+)-([A-Z]|\d+)$/.exec(text) ?? []
  const isLetter = /[A-Z]/.test(first)
  const begin = isLetter ? first.charCodeAt(0) : Number(first)
  const end = isLetter ? last.charCodeAt(0) : Number(last)
  const indices = last
    ? Array.from({ length: Math.max(0, end - begin + 1) }, (_, i) =>
        isLetter ? String.fromCharCode(begin + i) : String(begin + i),
      )
    : text.split(',').map((one) => one.trim())
  if (indices.length === count) return indices
  return xml.refuseAt(element, `dim is ${count}, and dimIndex ${text} has ${indices.length}`)
}

function aboutOf(element: XmlElement) {
  return { at: element.at, description: xml.textAt(element, 'description')?.replace(/\s+/g, ' ') }
}

function numberAt(element: XmlElement, tag: string): bigint | undefined {
  const found = xml.childAt(element, tag)
  return found?.text ? toSvdNumber(found) : undefined
}

function needed(element: XmlElement, tag: string): bigint {
  return numberAt(element, tag) ?? xml.refuseAt(element, `${element.tag} has no ${tag}`)
}
