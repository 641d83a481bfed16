/**
 * Runs tools below a parent of their own (trap/tool_keeper/): whatever they start ends with them, with us, or when it is given
 * up, by the kernel's word. A driver that is ended alone leaves its compilers at work.
 */
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { basename } from 'node:path'
import { execa } from 'execa'
import { withoutSecrets } from '../child-environment.js'
import { TraplineError } from '../errors.js'
import { checkOpenFiles } from '../open-files.js'
import { toolKeeperProgram } from '../paths.js'

export interface KeptOptions {
  cwd?: string | undefined
  /** Beyond our own environment, or instead of it; undefined takes a variable away. */
  env?: NodeJS.ProcessEnv | undefined
  /** Ends it and all that it started. */
  signal?: AbortSignal | undefined
  /** `pipe`: as long as the writer leaves it open. */
  stdin?: 'ignore' | 'pipe'
}

/** The lifeline of a tool: its keeper ends everything when it closes. */
const lifeline = 3

/** A process as execa has it, whose `all` is what tools print, in order. It never rejects. */
export function startKept(command: string, args: string[], { cwd, env, signal, stdin = 'ignore' }: KeptOptions = {}) {
  checkToolKeeper()
  checkOpenFiles(basename(command))
  const child = execa(toolKeeperProgram, [command, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...withoutSecrets, ...env },
    all: true,
    reject: false,
    stdio: [stdin, 'pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C at the terminal is for us, who end it; and what a killed keeper leaves is known by it.
    detached: true,
    cleanup: false,
  })
  const end = () => {
    const socket = child.stdio[lifeline] as unknown as Socket | undefined
    socket?.end()
    // One that was stopped would not see it.
    send(child.pid, 'SIGCONT')
  }
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end)
  void child.then(({ signal: how }) => {
    signal?.removeEventListener('abort', end)
    if (how === 'SIGKILL' && child.pid !== undefined) send(-child.pid, 'SIGKILL')
  })
  return child
}

/** Also to a group, by its number's opposite. It may have ended by itself. */
function send(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(pid, signal)
  } catch {
    return
  }
}

function checkToolKeeper(): void {
  if (existsSync(toolKeeperProgram)) return
  throw new TraplineError('build', `${toolKeeperProgram} is not built; run \`npm run build\` in Trapline's folder`)
}
