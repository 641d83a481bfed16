/** A folder with test files of a user of `trapline/vitest`, and vitest run in it as he does. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { root } from './places.js'
import type { Scratch } from './scratch.js'

export interface EndedVitest {
  exitCode: number | undefined
  /** stdout and stderr. */
  output: string
}

export interface RunningVitest {
  pid: number
  /** TMPDIR of all its processes. */
  temporary: string
  ended: Promise<EndedVitest>
}

const configuration = `export default {
  test: { reporters: ['default', 'trapline/vitest/reporter'], testTimeout: 600_000, hookTimeout: 600_000,
    maxWorkers: 2 },
}
`

/** Files by their names; returns the folder. */
export function makeVitestFolder(scratch: Scratch, files: Record<string, string>): string {
  const folder = join(scratch.path, 'regression')
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/trapline'))
  symlinkSync(join(root, 'node_modules/vitest'), join(folder, 'node_modules/vitest'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'vitest.config.js'), configuration)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

export function startVitest(
  scratch: Scratch,
  folder: string,
  env: Record<string, string>,
  flags: string[] = [],
): RunningVitest {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  return start(scratch, folder, { TRAPLINE_MASTER_SEED: '7', ...env }, [vitest, 'run', ...flags])
}

/** A script of Node.js with a TMPDIR of its own; what it leaves behind is the caller's to look at. */
export function start(scratch: Scratch, cwd: string, env: Record<string, string>, args: string[]): RunningVitest {
  const temporary = scratch.folder()
  const child = execa(process.execPath, args, {
    ...{ cwd, reject: false, all: true, stdin: 'ignore', extendEnv: false },
    env: { ...cleanEnvironment(), NO_COLOR: '1', TMPDIR: temporary, ...env },
  })
  const ended = child.then(({ exitCode, all }) => ({ exitCode, output: String(all) }))
  return { pid: child.pid ?? 0, temporary, ended }
}

/** Of the vitest that runs this. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TRAPLINE_|VITEST|NODE_|TEST$)/.test(name)),
  )
}
