/** XML as a tree that knows its lines, and what the readers of SVD and IP-XACT both ask of it. */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { TraplineError } from '../ground/errors.js'

export interface XmlElement {
  /** Without the prefix of its name space. */
  tag: string
  attributes: Record<string, string>
  children: XmlElement[]
  text: string
  /** `file:line` */
  at: string
}

type Ordered = Record<string, unknown>

/** The root element. Throws a sentence about a text that is no XML. */
export function readXml(file: string, text: string): XmlElement {
  const validity = XMLValidator.validate(text)
  if (validity !== true)
    throw new TraplineError('config', `${file}:${validity.err.line}: it is no XML: ${validity.err.msg}`)
  const parser = new XMLParser({
    ...{ preserveOrder: true, removeNSPrefix: true, captureMetaData: true, trimValues: true },
    ...{ ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, parseAttributeValue: false },
  })
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index)
  const toPlace = (index: number) => `${file}:${countBelow(ends, index) + 1}`
  const root = (parser.parse(text) as Ordered[])
    .map((one) => toElement(one, toPlace))
    .find(({ tag }) => !/^[?#]/.test(tag))
  if (root) return root
  throw new TraplineError('config', `${file}:1: it has no element`)
}

/** How many of the numbers, which ascend, are less than that. */
function countBelow(numbers: number[], bound: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) < bound) low = middle + 1
    else high = middle
  }
  return low
}

const metaData = XMLParser.getMetaDataSymbol() as unknown as string

function toElement(ordered: Ordered, toPlace: (index: number) => string): XmlElement {
  const [tag = ''] = Object.keys(ordered).filter((key) => key !== ':@')
  const inner = Array.isArray(ordered[tag]) ? (ordered[tag] as Ordered[]) : []
  const { startIndex = 0 } = (ordered[metaData] as { startIndex?: number } | undefined) ?? {}
  return {
    tag,
    attributes: (ordered[':@'] as Record<string, string> | undefined) ?? {},
    children: inner.filter((one) => !('#text' in one)).map((one) => toElement(one, toPlace)),
    text: inner.map((one) => String(one['#text'] ?? '')).join(''),
    at: toPlace(startIndex),
  }
}

export function childrenOf(element: XmlElement | undefined, ...tags: string[]): XmlElement[] {
  return element?.children.filter(({ tag }) => tags.includes(tag)) ?? []
}

/** The first one below that path of tags. */
export function childAt(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((found, tag) => childrenOf(found, tag)[0], element)
}

/** Its text; empty is none. */
export function textAt(element: XmlElement | undefined, ...path: string[]): string | undefined {
  return childAt(element, ...path)?.text || undefined
}

/** Throws a sentence about an element. */
export function refuseAt({ at }: XmlElement, problem: string): never {
  throw new TraplineError('config', `${at}: ${problem}`)
}

export function nameOf(element: XmlElement): string {
  return textAt(element, 'name') ?? refuseAt(element, `${element.tag} has no name`)
}

/** What follows from one of the words that SVD and IP-XACT have for what software may do. */
export function toAccess(element: XmlElement | undefined): 'r' | 'w' | 'rw' | 'none' | undefined {
  if (!element?.text) return undefined
  const { text } = element
  if (text === 'read-only') return 'r'
  if (text === 'write-only' || text === 'writeOnce') return 'w'
  if (text === 'read-write' || text === 'read-writeOnce') return 'rw'
  if (text === 'no-access') return 'none'
  return refuseAt(
    element,
    `access is ${text}; it must be read-write, read-only, write-only, writeOnce or read-writeOnce`,
  )
}

const writes = [
  'oneToClear',
  'oneToSet',
  'oneToToggle',
  'zeroToClear',
  'zeroToSet',
  'zeroToToggle',
  'clear',
  'set',
] as const

/** What a write does; `modify` is what every write does. */
export function toOnWrite(element: XmlElement | undefined): (typeof writes)[number] | undefined {
  const known = writes.find((one) => one === element?.text)
  if (known || !element?.text || element.text === 'modify') return known
  return refuseAt(element, `${element.tag} is ${element.text}; it must be modify, ${writes.join(', ')}`)
}

export function toOnRead(element: XmlElement | undefined): 'clear' | 'set' | 'other' | undefined {
  if (!element?.text) return undefined
  return element.text === 'clear' || element.text === 'set' ? element.text : 'other'
}
