/**
 * Where an included file is looked for last: Verilator itself looks beside the file that includes it; what is not
 * there, either, may lie beside another source. Owns that last resort, and the refusal where it would not be clear.
 */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { differing, isSame } from './list-names.js'

/** Folders of sources that hold what Verilator did not find; none if it stays missing. */
export function foldersOfIncludes(config: ModelConfig, output: string, configDir: string): string[] {
  const names = [...output.matchAll(/Cannot find include file: '?([^'\n]+?)'?$/gm)].map(([, name = '']) => name)
  const folders = sourceFolders(config).filter((folder) => !config.includeDirs.includes(folder))
  const found = [...new Set(names)].map((name) => folderOf(name, folders, config, configDir))
  return [...new Set(found.filter((folder) => folder !== undefined))]
}

export function sourceFolders({ sources }: ModelConfig): string[] {
  return [...new Set(sources.map((source) => dirname(source)))]
}

function folderOf(
  name: string,
  folders: string[],
  { top, ...config }: ModelConfig,
  configDir: string,
): string | undefined {
  const [first, ...others] = folders.filter((folder) => existsSync(resolve(configDir, folder, name)))
  if (first === undefined) return undefined
  const at = (folder: string) => resolve(configDir, folder)
  const way = 'name the folder that is meant in includeDirs (--include)'
  const other = others.find((folder) => !isSame(join(at(first), name), join(at(folder), name)))
  if (other)
    throw new TraplineError(
      'build',
      `${name}, which ${top} includes, is in the folders ${first} and ${other} of its sources, and differs; ${way}`,
    )
  // Once the folder is named to Verilator, it counts before what lies beside the file that includes.
  for (const folder of sourceFolders({ top, ...config }).filter((one) => one !== first)) {
    const hidden = differing(at(first), at(folder))
    if (hidden && !config.sources.includes(join(folder, hidden)))
      throw new TraplineError(
        'build',
        `${top} includes ${name} from folder ${first}, which has another ${hidden} than folder ${folder}; ${way}`,
      )
  }
  return first
}
