/**
 * What went wrong with the RTL's own accesses to host memory: those that it was not given, and those that it never
 * brought to their end. A line for each, and the lists for the report.
 */
import type { Log } from '../ground/log.js'
import { toAddress } from '../map/address-map.js'
import type { DmaFault } from '../wire/wire.js'

const mostLines = 10

export class DmaFaults {
  count = 0
  /** The first of them, as sentences. */
  readonly sentences: string[] = []
  /** What had not come to its end, likewise. */
  readonly unfinished: string[] = []

  constructor(
    private readonly log: Log,
    /** What the model may reach, in words. */
    private readonly describeMemory: (model: string) => string,
  ) {}

  note(model: string, fault: DmaFault): void {
    if (++this.count > mostLines) return
    const { port, write, address, beat, burstAddress, cycle } = fault
    const sentence =
      `model ${model}: port ${port} ${write ? 'writes' : 'reads'} ${toAddress(address)} (beat ${beat} of the ` +
      `burst at ${toAddress(burstAddress)}) in cycle ${cycle}, where no memory is mapped; it got DECERR; ` +
      `mapped are ${this.describeMemory(model)}`
    this.sentences.push(sentence)
    this.log.warn(sentence)
  }

  /** A model has ended, and its manager ports waited for this from its design, a phrase each. */
  noteUnfinished(model: string, waits: string[], cycle: bigint): void {
    for (const wait of waits) {
      const sentence = `model ${model}: a transfer of its own was not over at the end, cycle ${cycle}: ${wait}`
      this.unfinished.push(sentence)
      this.log.warn(sentence)
    }
  }

  /** At the end of the run. */
  settle(): void {
    const more = this.count - this.sentences.length
    if (more > 0) this.log.warn(`and ${more} more accesses of the RTL to memory that is not mapped`)
  }
}
