/**
 * Programs of Debian's packages that can't be installed beside what is there, such as busybox-static beside busybox:
 * the package is fetched once and unpacked into the build folder.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.js'

const folder = join(root, 'build/test/unpacked')

/** The file of the package; undefined where neither is there, nor a way to fetch it. */
export function unpacked(name: string, file: string): string | undefined {
  const [home, path] = [join(folder, name), join(folder, name, file)]
  if (!existsSync(path)) fetch(name, home)
  return existsSync(path) ? path : undefined
}

/** For names of tests that are skipped without it. */
export function unlessUnpacked(name: string, file: string | undefined): string {
  return file === undefined ? ` (needs ${name}, which apt-get can't fetch here)` : ''
}

/** Moved to its place as a whole: several processes may be at it. */
function fetch(name: string, home: string): void {
  mkdirSync(folder, { recursive: true })
  const own = mkdtempSync(join(folder, 'fetched-'))
  // A failing apt-get leaves no file behind, of which dpkg then says so.
  const script = `apt-get -q download "$0" && dpkg -x ./*.deb tree && chmod 755 tree`
  const { status } = spawnSync('sh', ['-ec', script, name], { cwd: own, stdio: 'ignore', timeout: 300_000 })
  try {
    if (status === 0) renameSync(join(own, 'tree'), home)
  } catch (error) {
    // Somebody else was first.
    if (!existsSync(home)) throw error
  }
  rmSync(own, { recursive: true, force: true })
}
