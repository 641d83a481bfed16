/**
 * Processes of a run that do without the bridge until they come to a device. What the first one was told of the devices
 * stands in the ledger for all others; there they say that they have come, since simulated time stands still while one
 * of them works. That one has gone is known by the kernel's word.
 */
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ownPidNamespace } from '../ground/pid-namespace.js'
import { ledgerFile } from './layout.js'
import { publishedAt, publishedLayout, replyAt, residentsAt, residentsLayout } from './ledger.js'

interface Resident {
  pid: number
  /** Within its arguments, as they lie in its memory. */
  argument: bigint
}

const { most, bytes, countBytes, firstAt } = residentsLayout
const { lengthBytes, namespaceBytes } = publishedLayout

export class Residents {
  readonly #count = Buffer.alloc(countBytes)
  readonly #places = Buffer.alloc(most * bytes)
  /** By place, what stands there of one that has gone. */
  readonly #gone = new Map<number, bigint>()
  /** Open from before there are hosts, which may remove the file. */
  readonly #file: number
  #isPublished = false

  constructor(runDirectory: string) {
    this.#file = openSync(join(runDirectory, ledgerFile), constants.O_RDWR | constants.O_NOFOLLOW)
  }

  /** An AttachReply. Processes that find none ask by themselves, as do those of other pid namespaces. */
  publish(reply: Buffer): void {
    const namespace = ownPidNamespace().split(' ')[1] ?? ''
    if (this.#isPublished || reply.length > publishedLayout.most || namespace === '') return
    this.#isPublished = true
    const named = Buffer.alloc(namespaceBytes)
    named.write(namespace)
    const length = Buffer.alloc(lengthBytes)
    length.writeBigUInt64LE(BigInt(reply.length))
    writeSync(this.#file, named, 0, undefined, publishedAt + lengthBytes)
    writeSync(this.#file, reply, 0, undefined, replyAt)
    // Who reads the length finds the rest.
    writeSync(this.#file, length, 0, undefined, publishedAt)
  }

  /** How many have come so far. */
  get count(): number {
    readSync(this.#file, this.#count, 0, countBytes, residentsAt)
    return Number(this.#count.readBigUInt64LE())
  }

  /** Those that are there. */
  get processes(): { pid: number; exe: string; isLocal: boolean }[] {
    readSync(this.#file, this.#places, 0, this.#places.length, residentsAt + firstAt)
    const there: number[] = []
    for (let place = 0; place < most; place++) {
      const resident = this.#residentAt(place)
      if (resident.pid <= 0 || this.#gone.get(place) === resident.argument) continue
      this.#gone.delete(place)
      if (isThere(resident)) there.push(resident.pid)
      else this.#gone.set(place, resident.argument)
    }
    return [...new Set(there)].map((pid) => ({ pid, exe: '', isLocal: true }))
  }

  #residentAt(place: number): Resident {
    const at = place * bytes
    return { pid: this.#places.readInt32LE(at), argument: this.#places.readBigUInt64LE(at + 8) }
  }

  close(): void {
    closeSync(this.#file)
  }
}

/**
 * Where the arguments of a program lie is random: another one under its number has them elsewhere. Fields 3, 48 and 49
 * of proc_pid_stat(5), counted behind the name; the kernel has 0 for what is not ours to know.
 */
function isThere({ pid, argument }: Resident): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    const [state = '', begin = '0', end = '0'] = [fields[0], fields[45], fields[46]]
    if (state === 'Z') return false
    return BigInt(begin) === 0n || (BigInt(begin) <= argument && argument < BigInt(end))
  } catch {
    return false
  }
}
