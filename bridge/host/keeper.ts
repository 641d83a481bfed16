/**
 * The keeper of a host (trap/keeper/keeper.c): its parent, and the ancestor of all that it starts. So what is left of a
 * host is known by the kernel's word, whatever it has made of its session, its parent, its name and its environment.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { basename } from 'node:path'
import { constants } from 'node:os'
import type { Socket } from 'node:net'
import { getSystemErrorMap } from 'node:util'
import { Deferred } from '../ground/deferred.js'
import { withoutSecrets } from '../ground/child-environment.js'
import { takeInherited } from '../ground/inherited.js'
import { keeperProgram } from '../ground/paths.js'
import { handToReaper, sweepOrphans } from '../ground/reaper.js'
import { untilEnded } from '../ground/processes.js'
import { watchStopped } from '../ground/stopped-process.js'

export interface HostEnd {
  /** The host's own status, or 128 + the signal that killed it. */
  exitStatus: number
  /** That signal. */
  signal?: string
  /** Nobody knows how it ended. */
  isUnknown?: boolean
}

/** A process below the host. */
export interface Descendant {
  pid: number
  /** The beginning of its command line. */
  command: string
}

/** One without the agent. */
export interface Stranger extends Descendant {
  /** `was started without …` */
  reason: string
}

export interface KeptProgram {
  /** Path of the file. */
  program: string
  /** What it sees as its own name. */
  name: string
  args: string[]
  /** Path of the agent, to look for descendants without it; undefined: nobody looks. */
  agent?: string
  /** What it gets beyond our own environment, and its keeper does not. */
  variables: Record<string, string>
  /** Where it reaches, for a host that gave up reaching it, what belongs to the run (trap/keeper/broker.h). */
  broker?: { bridge: string; runDirectory: string }
  onStranger?(stranger: Stranger): void
}

/**
 * The keeper's environment may be read by whoever looks for processes of a run; so it must not have the variables
 * themselves.
 */
const variablePrefix = 'KEEPER_'
/** The kernel keeps 15 characters of a program's name. */
const keeperName = basename(keeperProgram).slice(0, 15)

export class Keeper {
  /** Resolves with the pid of the host; rejects if it can't be started. */
  readonly started: Promise<number>
  /** Resolves when the host has ended; never rejects. */
  readonly ended: Promise<HostEnd>
  /** Resolves when nothing is left of it. */
  readonly empty: Promise<void>
  /** What was there when all was ended. */
  readonly killed: Descendant[] = []
  /** It was killed, and so was whoever else knew what it left. */
  isLost = false
  readonly #child: ChildProcess
  readonly #socket: Socket
  readonly #lists: ((descendants: Descendant[]) => void)[] = []
  #listed: Descendant[] = []
  #isEmpty = false

