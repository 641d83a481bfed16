/** `derivedFrom` of SVD: an element that is another one with something else in it. All of them are carried out here. */
import { childAt, nameOf, refuseAt, textAt, type XmlElement } from './xml-tree.js'

/** Where an element stands: its name behind those of all that it stands in. */
interface Placed {
  element: XmlElement
  path: string[]
}

/** Tags of which several stand side by side, told apart by their names. */
const listed = ['peripheral', 'cluster', 'register', 'field', 'enumeratedValues']
/** Tags that hold such. */
const holders = ['peripherals', 'registers', 'fields']

/** The same tree without `derivedFrom`. */
export function withoutDerived(root: XmlElement): XmlElement {
  return new Derivation(root).whole(root, [])
}

class Derivation {
  readonly #named: Placed[] = []
  readonly #underWay = new Set<XmlElement>()

  constructor(root: XmlElement) {
    this.#collect(root, [])
  }

  whole(element: XmlElement, path: string[]): XmlElement {
    const own = pathOf(element, path)
    if (this.#underWay.has(element)) refuseAt(element, `${element.tag} ${own.join('.')} is derived from itself`)
    this.#underWay.add(element)
    const children = element.children.map((child) => this.whole(child, own))
    const base = this.#baseOf(element, own)
    this.#underWay.delete(element)
    return base ? merge(base, { ...element, children }) : { ...element, children }
  }

  #collect(element: XmlElement, path: string[]): void {
    const own = pathOf(element, path)
    if (listed.includes(element.tag)) this.#named.push({ element, path: own })
    for (const child of element.children) this.#collect(child, own)
  }

  /** The nearest of that name: what shares most of its own path. */
  #baseOf(element: XmlElement, path: string[]): XmlElement | undefined {
    const { derivedFrom } = element.attributes
    if (derivedFrom === undefined) return undefined
    const wanted = derivedFrom.split('.')
    const found = this.#named
      .filter((one) => one.element !== element && one.element.tag === element.tag && endsWith(one.path, wanted))
      .map((one) => ({ ...one, near: shared(one.path, path) }))
      .sort((a, b) => b.near - a.near || a.path.length - b.path.length)
    const [first, second] = found
    if (!first) refuseAt(element, `it is derived from ${derivedFrom}, and no ${element.tag} is called so`)
    if (second?.near === first.near && second.path.length === first.path.length)
      refuseAt(
        element,
        `it is derived from ${derivedFrom}, which is ${toText(first)} or ${toText(second)}; name it whole`,
      )
    return this.whole(first.element, first.path.slice(0, -1))
  }
}

function toText({ path, element }: Placed): string {
  return `${path.join('.')} (${element.at})`
}

function pathOf(element: XmlElement, path: string[]): string[] {
  if (!listed.includes(element.tag)) return path
  const name = element.tag === 'enumeratedValues' ? textAt(element, 'name') : nameOf(element)
  return name === undefined ? path : [...path, name]
}

function endsWith(path: string[], end: string[]): boolean {
  return end.length <= path.length && end.every((step, i) => path[path.length - end.length + i] === step)
}

function shared(a: string[], b: string[]): number {
  const differs = a.findIndex((step, i) => step !== b[i])
  return differs < 0 ? a.length : differs
}

/** What the derived one says itself takes the place of what its base says. */
function merge(base: XmlElement, own: XmlElement): XmlElement {
  const taken = new Map(own.children.map((child) => [keyOf(child), child]))
  const kept = base.children.map((child) => {
    const mine = taken.get(keyOf(child))
    if (mine && !holders.includes(child.tag)) return undefined
    taken.delete(keyOf(child))
    return mine ? merge(child, mine) : child
  })
  return { ...own, children: [...kept.filter((child) => child !== undefined), ...taken.values()] }
}

function keyOf(element: XmlElement): string {
  return listed.includes(element.tag) ? `${element.tag} ${childAt(element, 'name')?.text ?? ''}` : element.tag
}
