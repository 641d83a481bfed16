/** The package as `npm pack` makes it of a clean clone, and a normal user who puts it into repositories of his own. */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { asNobody, canBecomeNobody, nobody } from './nobody.js'
import { root } from './places.js'
import { cleanEnvironment } from './trapline.js'

/** Room for a build of everything, on a busy machine. */
const longestMs = 900_000
/** What package managers have fetched, from one run of the tests to the next. */
const fetched = join(root, 'build/test/fetched')
/** Managers that no part of the project needs. */
const managers = ['pnpm@12.21.0', 'yarn@1.22.22']

/** Without what npm tells the scripts that it runs, and the programs of this checkout. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS, PATH = '' } = process.env
  const kept = Object.entries(cleanEnvironment()).filter(([name]) => !/^npm_/i.test(name))
  const folders = PATH.split(':').filter((folder) => !folder.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: folders.join(':'), ...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }) }
}

/** Copies what a clone would have into `folder`. */
export function copyClone(folder: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  const files = listed.toString().split('\0')
  for (const file of files) {
    if (file === '' || !existsSync(join(root, file))) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
}

/** Packs a copy of a clone in `folder`. Returns the package's path. */
export async function packClone(folder: string): Promise<string> {
  copyClone(folder)
  await execa('npm', ['pack'], { cwd: folder, env: environment(), extendEnv: false, timeout: longestMs })
  const [packed = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  return join(folder, packed)
}

/** `npm run deb` in a clone that has been packed. Returns the folder that holds what a machine would have of it. */
export async function unpackDeb(clone: string): Promise<string> {
  const [made, unpacked] = [join(clone, 'build/deb'), join(clone, 'build/debian')]
  const options = { cwd: clone, env: environment(), extendEnv: false, timeout: longestMs }
  await execa('npm', ['run', 'deb', '--', made], options)
  const [file = ''] = readdirSync(made)
  await execa('dpkg-deb', ['--extract', join(made, file), unpacked])
  return unpacked
}

/** Names of the files in a package, without the folder that all lie in. */
export function filesIn(packed: string): string[] {
  const names = execFileSync('tar', ['tzf', packed], { encoding: 'utf8' }).trim().split('\n')
  return names.map((name) => name.replace(/^package\//, ''))
}

export interface User {
  home: string
  /** Runs a script of sh in a folder of his; what it printed, stdout and stderr together. */
  run(folder: string, script: string): Promise<{ status: number; output: string }>
}

/** Nobody where we can be that, else we ourselves; with a home of his own, and the managers on his PATH. */
export async function makeUser(home: string): Promise<User> {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', env: environment() }).trim()
  const tools = join(fetched, 'managers')
  const install = ['install', '--prefix', tools, '--no-save', '--prefer-offline', ...managers]
  mkdirSync(tools, { recursive: true })
  await execa('npm', install, { cwd: tools, env: environment(), extendEnv: false, timeout: longestMs })
  for (const folder of [home, join(fetched, 'npm'), join(fetched, 'pnpm'), join(fetched, 'yarn')]) giveTo(folder)
  const { PATH = '', ...others } = environment()
  const env = {
    ...others,
    HOME: home,
    PATH: `${join(tools, 'node_modules/.bin')}:${PATH}`,
    npm_config_registry: registry,
    YARN_REGISTRY: registry,
    npm_config_cache: join(fetched, 'npm'),
    npm_config_store_dir: join(fetched, 'pnpm'),
    npm_config_update_notifier: 'false',
    YARN_CACHE_FOLDER: join(fetched, 'yarn'),
    CI: '1',
    NO_COLOR: '1',
  }
  return {
    home,
    async run(folder, script) {
      giveTo(folder)
      const [program = '', ...args] = [...(canBecomeNobody ? asNobody : []), 'sh', '-euc', script]
      const { exitCode, all } = await execa(program, args, {
        ...{ cwd: folder, env, extendEnv: false, reject: false, all: true, stdin: 'ignore', timeout: longestMs },
      })
      return { status: exitCode ?? -1, output: all }
    },
  }
}

function giveTo(folder: string): void {
  mkdirSync(folder, { recursive: true })
  if (canBecomeNobody) chownSync(folder, nobody, nobody)
  chmodSync(folder, 0o755)
}
