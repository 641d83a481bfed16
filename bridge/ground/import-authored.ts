/** Runs what users write for us in TypeScript: configurations and golden models. */
import { authoringModule } from './paths.js'

/**
 * The default export of a file. `import … from 'trapline'` in it means us, installed beside it or not. Nothing is
 * cached on disk: jiti's place for that is one folder in /tmp for all users.
 */
export async function importAuthored(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  const alias = { trapline: authoringModule }
  return await createJiti(file, { alias, moduleCache: false, fsCache: false }).import(file, { default: true })
}
