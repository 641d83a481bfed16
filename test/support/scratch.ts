/**
 * A private folder for one test. It goes away with the test, unless the test fails: then it stays as evidence and its
 * path is printed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { onSimulator } from './simulators.js'

export interface Scratch {
  readonly path: string
  /** Writes a file, objects as JSON, and returns its path. */
  write(name: string, content: string | Buffer | object): string
  /** An empty folder of a new name. */
  folder(): string
}

/** A folder for the test that is running. */
export function makeScratch(): Scratch {
  const scratch = openScratch()
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.error(`evidence of "${task.name}": ${scratch.path}`)
    else removeScratch(scratch)
  })
  return scratch
}

/** A folder for several tests of one file; its maker removes it. */
export function openScratch(): Scratch {
  // Users have folders whose names hold what a linker takes for a library; sockets take short paths only.
  const path = mkdtempSync(join(tmpdir(), 'trapline-lab-'))
  let folders = 0
  return {
    path,
    write(name, content) {
      const file = join(path, name)
      writeFileSync(
        file,
        typeof content === 'string' || Buffer.isBuffer(content)
          ? content
          : JSON.stringify(onSimulator(content), undefined, 2),
      )
      return file
    },
    folder() {
      const folder = join(path, `t${++folders}`)
      mkdirSync(folder)
      return folder
    },
  }
}

export function removeScratch(scratch: Scratch): void {
  rmSync(scratch.path, { recursive: true, force: true })
}
