/**
 * Models in a sandbox: bubblewrap (bwrap(1)) starts the process in namespaces of its own. RTL can open files and run
 * programs, and C that it calls can do anything; in there it finds the files that this one model needs, and nothing
 * that can be run.
 *
 * What it sees: libraries, its own executable and the folder of the configuration, for `$readmemh` and the like, read
 * only; memory that it shares with hosts, its logs, and the folders that waveform and coverage go to; an empty /tmp of
 * its own. It has no network, no other process, no capability, and can't gain one (PR_SET_NO_NEW_PRIVS); it dies with
 * us (PR_SET_PDEATHSIG).
 */
import type { ChildProcess } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { signalIfThere } from '../ground/processes.js'
import { withoutSecrets } from '../ground/child-environment.js'
import { toInstallWords } from '../ground/debian-packages.js'
import { TraplineError } from '../ground/errors.js'
import { findInPath } from '../verilate/toolchain.js'
import type { ProcessEnd } from './model-end.js'
import type { ModelProcess } from './running-model.js'

export interface SandboxPlaces {
  executable: string
  workingDirectory: string
  /** Files and folders that exist. */
  writable: string[]
}

/** On which bwrap says which process the model is; 3 is the link. */
const infoDescriptor = 4

const command = 'bwrap'
const libraries = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', '/etc/ld.so.cache']
const devices = ['/dev/null', '/dev/zero', '/dev/urandom']
const isolation = ['--unshare-all', '--die-with-parent', '--new-session', '--as-pid-1', '--cap-drop', 'ALL']

/**
 * What runs a model in there: bwrap at that path, with `args` from the executable on, and nothing of our environment.
 */
export function toSandboxed(bwrap: string, places: SandboxPlaces, args: string[]) {
  return {
    program: bwrap,
    args: [
      command,
      ...isolation,
      ...['--info-fd', String(infoDescriptor)],
      ...toMounts(places),
      ...['--remount-ro', '/', '--chdir', places.workingDirectory, '--', ...args],
    ],
    env: {},
  }
}

/** A mount hides what lies below it, so that shorter paths come first; of two of one path the later one counts. */
function toMounts({ executable, workingDirectory, writable }: SandboxPlaces): string[] {
  const mounts: [string, string, string?][] = [
    ['--tmpfs', '/tmp'],
    ...libraries.map((path): [string, string, string] => ['--ro-bind-try', path, path]),
    ...devices.map((path): [string, string, string] => ['--dev-bind', path, path]),
    ['--ro-bind', workingDirectory, realpathSync(workingDirectory)],
    ['--ro-bind', executable, realpathSync(executable)],
    ...writable.map((path): [string, string, string] => ['--bind', path, realpathSync(path)]),
  ]
  return mounts
    .sort(([, a], [, b]) => a.length - b.length)
    .flatMap(([kind, target, source]) => [kind, ...(source === undefined ? [] : [source]), target])
}

/** The child is bwrap, which waits for the model and ends as a shell says that it ended. */
export function toSandboxedProcess({ stdio }: Pick<ChildProcess, 'stdio'>, bwrap: ModelProcess): ModelProcess {
  const seenPid = readPid(stdio[infoDescriptor] as Readable)
  let hasEnded = false
  return {
    ...bwrap,
    seenPid,
    exited: bwrap.exited.then((end) => {
      hasEnded = true
      return { ...end, ...toSignal(end.exitCode) }
    }),
    kill: (signal) => {
      const pid = seenPid()
      if (hasEnded) return
      // A model dies with its bwrap.
      if (pid === undefined) bwrap.kill('SIGKILL')
      else signalIfThere(pid, signal)
    },
  }
}

/** What bwrap says of the model's pid, as soon as it has said it; undefined before. */
function readPid(stream: Readable): () => number | undefined {
  let text = ''
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  stream.on('error', () => undefined)
  return () => Number(/"child-pid": *(\d+)/.exec(text)?.[1]) || undefined
}

function toSignal(exitCode = 0): Pick<ProcessEnd, 'exitCode' | 'signal'> {
  const name = Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]
  return name === undefined ? {} : { exitCode: undefined, signal: name }
}

let found: Promise<string> | undefined

/** Where bwrap is. Throws one sentence if there can be no sandbox. */
export function findSandbox(): Promise<string> {
  return (found ??= checkSandbox().then(({ path }) => path))
}

/** Starts a program that does nothing in the same sandbox. Throws why that can't be. */
export async function checkSandbox(): Promise<{ path: string; version: string }> {
  const path = await findInPath(command)
  if (path === undefined)
    throw new TraplineError(
      'model',
      `the sandbox needs bubblewrap, which is not installed; ${toInstallWords('bubblewrap')}, or go without the ` +
        `sandbox`,
    )
  const idle = realpathSync('/bin/true')
  const mounts = toMounts({ executable: idle, workingDirectory: dirname(idle), writable: [] })
  const probe = [...isolation, ...mounts, '--remount-ro', '/', '--', idle]
  const { execa } = await import('execa')
  const { exitCode, stderr } = await execa(path, probe, { reject: false, stdin: 'ignore', env: withoutSecrets })
  if (exitCode !== 0)
    throw new TraplineError(
      'model',
      `the sandbox can't be started (${stderr.trim().split('\n')[0] || `bwrap ended with status ${exitCode}`}); ` +
        `allow user ` +
        'namespaces (of a container: run it with --security-opt seccomp=unconfined, or --privileged), or go ' +
        'without the sandbox',
    )
  return { path, version: (await execa(path, ['--version'], { reject: false, env: withoutSecrets })).stdout }
}
