/**
 * Stand-ins for files of /sys: the agent shows a host `root` of the run directory wherever a file is there, and the
 * machine's own /sys elsewhere (trap/path.c).
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export class DeviceTree {
  readonly #root: string

  constructor(runDirectory: string) {
    this.#root = join(runDirectory, 'root')
  }

  /** Makes or replaces the file that hosts see at `path`; a host that reads meanwhile sees all of the old or the new. */
  write(path: string, text: string): void {
    const file = join(this.#root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
}
