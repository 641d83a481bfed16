/**
 * Reads of registers that the device itself writes: two devices that are alike in all that software knows may differ
 * there, for their time is not the same. Which bits are not compared, and what is said of them at the end.
 */
import { toCount } from '../ground/format.js'
import type { Place } from './register-map.js'
import type { RegisterMaps } from './register-maps.js'

const mostNames = 8

export class VolatileReads {
  #reads = 0
  #differing = 0
  /** `DEVICE REGISTER` */
  readonly #names = new Set<string>()

  constructor(private readonly registers: RegisterMaps) {}

  /** Whether two values of a read are the same but for volatile bits, which are noted as not compared. */
  areSame(device: string, place: Place, a: bigint, b: bigint): boolean {
    const { registers, mask } = this.registers.of(device)?.volatileOf(place) ?? { registers: [], mask: 0n }
    if (mask === 0n) return a === b
    this.#reads++
    if (((a ^ b) & mask) !== 0n) this.#differing++
    for (const { path } of registers) this.#names.add(`${device} ${path}`)
    return ((a ^ b) & ~mask) === 0n
  }

  /** Undefined where all was compared. */
  get sentence(): string | undefined {
    if (this.#reads === 0) return undefined
    const names = [...this.#names].sort()
    const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
    const differing = this.#differing > 0 ? ` (${toCount(this.#differing, 'differs', 'differ')})` : ''
    return (
      `volatile, so not compared: bits of ${toCount(this.#reads, 'read', 'reads')}${differing} of ` +
      `${names.slice(0, mostNames).join(', ')}${more}`
    )
  }
}
