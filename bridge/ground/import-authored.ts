/** Runs what users write for us in TypeScript: configurations and golden models. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Jiti, JitiOptions, TransformOptions, TransformResult } from 'jiti'
import { placeOfKept, readKept, writeKept } from './kept-files.js'
import { authoringModule } from './paths.js'

/**
 * The default export of a file. `import … from 'trapline'` in it means us, installed beside it or not. What jiti makes
 * of a file is kept by ourselves: its own place for that is one folder in /tmp for all users.
 */
export async function importAuthored(file: string): Promise<unknown> {
  const alias = { trapline: authoringModule }
  return await createJiti(file, { alias, transform }).import(file, { default: true })
}

/** A module that is no part of our one file. */
export async function importModule(file: string): Promise<unknown> {
  return await createJiti(file, {}).import(file)
}

/** By `require`, which our one file can (`kept-code.ts`). */
const load = createRequire(import.meta.url)

function createJiti(file: string, options: JitiOptions): Jiti {
  const jiti = load('jiti') as typeof import('jiti')
  return jiti.createJiti(file, { moduleCache: false, fsCache: false, ...options })
}

/** The compiler is by far the largest part of jiti; what is kept does without. */
function transform(options: TransformOptions): TransformResult {
  const place = placeOfKept('translated', options.filename ?? '', String(options.async))
  const compiler = join(dirname(load.resolve('jiti')), '../dist/babel.cjs')
  const origin = Buffer.from(JSON.stringify([options, versionOf(compiler)]))
  const kept = readKept(place, origin)
  if (kept) return { code: kept.toString('utf8') }
  const result = (load(compiler) as (options: TransformOptions) => TransformResult)(options)
  if (!result.error) writeKept(place, origin, Buffer.from(result.code))
  return result
}

function versionOf(compiler: string): string {
  return (load(join(dirname(compiler), '../package.json')) as { version: string }).version
}