  constructor({ program, name, args, agent = '', variables, broker, onStranger }: KeptProgram) {
    const hidden = Object.entries(variables).map(([key, value]) => [`${variablePrefix}${key}`, value])
    const env = { ...process.env, ...withoutSecrets, ...Object.fromEntries(hidden) }
    // Where it finds words as we were given them: here they are text.
    env.TRAPLINE_KEPT_LAUNCHER = String(process.pid)
    if (broker) Object.assign(env, { TRAPLINE_KEPT_BRIDGE: broker.bridge, TRAPLINE_KEPT_RUN_DIR: broker.runDirectory })
    const command = [keeperProgram, agent, program, name, ...args]
    const { descriptors, ignored, openFiles } = takeInherited()
    env.TRAPLINE_KEPT_DESCRIPTORS = descriptors.join(' ')
    env.TRAPLINE_KEPT_IGNORED = ignored.join(' ')
    if (openFiles !== undefined) env.TRAPLINE_KEPT_OPEN_FILES = String(openFiles)
    const stdio = ['inherit', 'inherit', 'inherit', 'pipe', ...descriptors] as const
    this.#child = handToReaper({ program: keeperProgram, args: command, env, stdio: [...stdio] })
    // Who reads until the host has closed its end does not wait for us.
    for (const descriptor of descriptors) closeSync(descriptor)
    this.#socket = this.#child.stdio[3] as Socket
    this.#socket.on('error', () => undefined)
    const failed = once(this.#child, 'error').then(([error]) => Promise.reject(error as Error))
    failed.catch(() => undefined)
    const starting = new Deferred<number>()
    let end: (end: HostEnd) => void = () => undefined
    this.started = Promise.race([failed, starting.promise])
    this.ended = new Promise((resolve) => (end = resolve))
    let isEmpty = false
    let pid: number | undefined
    let host: number | undefined
    const stopWatching = watchStopped(
      () => pid,
      () => pid !== undefined && process.kill(pid, 'SIGKILL'),
    )
    const take = (line: string) => {
      const [word, value = '', command = ''] = line.split(/ (.*?)(?: (.*))?$/s)
      if (word === 'started') starting.resolve((host = Number(value)))
      else if (word === 'failed') starting.reject(toStartError(Number(value)))
      else if (word === 'ended') end(toHostEnd(Number(value)))
      else if (word === 'left') this.#listed.push({ pid: Number(value), command })
      else if (word === 'killed') this.killed.push({ pid: Number(value), command })
      else if (word === 'stranger') onStranger?.(toStranger(Number(value), command))
      else if (word === 'listed') this.#answerList()
      else if (word === 'keeper') pid = Number(value)
      else if (word === 'empty') isEmpty = true
    }
    let text = ''
    this.#socket.on('data', (data) => {
      const lines = (text + data.toString('utf8')).split('\n')
      text = lines.pop() ?? ''
      lines.forEach(take)
    })
    this.empty = new Promise<void>((resolve) => this.#socket.once('close', () => resolve())).then(async () => {
      this.#isEmpty = true
      stopWatching()
      // What it leaves becomes the reaper's only now.
      if (!isEmpty) await untilEnded(pid, keeperName)
      if (!isEmpty) this.#note(await sweepOrphans(), host)
      starting.reject(new Error('its keeper was killed'))
      end({ exitStatus: 125, isUnknown: true })
      this.#lists.splice(0).forEach((answer) => answer([]))
    })
    this.started.catch(() => undefined)
  }

  /** What is left, the host itself included. */
  list(): Promise<Descendant[]> {
    if (this.#isEmpty) return Promise.resolve([])
    const listed = new Promise<Descendant[]>((resolve) => this.#lists.push(resolve))
    this.#socket.write('l')
    return listed
  }

  signalAll(signal: NodeJS.Signals): void {
    if (!this.#isEmpty) this.#socket.write(`s${constants.signals[signal]} `)
  }

  endAll(): void {
    if (!this.#isEmpty) this.#socket.write('e')
  }

  #note(orphans: Descendant[] | undefined, host: number | undefined): void {
    this.isLost = orphans === undefined
    this.killed.push(...(orphans ?? []).filter(({ pid }) => pid !== host))
  }

  #answerList(): void {
    this.#lists.shift()?.(this.#listed)
    this.#listed = []
  }
}

/** `poke 0: was started …`; the command may have a colon, too. */
function toStranger(pid: number, words: string): Stranger {
  const at = words.lastIndexOf(': ')
  return { pid, command: words.slice(0, at), reason: words.slice(at + 2) }
}

/** What wait(2) says of a process: its exit status in the second byte, or the signal in the first. */
function toHostEnd(status: number): HostEnd {
  const number = status & 0x7f
  if (number === 0) return { exitStatus: (status >> 8) & 0xff }
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return { exitStatus: 128 + number, signal: name ?? `signal ${number}` }
}

function toStartError(errno: number): Error {
  const [name = String(errno), words = 'unknown error'] = getSystemErrorMap().get(-errno) ?? []
  return new Error(`${name}: ${words}`)
}
