/** Who waits, and for what. */
import type { Sleep } from '../wire/notices.js'

export interface Process {
  pid: number
  exe: string
  /** Whether its pid is one of this machine and namespace, so that what /proc says of it is its own. */
  isLocal: boolean
}

/** Whether a pid that a host has told of may be looked at: one that has not checked in is where all others are. */
export function isLocalPid(pid: number, known: Process[]): boolean {
  const process = known.findLast((one) => one.pid === pid)
  return process ? process.isLocal : known.every(({ isLocal }) => isLocal)
}

/** A thread of a host that waits for the interrupt of a device. */
export interface Waiter {
  /** The connection that it waits on. */
  owner: object
  device: string
  tid: string
  pid: number
  /** 0 for ever. */
  timeoutNs: bigint
  /** Present if it does not wait for an interrupt, but polls this place of the device's memory. */
  polls?: bigint
}

/** A range of host memory, by its bus address. */
export interface Watched {
  address: bigint
  size: bigint
}

/** From the first byte of all to the last; of none it has no size. */
export function hullOf([first, ...others]: Watched[]): Watched {
  return others.reduce(
    (hull, { address, size }) => {
      const begin = address < hull.address ? address : hull.address
      const [end, otherEnd] = [hull.address + hull.size, address + size]
      return { address: begin, size: (end > otherEnd ? end : otherEnd) - begin }
    },
    first ?? { address: 0n, size: 0n },
  )
}

/** What a host that polls memory lets time pass for. */
export interface Polling {
  /** Any memory if absent. */
  watched: Watched | undefined
  /** `udmabuf0+0x10`, for people. */
  place: string
  /** The most cycles of the fastest model that may pass. */
  cycles: bigint
  tid: string
  pid: number
}

/** A thread of a host that lets time pass. */
export interface Sleeper extends Sleep {
  deadlinePs: bigint
  /** Present if it wakes when the RTL writes there, too. */
  polling: Polling | undefined
  /** Whether an interrupt that it waits for, too, has ended the wait. */
  interrupted: boolean
  wake(): void
}
