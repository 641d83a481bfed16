/**
 * Bits of registers that may differ from run to run: `gpio0+0x10` all of them, `gpio0+0x10:0xff00` those of the mask.
 */
import { TraplineError } from '../ground/errors.js'

const form = /^(?<device>.+)\+(?<offset>0x[0-9a-f]+|\d+)(?::(?<mask>0x[0-9a-f]+|\d+))?$/i

export class IgnoredBits {
  readonly #masks = new Map<string, bigint>()

  constructor(flags: string[]) {
    for (const flag of flags) {
      const { device, offset, mask } = form.exec(flag)?.groups ?? {}
      if (device === undefined || offset === undefined)
        throw new TraplineError('usage', `--ignore ${flag}: write it as DEVICE+OFFSET or DEVICE+OFFSET:MASK`)
      this.#masks.set(toKey(device, BigInt(offset)), mask === undefined ? -1n : BigInt(mask))
    }
  }

  /** Bits that are ignored where an access begins. */
  maskOf(device: string, offset: bigint): bigint {
    return this.#masks.get(toKey(device, offset)) ?? 0n
  }

  /** Whether two values are the same but for the bits that are ignored where the access begins. */
  areSame(device: string, offset: bigint, a: bigint | undefined, b: bigint | undefined): boolean {
    const mask = this.maskOf(device, offset)
    if (mask === -1n || a === b) return true
    return a !== undefined && b !== undefined && (a & ~mask) === (b & ~mask)
  }
}

function toKey(device: string, offset: bigint): string {
  return `${device}+${offset}`
}
