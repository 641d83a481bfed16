/**
 * Runs tools below a parent of their own (trap/tool_keeper/): whatever they start ends with them, with us, or when it
 * is given up, by the kernel's word. A driver that is ended alone leaves its compilers at work.
 */
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { basename } from 'node:path'
import type { execa } from 'execa'
import { withoutSecrets } from '../ground/child-environment.js'
import { TraplineError } from '../ground/errors.js'
import { checkOpenFiles } from '../ground/open-files.js'
import { toolKeeperProgram } from '../ground/paths.js'
import { markedProcesses, signalIfThere } from '../ground/processes.js'

export interface KeptOptions {
  cwd?: string | undefined
  /** Variables that are added to our own environment, or replace some of it; undefined takes one away. */
  env?: NodeJS.ProcessEnv | undefined
  /** Ends it and all that it started. */
  signal?: AbortSignal | undefined
  /** `pipe`: as long as the writer leaves it open. */
  stdin?: 'ignore' | 'pipe'
}

/** The lifeline of a tool: its keeper ends everything when it closes. */
const lifeline = 3

/**
 * Carried by all that a tool starts, and of no meaning to them: by it we know what a keeper left that was itself
 * killed.
 */
const markName = 'TRAPLINE_TOOL'
let toolCount = 0

/** Resolves with its end as execa has it, whose `all` is what it printed, in order. It never rejects. */
export async function runKept(command: string, args: string[], options?: KeptOptions) {
  const startKept = await loadKeptStarter()
  return await startKept(command, args, options)
}

/** What starts a process as execa has it. A model that stands in the cache needs none, and does not wait for execa. */
export async function loadKeptStarter() {
  const loaded = await import('execa')
  return (command: string, args: string[], options?: KeptOptions) => startKept(loaded.execa, command, args, options)
}

function startKept(
  start: typeof execa,
  command: string,
  args: string[],
  { cwd, env, signal, stdin = 'ignore' }: KeptOptions = {},
) {
  checkToolKeeper()
  checkOpenFiles(basename(command))
  const mark = `${process.pid}-${++toolCount}`
  const child = start(toolKeeperProgram, [command, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...withoutSecrets, ...env, [markName]: mark },
    all: true,
    reject: false,
    stdio: [stdin, 'pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C at the terminal is for us, who end it.
    detached: true,
    cleanup: false,
  })
  const end = () => {
    const socket = child.stdio[lifeline] as unknown as Socket | undefined
    socket?.end()
    // One that was stopped would not see it.
    signalIfThere(child.pid, 'SIGCONT')
  }
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end)
  // Not when its output is closed: what a killed keeper leaves has that open for as long as it goes on.
  child.once('exit', (_, how) => {
    if (how === 'SIGKILL') endMarked(`${markName}=${mark}`)
  })
  void child.then(() => signal?.removeEventListener('abort', end))
  return child
}

/** One that is about to be killed may start another. */
const mostRounds = 100

function endMarked(mark: string): void {
  for (let round = 0; round < mostRounds; round++) {
    const left = markedProcesses(mark)
    if (left.length === 0) return
    for (const pid of left) signalIfThere(pid, 'SIGKILL')
  }
}

function checkToolKeeper(): void {
  if (existsSync(toolKeeperProgram)) return
  throw new TraplineError('build', `${toolKeeperProgram} is not built; run \`npm run build\` in Trapline's folder`)
}
