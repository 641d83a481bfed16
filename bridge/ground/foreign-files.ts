/**
 * Files of a folder that others may write into, such as a run directory, in which hosts have the rights that we have.
 * What stands under a name may be anything: a link to somewhere else, a FIFO that nobody writes to. No open here waits,
 * follows a link, or touches a device.
 */
import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs'
import { symlinkSync, writeFileSync } from 'node:fs'
import { lstat, open, readlink, type FileHandle } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { toPrintable } from './printable.js'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants

/** Returns a descriptor of the regular file at `path`. Throws if there is none, or something else. */
export function openForeign(path: string): number {
  // To open a device can have effects: first look, then open, then look again.
  requireFile(path, lstatSync(path).isFile())
  const descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  try {
    requireFile(path, fstatSync(descriptor).isFile())
    return descriptor
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Shows what the kernel or a driver makes up as it is read, or does when it is opened. */
const livePaths = /^\/(?:proc|sys|dev)\//

/** The same for a file that strangers name, of anywhere; not even a file system that answers slowly holds us up. */
export async function openNamed(path: string): Promise<FileHandle> {
  if (livePaths.test(path)) throw new Error(`${toPrintable(path)} is no place for a program`)
  requireFile(path, (await lstat(path)).isFile())
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  try {
    requireFile(path, (await file.stat()).isFile() && !livePaths.test(await readlink(`/proc/self/fd/${file.fd}`)))
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * The first `most` bytes of a regular file; undefined if there is nothing of that name. Throws if it is something else.
 */
export function readForeign(path: string, most: number): Buffer | undefined {
  if (!lstatSync(path, { throwIfNoEntry: false })) return undefined
  const descriptor = openForeign(path)
  try {
    const bytes = Buffer.alloc(Math.min(most, fstatSync(descriptor).size))
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** Takes away what is there, unless it is a regular file: for another process of ours, which opens it by its name. */
export function clearForeign(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found && !found.isFile()) rmSync(path, { force: true, recursive: true })
}

/**
 * Makes or replaces the file `names` below `folder`; its folders are made, too. Whoever reads sees all of the old or
 * the new.
 */
export function writeForeign(folder: string, names: string[], contents: string | Uint8Array): void {
  const last = names.at(-1) ?? ''
  withFolder(folder, names.slice(0, -1), (at) => {
    const fresh = `${at}/.${randomBytes(8).toString('hex')}.new`
    const descriptor = openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
    try {
      writeFileSync(descriptor, contents)
      renameSync(fresh, `${at}/${last}`)
    } catch (error) {
      rmSync(fresh, { force: true })
      throw error
    } finally {
      closeSync(descriptor)
    }
  })
}

/** Makes or replaces a symbolic link likewise. */
export function linkForeign(folder: string, names: string[], target: string): void {
  const last = names.at(-1) ?? ''
  withFolder(folder, names.slice(0, -1), (at) => {
    const fresh = `${at}/.${randomBytes(8).toString('hex')}.new`
    symlinkSync(target, fresh)
    renameSync(fresh, `${at}/${last}`)
  })
}

/** An empty file in place of whatever is there. Returns a descriptor to write to. */
export function makeForeign(path: string): number {
  rmSync(path, { force: true, recursive: true })
  return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
}

/** Goes down name by name, as openat(2) does: a folder that is a link, or becomes one meanwhile, leads nowhere. */
function withFolder(folder: string, names: string[], use: (path: string) => void): void {
  let descriptor = openSync(folder, O_RDONLY | O_DIRECTORY)
  try {
    for (const name of names) {
      const path = `/proc/self/fd/${descriptor}/${name}`
      try {
        mkdirSync(path)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const next = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      closeSync(descriptor)
      descriptor = next
    }
    use(`/proc/self/fd/${descriptor}`)
  } finally {
    closeSync(descriptor)
  }
}

function requireFile(path: string, isFile: boolean): void {
  if (!isFile) throw new Error(`${toPrintable(path)} is not a regular file`)
}
