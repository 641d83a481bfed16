/**
 * What a bridge that runs elsewhere says over `AgentService.Watch`, looked over before anything is done with it: it may
 * be none of ours. What passes names plain files of a run directory, with sizes and places that they can have.
 */
import { isAbsolute, normalize } from 'node:path'
import { toPrintable } from '../ground/printable.js'
import { mostBytes } from '../wire/contract-limits.js'
import { launcherNames, rootFolder } from '../run/layout.js'
import type { MemoryAccess, WatchReply } from '../wire/watch-messages.js'

/** The sentence goes on behind `the bridge at …`. */
export class Breach extends Error {}

/** Where sizes of its memory are known. */
export type SizeOf = (memory: string) => bigint | undefined

/** More than 64 devices can have. */
const mostNames = 128
const longestName = 64
const longestPath = 1_024
/** What a process can map. */
const largestMemory = 1n << 46n
const largestPid = 4_194_304
/** Bytes of one access to memory: what a model can ask for (model.proto). */
const largestPiece = mostBytes('DmaRequest.data')

/** Throws a Breach if the reply can't be of one of our bridges. */
export function checkReply({ place, checkIn, file, memory, socket }: WatchReply, sizeOf: SizeOf): void {
  if (place) checkPlace(place)
  if (checkIn) checkRange('the pid of a host', BigInt(checkIn.pid), BigInt(largestPid))
  if (file) {
    checkPath(file.path)
    if (file.link) checkLink(file.path, file.link)
  }
  if (memory) checkAccess(memory, sizeOf(memory.name))
  if (socket) checkRange('a connection', BigInt(socket.connection), 0xffff_ffffn)
}

function checkPlace({ directory, sockets, memories }: Required<WatchReply>['place']): void {
  const isPlain = isAbsolute(directory) && normalize(directory) === directory && !directory.includes('\0')
  if (!isPlain || directory.length > longestPath)
    throw new Breach(`names ${quote(directory)} as its run directory, which is no absolute path of a folder`)
  const names = [...sockets, ...memories.map(({ name }) => name)]
  if (names.length > mostNames)
    throw new Breach(`names ${names.length} sockets and memories; ${mostNames} are possible`)
  for (const name of names) checkName(name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Breach(`names ${quote(twice)} twice`)
  for (const { name, size } of memories) checkRange(`memory ${name}, its bytes`, BigInt(size), largestMemory)
}

function checkName(name: string): void {
  if (!/^\w[\w.-]*$/.test(name) || name.length > longestName)
    throw new Breach(`names ${quote(name)}, which can be no file of a run directory`)
  if (launcherNames.includes(name)) throw new Breach(`names ${quote(name)}, which is a file of the launcher's own`)
}

/** The tree of /sys, and nothing beside it. */
function checkPath(path: string): void {
  const [first, ...names] = path.split('/')
  const isPlain = names.every((name) => !['', '.', '..'].includes(name) && !name.includes('\0'))
  if (first !== rootFolder || names.length === 0 || !isPlain || path.length > longestPath)
    throw new Breach(`sends the file ${quote(path)}, which is outside of what it may mirror`)
}

/** Goes up first and then down, and never above the tree: a link that it meets on its way does not either. */
function checkLink(path: string, target: string): void {
  const [, ups = '', names = ''] = /^((?:\.\.\/)*)(.*)$/s.exec(target) ?? []
  const folders = path.split('/').length - 1
  if (ups.length / 3 >= folders || target.length > longestPath)
    throw new Breach(`sends the link ${quote(path)} to ${quote(target)}, which is outside of what it may mirror`)
  checkPath(`${rootFolder}/${names}`)
}

function checkAccess({ name, position, size, data }: MemoryAccess, memoryBytes: bigint | undefined): void {
  if (memoryBytes === undefined) throw new Breach(`asks for the memory ${quote(name)}, which it has not named`)
  const bytes = size + data.length
  if (bytes === 0 || bytes > largestPiece || (size > 0 && data.length > 0))
    throw new Breach(
      `asks to read ${size} and write ${data.length} bytes of ${name}; one of them, to ${largestPiece}, is possible`,
    )
  if (BigInt(position) + BigInt(bytes) > memoryBytes)
    throw new Breach(`asks for ${bytes} bytes at ${position} of ${name}, which has ${memoryBytes} bytes`)
}

/** These numbers begin with 1. */
function checkRange(what: string, value: bigint, most: bigint): void {
  if (value < 1n || value > most) throw new Breach(`says ${value} for ${what}; 1 to ${most} are possible`)
}

function quote(words: string): string {
  return `'${toPrintable(words)}'`
}
