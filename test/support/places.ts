/** Where the tests find what was built, and the addresses that they all use. */
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
export const commandLine = join(root, 'build/bridge/main.js')
export const agent = join(root, 'build/trap/libtrapline.so')
/** One build cache for all tests: the first run compiles, later ones don't. */
export const cache = join(root, 'build/test/cache')
export const forms = join(root, 'build/test/forms')

/** Python, with cocotb (bridge/setup/python-packages.mjs). */
export const environment = join(root, 'build/python')

/** The programs of `test/e2e/behaviours`. */
export const behaviours = join(root, 'build/test/behaviours')

/** Preloaded without Trapline, writes down what a program does to memory. */
export const nativeAccesses = join(root, 'build/test/native/libnative_accesses.so')

/** A program of `test/e2e/hosts`. */
export function host(name: string): string {
  return join(root, 'build/test/hosts', name)
}

/** Of our own devices, and of what they include. */
export const sampleFolder = join(root, 'hdl/models')

/** RTL of one of them. */
export function sampleRtl(name: string): string {
  return join(sampleFolder, `${name}.sv`)
}
