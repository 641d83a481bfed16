/**
 * The reaper (trap/reaper/), a program beside this process that survives it: at our end, whatever that is, it kills all
 * that it started for us and removes the folders that we have not put away ourselves; only then it says why. It must
 * not depend on anything that we have loaded. What it starts, and whatever that starts, is known by the kernel's word.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { withoutSecrets } from './child-environment.js'
import { toMessage, TraplineError } from './errors.js'
import { reaperProgram } from './paths.js'
import { signalIfThere } from './processes.js'
import { stopLimitSeconds, watchStopped } from './stopped-process.js'

export interface ReapedFolder {
  /** However we end, it is as it should be: the folder goes away, and nobody is told of an end. */
  setQuiet(): void
  /** The reaper need not remove it any more: it stays, or is gone. */
  forget(): void
}

/** A process that is below the reaper. */
export interface ReapedProcess {
  /** Path of the file. */
  program: string
  /** Its arguments, the first of which is the name that it sees as its own. */
  args: string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** What its first descriptors are, one word for each or a descriptor of ours, as `spawn` has it. */
  stdio: ('inherit' | 'ignore' | 'pipe' | number)[]
}

export interface Orphan {
  pid: number
  /** The beginning of its command line. */
  command: string
}

/** The letters of trap/reaper/request.h. */
const letters = { add: 'f', quiet: 'q', forget: 'd', sweep: 's' }

class Reaper {
  readonly #socket: Socket
  readonly #swept: ((killed: Orphan[] | undefined) => void)[] = []
  /** Who has been told of as killed, by pid: it may take rounds until one is gone. */
  readonly #killed = new Map<string, Orphan>()
  #isGone = false
  #whyGone = 'was killed'

  constructor() {
    if (!existsSync(reaperProgram))
      throw new TraplineError('bridge', `${reaperProgram} is not built; run \`npm run build\` in Trapline's folder`)
    const args = ['watch', String(process.pid), String(stopLimitSeconds)]
    const child = spawn(reaperProgram, args, {
      env: withoutPreload({ ...process.env, ...withoutSecrets }),
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    })
    child.on('error', (error) => (this.#whyGone = `can't be started (${toMessage(error)})`))
    child.unref()
    this.#socket = socketOf(child)
    this.#socket.on('error', () => undefined)
    this.#socket.unref()
    this.#endIfStopped(child.pid)
    let text = ''
    this.#socket.on('data', (data) => {
      const lines = (text + data.toString('utf8')).split('\n')
      text = lines.pop() ?? ''
      lines.forEach((line) => this.#take(line))
    })
    this.#socket.once('close', () => {
      this.#isGone = true
      this.#conclude(undefined)
    })
  }

  watch(folder: string): ReapedFolder {
    const { dev, ino } = statSync(folder, { bigint: true })
    this.#say(letters.add, `${dev} ${ino} ${folder}`)
    return {
      setQuiet: () => this.#say(letters.quiet, folder),
      forget: () => this.#say(letters.forget, folder),
    }
  }

  start(verb: 'keep' | 'hand', { program, args, env, cwd, stdio }: ReapedProcess): ChildProcess {
    if (this.#isGone) throw new TraplineError('bridge', `the reaper that ends what Trapline starts ${this.#whyGone}`)
    const command = [verb, String(process.pid), String(stdio.length), program, ...args]
    const passed = [...stdio, this.#socket] as StdioOptions
    const options = { env: withoutPreload(env), cwd, stdio: passed, detached: verb === 'keep' }
    const child = spawn(reaperProgram, command, options)
    // Node pauses a stream that it passes on.
    this.#socket.resume()
    return child
  }

  async sweep(): Promise<Orphan[] | undefined> {
    if (this.#isGone) return undefined
    const swept = new Promise<Orphan[] | undefined>((resolve) => this.#swept.push(resolve))
    this.#say(letters.sweep)
    return await swept
  }

  #say(letter: string, words = ''): void {
    if (!this.#isGone) this.#socket.write(`${letter}${words}\0`)
  }

  /** The other one then does its part. */
  #endIfStopped(pid: number | undefined): void {
    const stopWatching = watchStopped(
      () => pid,
      () => signalIfThere(pid, 'SIGKILL'),
    )
    this.#socket.once('close', stopWatching)
  }

  #take(line: string): void {
    const [word, pid, command] = line.split(/ (\d+)(?: (.*))?$/s)
    if (word === 'deputy') this.#endIfStopped(Number(pid))
    else if (word === 'killed') this.#note(pid ?? '', command ?? '')
    else if (word === 'swept') this.#conclude([...this.#killed.values()])
  }

  #note(pid: string, command: string): void {
    if (!this.#killed.has(pid)) this.#killed.set(pid, { pid: Number(pid), command })
  }

  #conclude(killed: Orphan[] | undefined): void {
    for (const resolve of this.#swept.splice(0)) resolve(killed)
    this.#killed.clear()
  }
}

/** Without a free descriptor a child has no streams at all. */
function socketOf({ stdio }: Partial<ChildProcess>): Socket {
  const socket = stdio?.[3]
  if (socket) return socket as Socket
  throw new TraplineError('bridge', 'the reaper could not be started for want of descriptors; raise `ulimit -n`')
}

/** What the user preloads is meant for hosts. */
function withoutPreload(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const own = { ...env }
  delete own.LD_PRELOAD
  return own
}

let reaper: Reaper | undefined

function theReaper(): Reaper {
  return (reaper ??= new Reaper())
}

/** From now on the folder goes away with us. */
export function reapFolder(folder: string): ReapedFolder {
  return theReaper().watch(folder)
}

/**
 * Starts a program that the kernel kills when its reaper is killed. The child stands in for it: it ends as the program
 * does, and hands SIGTERM on. It and the program each have a session of their own.
 */
export function startReaped(reaped: ReapedProcess): ChildProcess {
  return theReaper().start('keep', reaped)
}

/** Starts a program that is known by its descriptors only, in our session and group; the child ends at once. */
export function handToReaper(reaped: ReapedProcess): ChildProcess {
  return theReaper().start('hand', reaped)
}

/**
 * Kills what has lost its parents and is nobody's any more. Returns what they were; undefined if the reaper was killed.
 */
export function sweepOrphans(): Promise<Orphan[] | undefined> {
  return reaper?.sweep() ?? Promise.resolve([])
}
