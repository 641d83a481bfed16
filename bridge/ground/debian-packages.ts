/** The Debian packages that Trapline knows of (`bridge/setup/packages.json`), and the words that ask for one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageDirectory } from './paths.js'

export interface DebianPackage {
  name: string
  /** `models`, `waveforms`, …: see bridge/setup/list-packages.mjs. */
  use: string
  for: string
  /** One of its commands or C headers, by which it is known to be there. */
  command?: string
  header?: string
}

/** Read at the first need, which most runs never have. */
export function debianPackages(): DebianPackage[] {
  const text = readFileSync(join(packageDirectory, 'bridge', 'setup', 'packages.json'), 'utf8')
  const packages = JSON.parse(text) as Record<string, Omit<DebianPackage, 'name'>>
  return Object.entries(packages).map(([name, entry]) => ({ name, ...entry }))
}

/** `on Debian or Ubuntu: apt-get install make` */
export function toInstallWords(...names: string[]): string {
  const known = debianPackages().map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`packages.json has no ${unknown.join(', ')}`)
  return `on Debian or Ubuntu: apt-get install ${names.join(' ')}`
}

/** The uses of packages that building a model takes. */
const usesOfModels = ['models', 'waveforms']

/** The first package without which a model could not be built, told by what make and the compilers printed. */
export function missingPackage(output: string): DebianPackage | undefined {
  const missing = '(No such file|not found|command not found)'
  // Shells, make and compilers name the thing first, Python last.
  const patternOf = (thing: string) => {
    const name = thing.replaceAll(/[.+]/g, '\\$&')
    return new RegExp(`(^|[\\s/'"])${name}['"]?: (.*: )?${missing}|${missing}[^:]*: '([^']*/)?${name}'`, 'm')
  }
  return debianPackages().find(({ use, command, header }) => {
    const things = [command, header].filter((thing) => thing !== undefined)
    return usesOfModels.includes(use) && things.some((thing) => patternOf(thing).test(output))
  })
}
