/**
 * Stand-ins for files of /sys: the agent shows a host `root` of the run directory wherever a file is there, and the
 * machine's own /sys elsewhere (trap/device/path.c).
 */
import { join } from 'node:path'
import { toMessage, TraplineError } from '../ground/errors.js'
import { writeForeign } from '../ground/foreign-files.js'
import { rootFolder } from '../run/layout.js'

type Follower = (path: string, text: string) => void

export class DeviceTree {
  readonly #files = new Map<string, string>()
  readonly #followers = new Set<Follower>()

  constructor(private readonly runDirectory: string) {}

  /**
   * Makes or replaces the file that hosts see at `path`; a host that reads meanwhile sees all of the old or the new.
   */
  write(path: string, text: string): void {
    try {
      writeForeign(this.runDirectory, [rootFolder, ...path.split('/').filter(Boolean)], text)
    } catch (error) {
      const message =
        `${path} of hosts can't be written in ${this.runDirectory} (${toMessage(error)}); look whether there is ` +
        `room, and set ` +
        'TMPDIR to a larger place if not'
      throw new TraplineError('bridge', message, { cause: error })
    }
    this.#files.set(path, text)
    for (const follower of this.#followers) follower(join(rootFolder, path), text)
  }

  /**
   * Tells of every file, those that are there and later changes; paths start at the run directory. Returns how to stop.
   */
  follow(follower: Follower): () => void {
    for (const [path, text] of this.#files) follower(join(rootFolder, path), text)
    this.#followers.add(follower)
    return () => void this.#followers.delete(follower)
  }
}
