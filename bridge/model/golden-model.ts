/**
 * A golden model: what a device should do, written in TypeScript. It can stand in for RTL, or run beside it in
 * lockstep. A file of the configuration's `goldens` exports one such class as its default.
 */

/** How the bus answers an access that the device refuses. */
export class BusError extends Error {
  override readonly name = 'BusError'

  constructor(readonly status: 'SLVERR' | 'DECERR' = 'SLVERR') {
    super(status)
  }
}

export interface GoldenAccess {
  /** The model's port, by its signal prefix; empty where the device names none. */
  port: string
  /** Bytes of the register. */
  widthBytes: number
  /** Its name, where the registers of the device are described: `STATUS`, `CH[1].LIMIT`. */
  register: string | undefined
}

export interface GoldenModel {
  /**
   * The register at a bus address, a multiple of its width. Undefined: it can't be said, and lockstep lets the RTL have
   * its way. Throws BusError where the device refuses. Accesses that are wider come as several, narrower ones as one of
   * the whole register.
   */
  read(address: bigint, access: GoldenAccess): bigint | number | undefined
  /** Only the bits of `mask` are written; whole bytes of it are set. */
  write(address: bigint, value: bigint, mask: bigint, access: GoldenAccess): void
  /** Clock cycles have passed since the last call. In lockstep up to the cycle in which the next access begins. */
  tick?(cycles: bigint): void
  /** Puts the model into the state of the RTL after reset. */
  reset?(): void
  /** Levels of the interrupt outputs that the configuration names; looked at after every access and tick. */
  readonly interrupts?: Record<string, boolean>
}

export type GoldenParameters = Record<string, string | number | boolean>

export type GoldenModelClass = new (parameters: GoldenParameters) => GoldenModel

/** The value of a register after a write: bits of `mask` are new. */
export function merge(old: bigint, value: bigint, mask: bigint): bigint {
  return (old & ~mask) | (value & mask)
}
