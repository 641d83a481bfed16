// Processes that say in the ledger that they are there: the kernel has the last word.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import {
  createLedger,
  publishedAt,
  publishedLayout,
  replyAt,
  residentsAt,
  residentsLayout,
} from '../../../bridge/run/ledger.js'
import { Residents } from '../../../bridge/run/residents.js'
import { makeScratch } from '../../support/scratch.js'

function makeResidents() {
  const { path } = makeScratch()
  createLedger(path)
  const file = join(path, 'ledger')
  const write = (at: number, bytes: Buffer) => {
    const descriptor = openSync(file, 'r+')
    writeSync(descriptor, bytes, 0, undefined, at)
    closeSync(descriptor)
  }
  const moveIn = (place: number, pid: number, argument: bigint) => {
    const bytes = Buffer.alloc(residentsLayout.bytes)
    bytes.writeInt32LE(pid)
    bytes.writeBigUInt64LE(argument, 8)
    write(residentsAt + residentsLayout.firstAt + place * residentsLayout.bytes, bytes)
  }
  return { residents: new Residents(path), moveIn, read: () => readFileSync(file) }
}

/** Field 48 of proc_pid_stat(5). */
function ownArgument(): bigint {
  const line = readFileSync('/proc/self/stat', 'latin1')
  return BigInt(line.slice(line.lastIndexOf(')') + 2).split(' ')[45] ?? '')
}

const own = { pid: process.pid, exe: '', isLocal: true }
const pidOfNobody = 2 ** 22 + 1

it('a process whose arguments lie where it says is there', () => {
  const { residents, moveIn } = makeResidents()
  expect(residents.processes).toEqual([])
  moveIn(3, process.pid, ownArgument())
  moveIn(7, process.pid, ownArgument())
  expect(residents.processes).toEqual([own])
})

it('another program of the same number, and one that has ended, are not', () => {
  const { residents, moveIn } = makeResidents()
  moveIn(3, process.pid, ownArgument() - 1n)
  moveIn(4, pidOfNobody, ownArgument())
  expect(residents.processes).toEqual([])
  // Who comes to such a place is looked at anew.
  moveIn(3, process.pid, ownArgument())
  moveIn(4, process.pid, ownArgument())
  expect(residents.processes).toEqual([own])
})

it('what is published stays, and what has no room is not', () => {
  const { residents, read } = makeResidents()
  residents.publish(Buffer.alloc(publishedLayout.most + 1, 1))
  expect(read().readBigUInt64LE(publishedAt)).toBe(0n)
  residents.publish(Buffer.from('first'))
  residents.publish(Buffer.from('second'))
  expect(read().readBigUInt64LE(publishedAt)).toBe(5n)
  expect(read().toString('latin1', replyAt, replyAt + 6)).toBe('first\0')
  expect(read().toString('latin1', publishedAt + 8)).toMatch(/^pid:\[\d+\]\0/)
})
