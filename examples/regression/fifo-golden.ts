// What the FIFO should do, as a golden model: it can stand in for the RTL, or run beside it in lockstep.
import { BusError, type GoldenModel, type GoldenParameters } from 'trapline'

export default class Fifo implements GoldenModel {
  readonly #depth: number
  #words: bigint[] = []

  constructor({ Depth = 16 }: GoldenParameters) {
    this.#depth = Number(Depth)
  }

  read(address: bigint): bigint | number {
    if (address === 0x0n) return this.#words.shift() ?? 0
    if (address === 0x4n) return this.#words.length
    if (address === 0x8n) return this.#depth
    throw new BusError()
  }

  write(address: bigint, value: bigint): void {
    if (address !== 0x0n) throw new BusError()
    if (this.#words.length < this.#depth) this.#words.push(value)
  }

  reset(): void {
    this.#words = []
  }
}
