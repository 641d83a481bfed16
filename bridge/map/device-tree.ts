/**
 * Stand-ins for files of /sys: the agent shows a host `root` of the run directory wherever a file is there, and the
 * machine's own /sys elsewhere (trap/device/path.c).
 */
import { basename, dirname, join, relative } from 'node:path'
import { toMessage, TraplineError } from '../ground/errors.js'
import { linkForeign, writeForeign } from '../ground/foreign-files.js'
import { rootFolder } from '../run/layout.js'

/** A file, or a symbolic link if `link` is its target. */
interface Entry {
  path: string
  text: string
  link?: string
}
type Follower = (entry: Entry) => void

export class DeviceTree {
  readonly #entries = new Map<string, Entry>()
  readonly #followers = new Set<Follower>()

  constructor(private readonly runDirectory: string) {}

  /**
   * Makes or replaces the file that hosts see at `path`; a host that reads meanwhile sees all of the old or the new.
   * The folders of `path` are none of the links.
   */
  write(path: string, text: string): void {
    this.#put({ path, text })
  }

  /** Makes a relative link at `path` to `target`, another path that hosts see, which the link names as sysfs does. */
  link(path: string, target: string): void {
    this.#put({ path, text: '', link: join(relative(dirname(path), dirname(target)), basename(target)) })
  }

  #put({ path, text, link }: Entry): void {
    const names = [rootFolder, ...path.split('/').filter(Boolean)]
    try {
      if (link === undefined) writeForeign(this.runDirectory, names, text)
      else linkForeign(this.runDirectory, names, link)
    } catch (error) {
      const message =
        `${path} of hosts can't be written in ${this.runDirectory} (${toMessage(error)}); look whether there is ` +
        `room, and set ` +
        'TMPDIR to a larger place if not'
      throw new TraplineError('bridge', message, { cause: error })
    }
    const entry = { path: join(rootFolder, path), text, link }
    this.#entries.set(path, entry)
    for (const follower of this.#followers) follower(entry)
  }

  /**
   * Tells of every entry, those that are there and later changes; paths start at the run directory. Returns how to
   * stop.
   */
  follow(follower: Follower): () => void {
    for (const entry of this.#entries.values()) follower(entry)
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }
}
