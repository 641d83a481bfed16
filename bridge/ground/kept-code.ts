/**
 * What V8 makes of our own file, kept in the cache from run to run: translating it took longer than everything else
 * that a run does before its host starts. Node can do that itself from 22.8 on; this works with all, and keeps a file's
 * functions by what was asked for, so that nobody reads what he does not need.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Script } from 'node:vm'
import { placeOfKept, readKept, writeKept } from './kept-files.js'

export interface LoadedFile<Exports> {
  exports: Exports
  /** Of the file. */
  digest: string
  /** To be called at the end of a whole run: what has not run by then is not kept, and is made when it is needed. */
  keep(): void
}

/**
 * Of the contract between this file and `rolldown.config.mjs`: the file begins with the digest of what follows, a
 * function of what CommonJS has.
 */
const digestLength = 64

/**
 * Runs a CommonJS file of our own, which begins with its own digest in a comment. It can `require`, and not `import()`:
 * of that V8 keeps nothing that works.
 * @param purpose what it is loaded for; others than this purpose need other functions of it
 */
export function loadKept<Exports>(file: string, purpose: string): LoadedFile<Exports> {
  // ASCII alone, as the bundler writes it: so its characters are its bytes.
  const source = readFileSync(file, 'latin1')
  const identity = Buffer.from(source.slice('/* '.length, '/* '.length + digestLength), 'latin1')
  // Two Nodes shall not write over each other's.
  const place = placeOfKept(file, purpose, process.version, process.arch)
  const cachedData = readKept(place, identity)
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) })
  const loaded = { exports: {} }
  const run = script.runInThisContext() as (...args: unknown[]) => void
  run(loaded.exports, createRequire(file), loaded, file, dirname(file))
  return {
    exports: loaded.exports as Exports,
    digest: identity.toString('latin1'),
    keep() {
      if (!cachedData || script.cachedDataRejected) writeKept(place, identity, script.createCachedData())
    },
  }
}
