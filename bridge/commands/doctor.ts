/** `trapline doctor`: what this machine has and lacks, and what to do about it. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync } from 'node:fs'
import { execa } from 'execa'
import { withoutSecrets } from '../ground/child-environment.js'
import { toMessage } from '../ground/errors.js'
import { toTable } from '../ground/format.js'
import { createRunDirectory } from '../run/run-directory.js'
import { checkSandbox } from '../model/sandbox.js'
import { agentLibrary, cacheDirectory, temporaryDirectory } from '../ground/paths.js'
import { ownDirectory, ownEnvironment, ownRelease, ownVerilator, ownVerilatorFails } from '../verilate/own-verilator.js'
import { print } from './output-files.js'

interface Finding {
  /** What was found; undefined if it is missing. */
  found: string | undefined
  /** What to do if it is missing. */
  remedy: string
  /** Runs work without it. */
  optional?: boolean
}

type Check = () => Promise<Finding> | Finding

const enoughMiB = 512

const checks: Record<string, Check> = {
  node: () => ({
    found: Number(process.versions.node.split('.')[0]) >= 20 ? process.version : undefined,
    remedy: 'install Node.js 20 or newer',
  }),
  processor: () => ({
    found: process.arch === 'x64' ? `x86-64, vectors: ${vectorExtensions()}` : undefined,
    remedy: 'use an x86-64 machine; the agent decodes x86-64 only',
  }),
  verilator: checkVerilator,
  'g++': () => checkTool('g++', ['--version'], 'apt-get install g++'),
  make: () => checkTool('make', ['--version'], 'apt-get install make'),
  addr2line: async () => ({
    ...(await checkTool('addr2line', ['--version'], 'apt-get install binutils, for source lines in logs')),
    optional: true,
  }),
  agent: checkAgent,
  sandbox: checkBubblewrap,
  'run directory': () =>
    attempt(() => createRunDirectory().dispose(), temporaryDirectory(), 'set TMPDIR to a short, writable path'),
  'free space': checkSpace,
  'build cache': () =>
    attempt(
      () => {
        mkdirSync(cacheDirectory(), { recursive: true })
        accessSync(cacheDirectory(), constants.W_OK)
      },
      cacheDirectory(),
      'set TRAPLINE_CACHE to a writable folder',
    ),
}

/** Exit status 0 if everything that runs need is there, else 1. */
export async function doctor(): Promise<number> {
  const names = Object.keys(checks)
  const findings = await Promise.all(Object.values(checks).map(async (check) => check()))
  const rows = findings.map(({ found, remedy, optional }, i) => {
    const verdict = found !== undefined ? 'ok' : optional ? 'optional' : 'MISSING'
    return [names[i] ?? '', verdict, found ?? remedy]
  })
  await print(`${toTable(rows)}\n`)
  return findings.some(({ found, optional }) => found === undefined && !optional) ? 1 : 0
}

async function checkTool(
  command: string,
  args: string[],
  remedy: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Finding> {
  const { exitCode, stdout } = await execa(command, args, {
    reject: false,
    stderr: 'ignore',
    env: { ...withoutSecrets, ...env },
  })
  return { found: exitCode === 0 ? stdout.split('\n')[0] : undefined, remedy }
}

async function checkVerilator(): Promise<Finding> {
  const own = await ownVerilator(cacheDirectory()).catch(() => '') // A damaged one: no such command runs.
  if (own === undefined) return await checkTool('verilator', ['--version'], 'apt-get install verilator')
  const { found } = await checkTool(own, ['--version'], '', ownEnvironment)
  const place = `${ownDirectory(cacheDirectory())} (\`trapline setup --verilator\`)`
  return {
    found: found === undefined ? undefined : `${ownRelease.name} in ${place}`,
    remedy: toMessage(ownVerilatorFails(cacheDirectory(), undefined)),
  }
}

async function checkAgent(): Promise<Finding> {
  const remedy = "run `npm run build` in Trapline's folder"
  if (!existsSync(agentLibrary)) return { found: undefined, remedy }
  const { stdout } = await execa('ldd', [agentLibrary], { reject: false, stderr: 'ignore', env: withoutSecrets })
  const lost = stdout.split('\n').filter((line) => line.includes('not found'))
  if (lost.length) return { found: undefined, remedy: `${lost.join(', ').trim()}: install it (libzydis) and ${remedy}` }
  return { found: agentLibrary, remedy }
}

async function checkBubblewrap(): Promise<Finding> {
  try {
    return { found: `${(await checkSandbox()).version}, for --sandbox`, remedy: '' }
  } catch (error) {
    return { found: undefined, remedy: toMessage(error), optional: true }
  }
}

function checkSpace(): Finding {
  const { bavail, bsize } = statfsSync(temporaryDirectory())
  const mib = Math.floor((bavail * bsize) / 2 ** 20)
  const found = mib >= enoughMiB ? `${mib} MiB in ${temporaryDirectory()}` : undefined
  return {
    found,
    remedy: `only ${mib} MiB are free in ${temporaryDirectory()}; logs need more, set TMPDIR to another place`,
  }
}

function attempt(action: () => void, found: string, remedy: string): Finding {
  try {
    action()
    return { found, remedy }
  } catch (error) {
    return { found: undefined, remedy: `${toMessage(error)}; ${remedy}` }
  }
}

function vectorExtensions(): string {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? []
  return ['sse2', 'avx', 'avx2', 'avx512f'].filter((flag) => flags.includes(flag)).join(' ')
}
