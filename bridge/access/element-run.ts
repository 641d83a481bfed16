/**
 * A string (Access.elements in bus.proto) for those who know single accesses only: a model that takes no strings, and
 * whoever looks on or holds answers back. Each element is an access of its own, and one answer says how they went.
 */
import type { MappedDevice } from '../map/address-map.js'
import { elementOf, type Access } from '../wire/access.js'
import { scanAccess } from '../wire/scan.js'
import { decodeAccess, decodeCompletion, encodeAccess } from '../wire/wire.js'
import { Pending, type PendingOwner } from './pending.js'

/** What becomes of an element. */
export interface ElementWays<Owner extends PendingOwner> {
  /** It goes to its model, unless its session is gone, and the string with it. */
  pass(element: Pending<Owner>): void
  /** It has been answered. */
  observe(element: Pending<Owner>): void
}

export class ElementRun<Owner extends PendingOwner> {
  readonly #string: Access
  /** Of the reads that are done. */
  readonly #data: Buffer[] = []
  #done = 0

  constructor(
    private readonly owner: Owner,
    private readonly pending: Pending<Owner>,
    private readonly device: MappedDevice,
    private readonly ways: ElementWays<Owner>,
  ) {
    this.#string = decodeAccess(pending.access)
  }

  /** Carries out the next element, and then the others. */
  next(): void {
    const access = encodeAccess(elementOf(this.#string, this.#done))
    const element = new Pending<Owner>(this.owner, access, scanAccess(access), this.device, (ended) => this.#end(ended))
    this.ways.pass(element)
  }

  #end(element: Pending<Owner>): void {
    const last = decodeCompletion(element.completion ?? Buffer.alloc(0))
    const isDone = last.status === 'OKAY'
    if (isDone) this.#data[this.#done++] = last.data
    this.ways.observe(element)
    if (isDone && this.#done < this.#string.elements) return this.next()
    this.pending.answer({ ...last, seq: this.#string.seq, done: this.#done, data: Buffer.concat(this.#data) })
  }
}
