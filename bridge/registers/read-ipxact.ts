/**
 * Registers as IP-XACT has them (IEEE 1685-2009, -2014 and -2022): each memory map of a component is a block, or, where
 * it has several address blocks with registers, each of these is a group of it. Values must be literals.
 */
import type { BlockInput, DescriptionInput, FieldInput, GroupInput, RegisterInput } from './description.js'
import { formatName } from './description.js'
import * as xml from './xml-tree.js'
import type { XmlElement } from './xml-tree.js'

export function toIpxactDescription(root: XmlElement): DescriptionInput {
  if (root.tag !== 'component')
    xml.refuseAt(root, `it is a ${root.tag} of IP-XACT, and registers are in a component; name that file`)
  const maps = presentOf(xml.childAt(root, 'memoryMaps'), 'memoryMap')
  if (maps.length === 0) xml.refuseAt(root, 'the component has no memory map')
  return { format: formatName, blocks: maps.map(toBlock) }
}

function toBlock(map: XmlElement): BlockInput {
  const [foreign] = xml.childrenOf(map, 'bank', 'subspaceMap', 'memoryMapDefinitionRef')
  if (foreign) refuseKind(foreign)
  const unitBits = numberAt(map, 'addressUnitBits') ?? 8n
  if (unitBits % 8n !== 0n) xml.refuseAt(map, `its address unit has ${unitBits} bits, which are no whole bytes`)
  const reader = new MapReader(unitBits / 8n)
  const blocks = presentOf(map, 'addressBlock')
  const isMemory = (one: XmlElement) => xml.textAt(one, 'usage') === 'memory'
  const registers = blocks.filter((one) => !isMemory(one)).map((one) => reader.toAddressBlock(one))
  const [only] = registers.length === 1 ? registers : []
  return {
    ...aboutOf(map),
    memories: blocks.filter(isMemory).map((one) => reader.toMemory(one)),
    // One alone is the block itself, where it begins at its first byte.
    ...(only?.offset === 0n ? { registers: only.registers, groups: only.groups } : { groups: registers }),
  }
}

interface Outer {
  access: XmlElement | undefined
  volatile: boolean | undefined
}

class MapReader {
  /** @param unitBytes that an address counts */
  constructor(private readonly unitBytes: bigint) {}

  toMemory(element: XmlElement) {
    return { ...aboutOf(element), offset: this.#bytesAt(element, 'baseAddress'), size: this.#bytesAt(element, 'range') }
  }

  toAddressBlock(element: XmlElement): GroupInput {
    checkWhole(element)
    const outer = { access: accessOf(element), volatile: volatileOf(element) }
    return { ...aboutOf(element), offset: this.#bytesAt(element, 'baseAddress'), ...this.#toContent(element, outer) }
  }

  #toContent(element: XmlElement, outer: Outer) {
    return {
      registers: presentOf(element, 'register').flatMap((one) => this.#toRegisters(one, outer)),
      groups: presentOf(element, 'registerFile').map((one) => this.#toGroup(one, outer)),
    }
  }

  #toGroup(element: XmlElement, outer: Outer): GroupInput {
    checkWhole(element)
    const inner = { access: accessOf(element) ?? outer.access, volatile: volatileOf(element) ?? outer.volatile }
    return {
      ...aboutOf(element),
      offset: this.#bytesAt(element, 'addressOffset'),
      ...this.#arrayOf(element, this.#bytesAt(element, 'range')),
      ...this.#toContent(element, inner),
    }
  }

  /** A register, and those that lie in its place at other times. */
  #toRegisters(element: XmlElement, outer: Outer): RegisterInput[] {
    checkWhole(element)
    const width = Number(needed(element, 'size'))
    const bytes = BigInt(Math.ceil(width / 8))
    const place = {
      width,
      offset: this.#bytesAt(element, 'addressOffset'),
      ...this.#arrayOf(element, ((bytes + this.unitBytes - 1n) / this.unitBytes) * this.unitBytes),
    }
    const others = presentOf(xml.childAt(element, 'alternateRegisters'), 'alternateRegister')
    return [element, ...others].map((one) => ({
      ...{ ...aboutOf(one), ...place, ...resetOf(one, width) },
      access: xml.toAccess(accessOf(one) ?? outer.access),
      volatile: volatileOf(one) ?? outer.volatile,
      fields: presentOf(one, 'field').map(toField),
    }))
  }

  #arrayOf(element: XmlElement, ownBytes: bigint) {
    const array = xml.childAt(element, 'array') ?? element
    const dims = xml.childrenOf(array, 'dim')
    const stride = numberAt(array, 'stride')
    if (dims.length === 0) return {}
    return { count: dims.map((dim) => Number(toNumber(dim))), stride: stride ? stride * this.unitBytes : ownBytes }
  }

  #bytesAt(element: XmlElement, tag: string): bigint {
    return needed(element, tag) * this.unitBytes
  }
}

