/**
 * A run directory at a place that others know beforehand, such as a volume of containers: a link of that name leads to
 * it. So the folder itself is always a fresh one of ours, and a bridge that starts anew only turns the link. A bridge that
 * is killed leaves the link, which then leads nowhere.
 */
import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { toMessage, TraplineError } from '../errors.js'
import { createRunDirectory, type RunDirectory } from './run-directory.js'

/** Names that `createRunDirectory` gives to folders. */
const ownName = /^trapline-[^/]+$/

/** Without a name in TMPDIR. Throws if the name is taken by a run that goes on, or by something that is not ours. */
export async function placeRunDirectory(name: string | undefined): Promise<RunDirectory> {
  if (name === undefined) return createRunDirectory()
  const link = resolve(name)
  const former = formerOf(link)
  if (former !== undefined && (await isAnswered(join(link, 'clock'))))
    throw new TraplineError('usage', `--run-dir ${name}: there is one in use; end its run, or choose another name`)
  makeParent(link)
  const directory = createRunDirectory(dirname(link))
  turn(link, directory.path)
  // What a bridge left that was killed together with its reaper, as by the end of a container.
  if (former !== undefined) rmSync(former, { recursive: true, force: true })
  return {
    ...directory,
    dispose: () => {
      directory.dispose()
      if (formerOf(link) === directory.path) rmSync(link)
    },
  }
}

/** The folder that the link leads to, or did; undefined if there is no link. */
function formerOf(link: string): string | undefined {
  const found = lstatSync(link, { throwIfNoEntry: false })
  if (!found) return undefined
  const target = found.isSymbolicLink() ? readlinkSync(link) : ''
  if (ownName.test(target)) return join(dirname(link), target)
  throw new TraplineError(
    'usage',
    `--run-dir ${link} is there already and not ours; name something that is not there yet`,
  )
}

function makeParent(link: string): void {
  try {
    mkdirSync(dirname(link), { recursive: true })
  } catch (error) {
    const message = `--run-dir ${link}: its folder can't be made (${toMessage(error)}); choose another place`
    throw new TraplineError('usage', message, { cause: error })
  }
}

/** At once: whoever looks finds the old folder or the new one. */
function turn(link: string, path: string): void {
  const fresh = `${path}.link`
  symlinkSync(basename(path), fresh)
  renameSync(fresh, link)
}

/** Whichever way hosts reach it, the socket of its clock is there. */
function isAnswered(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
