/**
 * What this process was started with and Node has made its own: descriptors beyond the streams, which it marks to be
 * closed at an exec; ignored signals, which it sets back; the soft limit of open files, which it raises to the hard
 * one. A program that `trapline run` starts shall have them as natively. Of signals and limits only our parent still
 * knows. Imports Node's own modules only, for start.ts.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

export interface Inherited {
  readonly descriptors: readonly number[]
  /** Numbers of signals. */
  readonly ignored: readonly number[]
  readonly openFiles: number | undefined
}

interface OpenDescriptor {
  number: number
  target: string
  /** As open(2) has them. */
  flags: number
}

/** More can't be passed over a socket in one message, with what goes with them (SCM_MAX_FD). */
const mostPassed = 200
const firstBeyondStreams = 3

const flag = { access: 0o3, nonBlocking: 0o4000, closeOnExec: 0o2000000 }

/**
 * Signals that are ignored for others. Of the rest our parent may well ignore one for itself alone, as shells do with
 * SIGQUIT and SIGTERM, and system(3) with SIGINT.
 */
const handedOn = { SIGHUP: 1, SIGUSR1: 10, SIGUSR2: 12, SIGALRM: 14 }

let inherited: Inherited = { descriptors: [], ignored: [], openFiles: undefined }

/** Before anything is opened, and Node opens more as soon as streams are used. */
export function findInherited(): Inherited {
  const parent = `/proc/${process.ppid}`
  const shown = unlessRefused(() => readFileSync(`${parent}/status`, 'latin1')) ?? ''
  const ignored = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(shown)?.[1] ?? '0'}`)
  return {
    descriptors: unlessRefused(findDescriptors)?.slice(0, mostPassed) ?? [],
    ignored: Object.values(handedOn).filter(
      (signal) => (ignored >> BigInt(signal - 1)) & 1n || (signal === handedOn.SIGHUP && isBehindNohup()),
    ),
    openFiles: unlessRefused(() => softLimitIn(readFileSync(`${parent}/limits`, 'latin1'))),
  }
}

export function noteInherited(found: Inherited): void {
  inherited = found
}

/** Whether the signal was to be ignored by whatever our parent starts. */
export function isIgnored(signal: number): boolean {
  return inherited.ignored.includes(signal)
}

/** What the host gets, whose keeper takes it over: descriptors once, for they are closed here then. */
export function takeInherited(): Inherited {
  const taken = inherited
  inherited = { ...inherited, descriptors: [] }
  return taken
}

/** nohup becomes what it starts, so nobody is left to ask; but shells write into `_` what they start themselves. */
function isBehindNohup(): boolean {
  return basename(process.env._ ?? '') === 'nohup'
}

function softLimitIn(limits: string): number | undefined {
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? []
  return soft === undefined ? undefined : Number(soft)
}

function findDescriptors(): number[] {
  // Whoever talks with us over a descriptor of Node's has started us as a part of itself; a debugger does so, too.
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  if (process.connected || options.includes('--inspect')) return []
  const open = readdirSync('/proc/self/fd').flatMap((name) => describe(Number(name)) ?? [])
  const jobs = jobDescriptors()
  const others = open.filter(
    (end) => jobs.includes(end.number) || !(isOwn(end) || open.some((other) => arePipe(end, other))),
  )
  return others.map(({ number }) => number).sort((one, other) => one - other)
}

/** Undefined for the descriptor by which the list was read. */
function describe(number: number): OpenDescriptor | undefined {
  if (number < firstBeyondStreams) return undefined
  return unlessRefused(() => {
    const [, flags = '0'] = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, 'latin1')) ?? []
    return { number, target: readlinkSync(`/proc/self/fd/${number}`), flags: parseInt(flags, 8) }
  })
}

/** What Node has opened, apart from pipes. */
function isOwn({ target }: OpenDescriptor): boolean {
  return /^anon_inode:\[(eventfd|eventpoll|io_uring)\]$|^\/dev\/u?random$/.test(target)
}

/** Both ends of a pipe, alike, as those are by which Node's threads wake each other. */
function arePipe(end: OpenDescriptor, other: OpenDescriptor): boolean {
  const isOnePipe = end.target.startsWith('pipe:') && end.target === other.target
  const readsAndWrites = (end.flags & flag.access) + (other.flags & flag.access) === 1
  const isAlike = ((end.flags ^ other.flags) & (flag.nonBlocking | flag.closeOnExec)) === 0
  return isOnePipe && readsAndWrites && isAlike && (end.flags & flag.closeOnExec) !== 0
}

/** What `make` tells its children of its jobs, whose pipe has both ends here as well. */
function jobDescriptors(): number[] {
  const [, one, other] = /--jobserver-(?:auth|fds)=(\d+),(\d+)/.exec(process.env.MAKEFLAGS ?? '') ?? []
  return one === undefined ? [] : [Number(one), Number(other)]
}

function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
