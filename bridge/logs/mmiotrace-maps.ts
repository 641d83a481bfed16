/**
 * The mappings of real devices as mmiotrace numbers them: each `mmap` of a program is one, with a number of its own,
 * and its accesses name it.
 */
import type { RawMapping } from './raw-hardware.js'

interface Open {
  id: number
  session: number
  device: string
  start: bigint
  end: bigint
  /** Bytes that have not been unmapped. */
  left: bigint
}

export class MmiotraceMaps {
  #open: Open[] = []

  /** @param next number of the first */
  constructor(private next: number) {}

  add({ session, device, address, length }: RawMapping): number {
    const id = this.next++
    this.#open.push({ id, session, device, start: address, end: address + length, left: length })
    return id
  }

  /** The numbers of those of which nothing is left. */
  remove({ session, address, length }: RawMapping): number[] {
    for (const map of this.#open) {
      const from = map.start > address ? map.start : address
      const to = map.end < address + length ? map.end : address + length
      if (map.session === session && from < to) map.left -= to - from
    }
    const ended = this.#open.filter(({ left }) => left <= 0n)
    this.#open = this.#open.filter(({ left }) => left > 0n)
    return ended.map(({ id }) => id)
  }

  /** The number of the mapping that an access went by, a parent's too; undefined if it went by none that is known. */
  find(session: number, device: string, address: bigint): number | undefined {
    const held = this.#open.filter((map) => map.device === device && map.start <= address && address < map.end)
    return (held.findLast((map) => map.session === session) ?? held.at(-1))?.id
  }
}
