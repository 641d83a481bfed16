/**
 * A pipe that a program's words go into, and at whose other end the test stands: it reads, or it doesn't, or it has
 * gone.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Scratch } from './scratch.js'

export interface Pipe {
  /** Of the file system; whoever opens it to write gets the pipe. */
  readonly path: string
  /** Nobody reads any more. */
  close(): void
  /** No byte fits in any more. */
  fill(): void
  /** What there is; '' if there is nothing. */
  read(): string
  /** Stands before a program on the command line, whose stderr then is the pipe. */
  readonly into: string[]
}

/** Whoever makes it closes it. */
export function openPipe(scratch: Scratch): Pipe {
  const path = join(scratch.path, 'stderr')
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  let isOpen = true
  const bytes = Buffer.alloc(65_536)
  return {
    path,
    close: () => {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
    fill: () => {
      while (attempt(() => writeSync(fd, 'x'.repeat(4096))) + attempt(() => writeSync(fd, 'x')) > 0) continue
    },
    read: () => {
      if (!isOpen) return ''
      const length = attempt(() => readSync(fd, bytes))
      return bytes.toString('latin1', 0, length)
    },
    into: ['sh', '-c', 'exec "$@" 2> "$0"', path],
  }
}

/** 0 where the pipe is full, empty, or closed. */
function attempt(step: () => number): number {
  try {
    return step()
  } catch {
    return 0
  }
}
