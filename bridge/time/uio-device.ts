/**
 * One UIO device as its hosts know it: a count of interrupts, a mask, and a connection for each open(). Behaves as the
 * kernel's uio_pdrv_genirq (drivers/uio/uio_pdrv_genirq.c): an interrupt masks itself when it is let through; unmasked
 * with its line still high, or with an edge since, it comes again.
 */
import type { Socket } from 'node:net'

export interface UioEvents {
  /** The count has grown, and every connection has been told. */
  onInterrupt(count: number): void
}

export class UioDevice {
  #count = 0
  #level = false
  /** An edge that came while the interrupt was masked. */
  #latched = false
  #masked = false
  readonly #connections = new Set<Socket>()

  constructor(
    private readonly trigger: 'level' | 'edge',
    private readonly events: UioEvents,
  ) {}

  get count(): number {
    return this.#count
  }

  /** A host has opened the device: it is told the count as it stands. */
  open(connection: Socket): void {
    this.#connections.add(connection)
    connection.once('close', () => this.#connections.delete(connection))
    tell(connection, this.#count)
  }

  /** The interrupt line has changed. */
  change(level: boolean): void {
    if (level && !this.#level) this.#latched = true
    this.#level = level
    this.#letThrough()
  }

  mask(): void {
    this.#masked = true
  }

  unmask(): void {
    this.#masked = false
    this.#letThrough()
  }

  #letThrough(): void {
    const isActive = this.trigger === 'level' ? this.#level : this.#latched
    if (this.#masked || !isActive) return
    this.#latched = false
    this.#masked = true
    this.#count = (this.#count + 1) >>> 0
    for (const connection of this.#connections) tell(connection, this.#count)
    this.events.onInterrupt(this.#count)
  }
}

/** Unsigned, 32 bits, little-endian (proto/trapline/v1/notice.proto). */
function tell(connection: Socket, count: number): void {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(count)
  connection.write(bytes)
}
