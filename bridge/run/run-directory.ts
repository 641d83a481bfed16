/**
 * The private folder of one run: socket, raw logs, the models' output. It goes away with the run unless it is kept
 * as evidence; a reaper removes it should we be killed.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { toMessage, TraplineError } from '../ground/errors.js'
import { log } from '../ground/log.js'
import { temporaryDirectory } from '../ground/paths.js'
import { toPrintable } from '../ground/printable.js'
import { reapFolder } from '../ground/reaper.js'
import { bridgeSocket, checkParent, folderTemplate, lanesFolder, longestParent, nodesFolder } from './layout.js'
import { createLedger } from './ledger.js'

export interface RunDirectory {
  readonly path: string
  readonly socketPath: string
  /** From now on the folder survives the run. */
  keep(): void
  /**
   * However this process ends, it is as it should be: the folder goes away, and nobody is told of a bridge that was
   * killed.
   */
  endWithUs(): void
  /** Removes the folder unless it is to be kept. */
  dispose(): void
}

/** Where run directories are made when nobody names a place: in TMPDIR, where that leaves room for their sockets. */
export function parentOfRuns(temporary = temporaryDirectory()): string {
  return Buffer.byteLength(temporary) <= longestParent ? temporary : '/tmp'
}

let isSaid = false

/** Who has set TMPDIR, for room, say, would look for the run there. */
function sayElsewhere(temporary: string, parent: string): void {
  if (parent === temporary || isSaid) return
  isSaid = true
  log.info(
    `the run's folder is in ${parent}: its sockets have no room below ${toPrintable(temporary)}, a TMPDIR of ` +
      `${Buffer.byteLength(temporary)} bytes; set TMPDIR to a path of at most ${longestParent} bytes to have it there`,
  )
}

function usualParent(): string {
  const temporary = temporaryDirectory()
  const parent = parentOfRuns(temporary)
  sayElsewhere(temporary, parent)
  return parent
}

/** Made with mode 0700 by mkdtemp(3). */
export function createRunDirectory(parent: string = usualParent()): RunDirectory {
  checkParent(parent)
  const path = makeDirectory(parent)
  const reaped = reapFolder(path)
  let kept = false
  return {
    path,
    socketPath: join(path, bridgeSocket),
    keep: () => {
      kept = true
      reaped.forget()
    },
    endWithUs: () => reaped.setQuiet(),
    dispose: () => {
      if (!kept) rmSync(path, { recursive: true, force: true })
      reaped.forget()
    },
  }
}

/** Made by the bridge, before hosts come: those of another launcher have a link to it. */
/** Those that agents look into. */
export function makeAgentFolders(runDirectory: string): void {
  for (const name of [nodesFolder, lanesFolder]) mkdirSync(join(runDirectory, name), { mode: 0o700 })
}

function makeDirectory(parent: string): string {
  try {
    const path = mkdtempSync(folderTemplate(parent))
    createLedger(path)
    return path
  } catch (error) {
    throw new TraplineError(
      'bridge',
      `no run directory can be made in ${parent} (${toMessage(error)}); set TMPDIR to a folder that is writable and ` +
        `has a path of at most ${longestParent} bytes`,
      { cause: error },
    )
  }
}
