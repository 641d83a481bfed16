/** Numbers of SVD, and the values that have names, where a bit may be any: `#1x0`. */
import { childrenOf, nameOf, refuseAt, textAt, type XmlElement } from './xml-tree.js'

/** `0x1F`, `#0001_1111`, `0b11111` or `31`. */
export function toSvdNumber(element: XmlElement): bigint {
  const text = element.text.replace(/^\+/, '').replaceAll('_', '')
  if (/^(0x[0-9a-f]+|\d+|0b[01]+)$/i.test(text)) return BigInt(text)
  if (/^#[01]+$/.test(text)) return BigInt(`0b${text.slice(1)}`)
  return refuseAt(element, `${element.tag} is ${element.text}, which is no number`)
}

/** So many values may share a name. */
const mostWild = 8

/** The names of a field's values. */
export function toValues(field: XmlElement, widthBits: number) {
  const lists = childrenOf(field, 'enumeratedValues').map((list) => ({
    usage: textAt(list, 'usage') ?? 'read-write',
    names: childrenOf(list, 'enumeratedValue').flatMap((one) => namesOf(one, widthBits)),
  }))
  const of = (usage: string) => lists.filter((list) => list.usage === usage).flatMap(({ names }) => names)
  const [both, read, written] = [of('read-write'), of('read'), of('write')]
  return {
    ...(both.length + read.length > 0 && { values: Object.fromEntries([...both, ...read]) }),
    ...(written.length > 0 && { writtenValues: Object.fromEntries([...both, ...written]) }),
  }
}

/** One that stands for all other values has no number. */
function namesOf(value: XmlElement, widthBits: number): [string, bigint[]][] {
  const number = childrenOf(value, 'value')[0]
  if (!number?.text) return []
  const name = nameOf(value)
  const [, wild] = /^(?:#|0b)([01x]*x[01x]*)$/i.exec(number.text) ?? []
  if (wild === undefined) return [[name, [toSvdNumber(number)]]]
  const unknown = wild.toLowerCase().split('x').length - 1
  if (unknown > mostWild || wild.length > widthBits)
    return refuseAt(number, `the value ${name} stands for more numbers than are kept apart`)
  return [[name, Array.from({ length: 2 ** unknown }, (_, i) => fill(wild, i))]]
}

/** The bits that may be any are those of a number, the least significant one in the first place. */
function fill(wild: string, number: number): bigint {
  let left = number
  const bits = wild.replace(/x/gi, () => {
    const bit = String(left & 1)
    left >>= 1
    return bit
  })
  return BigInt(`0b${bits}`)
}