function toField(element: XmlElement): FieldInput {
  checkWhole(element)
  const [low, width] = [needed(element, 'bitOffset'), needed(element, 'bitWidth')]
  const policy = xml.childAt(element, 'fieldAccessPolicies', 'fieldAccessPolicy') ?? element
  const values = xml.childrenOf(xml.childAt(element, 'enumeratedValues'), 'enumeratedValue')
  const of = (...usages: string[]) =>
    values
      .filter((one) => usages.includes(one.attributes.usage ?? 'read-write'))
      .map((one): [string, bigint] => [xml.nameOf(one), needed(one, 'value')])
  return {
    ...aboutOf(element),
    bits: `${low + width - 1n}:${low}`,
    access: xml.toAccess(accessOf(element)),
    onRead: xml.toOnRead(xml.childAt(policy, 'readAction')),
    onWrite: xml.toOnWrite(xml.childAt(policy, 'modifiedWriteValue')),
    volatile: volatileOf(element),
    ...resetOf(element, Number(width)),
    ...(values.length > 0 && { values: Object.fromEntries(of('read-write', 'read')) }),
    ...(of('write').length > 0 && { writtenValues: Object.fromEntries(of('read-write', 'write')) }),
  }
}

/** In 2009 a register has it, later a field; of several the one of no special kind. */
function resetOf(element: XmlElement, width: number): { reset?: bigint } {
  const resets = [...xml.childrenOf(element, 'reset'), ...xml.childrenOf(xml.childAt(element, 'resets'), 'reset')]
  const reset = resets.find((one) => one.attributes.resetTypeRef === undefined)
  const all = (1n << BigInt(width)) - 1n
  if (!reset || ((numberAt(reset, 'mask') ?? all) & all) !== all) return {}
  return { reset: needed(reset, 'value') & all }
}

/** Of a field, a register or an address block; undefined where it is not said. */
function volatileOf(element: XmlElement): boolean | undefined {
  const found = xml.childAt(element, 'volatile')
  if (!found?.text) return undefined
  if (found.text !== 'true' && found.text !== 'false')
    return xml.refuseAt(found, `volatile is ${found.text}; it must be true or false`)
  return found.text === 'true'
}

/** In 2022 it stands in a policy. */
function accessOf(element: XmlElement): XmlElement | undefined {
  return (
    xml.childAt(element, 'access') ??
    xml.childAt(element, 'accessPolicies', 'accessPolicy', 'access') ??
    xml.childAt(element, 'fieldAccessPolicies', 'fieldAccessPolicy', 'access')
  )
}

/** Those that are there: 2014 can say of each whether it is. */
function presentOf(element: XmlElement | undefined, tag: string): XmlElement[] {
  return xml.childrenOf(element, tag).filter((one) => (numberAt(one, 'isPresent') ?? 1n) !== 0n)
}

/** What is defined elsewhere in the file, as 2022 can, is not looked up. */
function checkWhole(element: XmlElement): void {
  const reference = element.children.find(({ tag }) => tag.endsWith('DefinitionRef'))
  if (reference) refuseKind(reference)
}

function refuseKind(element: XmlElement): never {
  return xml.refuseAt(element, `${element.tag} of IP-XACT is not read; write out what it stands for`)
}

function aboutOf(element: XmlElement) {
  const description = xml.textAt(element, 'description')?.replace(/\s+/g, ' ')
  return { name: xml.nameOf(element), at: element.at, description }
}

function numberAt(element: XmlElement, tag: string): bigint | undefined {
  const found = xml.childAt(element, tag)
  return found?.text ? toNumber(found) : undefined
}

function needed(element: XmlElement, tag: string): bigint {
  return numberAt(element, tag) ?? xml.refuseAt(element, `${element.tag} has no ${tag}`)
}

const units: Record<string, bigint> = { '': 1n, K: 1n << 10n, M: 1n << 20n, G: 1n << 30n }
const bases: Record<string, string> = { h: '0x', o: '0o', b: '0b', d: '' }

/** `0x1F`, `#1F`, `31`, `1K`, or as SystemVerilog writes numbers: `'h1f`, `8'b0001_1111`. */
function toNumber(element: XmlElement): bigint {
  const text = element.text.replaceAll('_', '').trim()
  const [, base, digits = ''] = /^(?:\d+)?\s*'s?([hobd])\s*([0-9a-f]+)$/i.exec(text) ?? []
  const [, plain, unit = ''] = /^\+?(0x[0-9a-f]+|\d+)([KMG]?)$/i.exec(text.replace(/^\+?#/, '0x')) ?? []
  const written = base === undefined ? plain : `${bases[base.toLowerCase()]}${digits}`
  if (written !== undefined && isWhole(written)) return BigInt(written) * (units[unit.toUpperCase()] ?? 1n)
  return xml.refuseAt(
    element,
    `${element.tag} is ${element.text}, and expressions of IP-XACT are not worked out; write the number`,
  )
}

function isWhole(text: string): boolean {
  return /^(0x[0-9a-f]+|0o[0-7]+|0b[01]+|\d+)$/i.test(text)
}
