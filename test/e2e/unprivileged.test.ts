/** All of it works for a normal user: no root, no device files, a cache and a temporary folder of their own. */
import { existsSync, mkdirSync, chownSync, chmodSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { at } from '../support/configs.js'
import { cache, root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

/** User and group nobody of Debian. */
const nobody = 65534
const core = join(import.meta.dirname, 'cores/plain.v')
const program = ['sh', '-ec', `id -u; busybox devmem ${at(4)} 32 0x89abcdef; busybox devmem ${at(4)} 32`]
const flags = ['--rtl', core, '--top', 'plain', '--map', `/dev/mem@${at(0)}+0x1000`]

/** Kept between runs, so that its model is compiled once. */
function ownCache(): string {
  const folder = join(dirname(cache), 'cache-of-nobody')
  mkdirSync(folder, { recursive: true })
  chownSync(folder, nobody, nobody)
  return folder
}

it('nobody builds and runs a core', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('this is not root: every test runs without privileges')
  if (!existsSync('/usr/bin/setpriv')) skip('setpriv, which changes the user, is not installed')
  const scratch = makeScratch()
  chmodSync(scratch.path, 0o777)
  const { status, stdout, stderr } = await trapline(scratch, ['run', ...flags, '--', ...program], {
    wrapper: ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--bounding-set=-all', '--'],
    env: { TRAPLINE_CACHE: ownCache(), HOME: scratch.path },
    cwd: root,
    owner: nobody,
  })
  expect(stderr).not.toMatch(/EACCES|denied/)
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: `${nobody}\n0x89ABCDEF\n` })
})
