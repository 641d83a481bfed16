/**
 * A run directory at a place that others know beforehand, such as a volume of containers: a link of that name leads to
 * it. So the folder itself is always a fresh one of ours, and a bridge that starts anew only turns the link. A bridge
 * that is killed leaves the link, which then leads nowhere.
 */
import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { toMessage, TraplineError } from '../ground/errors.js'
import { isAnswered, isFolderName, isOurs } from './layout.js'
import { createRunDirectory, type RunDirectory } from './run-directory.js'

/**
 * Without a name in TMPDIR. Throws if the name is taken by a run that goes on, or by something that is not ours: a link
 * that another user made, say, or one that leads to what another user could have filled.
 */
export async function placeRunDirectory(name: string | undefined): Promise<RunDirectory> {
  if (name === undefined) return createRunDirectory()
  const link = resolve(name)
  const former = formerOf(link)
  if (former !== undefined && (await isAnswered(link)))
    throw new TraplineError('usage', `--run-dir ${name}: there is one in use; end its run, or choose another name`)
  makeParent(link)
  const directory = createRunDirectory(dirname(link))
  try {
    turn(link, directory.path)
  } catch (error) {
    directory.dispose()
    throw toPlaceError(link, error)
  }
  // What a bridge left that was killed together with its reaper, as by the end of a container.
  if (former !== undefined) removeFormer(former)
  return {
    ...directory,
    dispose: () => {
      directory.dispose()
      if (leadsTo(link, directory.path)) rmSync(link, { force: true })
    },
  }
}

/** Others may have put anything there meanwhile; then it is theirs. */
function leadsTo(link: string, path: string): boolean {
  try {
    return lstatSync(link).isSymbolicLink() && join(dirname(link), readlinkSync(link)) === path
  } catch {
    return false
  }
}

/** Checked before, and once more under a name that nobody else knows: what is removed is what was looked at. */
function removeFormer(former: string): void {
  const doomed = `${former}.${randomBytes(8).toString('hex')}`
  try {
    renameSync(former, doomed)
    if (isOurs(lstatSync(doomed))) rmSync(doomed, { recursive: true, force: true })
    else renameSync(doomed, former)
  } catch {
    // It is gone, or not to be had; the fresh one is in its place.
  }
}

/** The folder that the link leads to, or did; undefined if there is no link. */
function formerOf(link: string): string | undefined {
  const found = lstatSync(link, { throwIfNoEntry: false })
  if (!found) return undefined
  const target = found.isSymbolicLink() ? readlinkSync(link) : ''
  const former = join(dirname(link), target)
  const folder = lstatSync(former, { throwIfNoEntry: false })
  if (isFolderName(target) && found.uid === process.geteuid?.() && (!folder || isOurs(folder))) return former
  throw new TraplineError(
    'usage',
    `--run-dir ${link} is there already and not ours, or leads to what is not ours; name something that is not ` +
      `there yet`,
  )
}

function makeParent(link: string): void {
  try {
    mkdirSync(dirname(link), { recursive: true })
  } catch (error) {
    throw toPlaceError(link, error)
  }
}

function toPlaceError(link: string, error: unknown): TraplineError {
  return new TraplineError('usage', `--run-dir ${link} can't be made (${toMessage(error)}); choose another place`, {
    cause: error,
  })
}

/** At once: whoever looks finds the old folder or the new one. */
function turn(link: string, path: string): void {
  const fresh = `${path}.link`
  symlinkSync(basename(path), fresh)
  renameSync(fresh, link)
}
