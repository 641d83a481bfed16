/** A checkout to write into: its examples are copies, `npx trapline` is the one that was built, and vitest is there. */
import { cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine, root } from './places.js'
import { makeScratch } from './scratch.js'

/** Returns its path; it goes away with the test. */
export function makeCheckout(): string {
  const checkout = join(makeScratch().path, 'checkout')
  const modules = join(checkout, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  symlinkSync(commandLine, join(modules, '.bin/trapline'))
  symlinkSync(join(root, 'node_modules/vitest'), join(modules, 'vitest'))
  symlinkSync(join(root, 'node_modules/vitest/vitest.mjs'), join(modules, '.bin/vitest'))
  for (const name of ['package.json', 'build', 'hdl', 'trap']) symlinkSync(join(root, name), join(checkout, name))
  cpSync(join(root, 'examples'), join(checkout, 'examples'), { recursive: true })
  return checkout
}
