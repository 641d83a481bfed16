/** `trapline doctor`: what this machine has and lacks, and what to do about it. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statfsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { withoutSecrets } from '../ground/child-environment.js'
import { debianPackages, type DebianPackage } from '../ground/debian-packages.js'
import { hasCapability } from '../ground/capabilities.js'
import { toMessage } from '../ground/errors.js'
import { toTable } from '../ground/format.js'
import { importModule } from '../ground/import-authored.js'
import { whyNoEntering } from '../host/entering.js'
import { createRunDirectory, parentOfRuns } from '../run/run-directory.js'
import { emulatorNames } from '../host/unfit.js'
import { checkSandbox } from '../model/sandbox.js'
import { agentLibrary, cacheDirectory, packageDirectory } from '../ground/paths.js'
import { ownDirectory, ownEnvironment, ownRelease, ownVerilator, ownVerilatorFails } from '../verilate/own-verilator.js'
import { findPython } from '../cocotb/python.js'
import { simulators } from '../cocotb/simulators.js'
import { findIn, findInPath } from '../verilate/toolchain.js'
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

/**
 * The checks in the order of their rows; packages without which no model can be built, then those that some wishes
 * need.
 */
const toChecks = (): Record<string, Check> => ({
  node: checkNode,
  processor: () => ({
    found: process.arch === 'x64' ? `x86-64, vectors: ${vectorExtensions()}` : undefined,
    remedy: 'use an x86-64 machine; the agent decodes x86-64 only',
  }),
  ...checksOf('models'),
  verilator: checkVerilator,
  agent: checkAgent,
  ...checksOf('waveforms', { optional: true }),
  'waveforms of this Verilator': checkCompression,
  gtkwave: async () => ({
    ...(await checkTool('fst2vcd', ['--help'], toRemedy(packageOf('gtkwave')))),
    optional: true,
  }),
  ...checksOf('lines', { optional: true }),
  sandbox: checkBubblewrap,
  net: checkFilters,
  'static programs': checkEntering,
  emulators: checkEmulators,
  cocotb: checkCocotb,
  'run directory': () =>
    attempt(() => createRunDirectory().dispose(), parentOfRuns(), 'set TMPDIR to a short, writable path'),
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
})

export interface DoctorFlags {
  json?: boolean
}

/** Exit status 0 if everything that runs need is there, else 1. */
export async function doctor({ json = false }: DoctorFlags): Promise<number> {
  const checks = toChecks()
  const names = Object.keys(checks)
  const findings = await Promise.all(Object.values(checks).map(async (check) => check()))
  const rows = findings.map(({ found, remedy, optional }, i) => {
    const verdict = found !== undefined ? 'ok' : optional ? 'optional' : 'MISSING'
    return [names[i] ?? '', verdict, found ?? remedy]
  })
  const isFit = findings.every(({ found, optional }) => found !== undefined || optional)
  await print(json ? toJson(isFit, rows) : `${toTable(rows)}\n`)
  return isFit ? 0 : 1
}

function toJson(isFit: boolean, rows: string[][]): string {
  const checks = rows.map(([name, verdict = '', says]) => ({ name, verdict: verdict.toLowerCase(), says }))
  return `${JSON.stringify({ format: 'trapline-doctor-1', isFit, checks }, undefined, 2)}\n`
}

/** What the net under the libc names is made of (seccomp(2), /proc interfaces). */
function checkFilters(): Finding {
  const file = '/proc/sys/kernel/seccomp/actions_avail'
  const takes = existsSync(file) && readFileSync(file, 'utf8').split(/\s/).includes('trap')
  return {
    found: takes ? `the kernel stops system calls past libc for us; ${gainOfChildren()}` : undefined,
    remedy:
      'use a kernel with seccomp filters (CONFIG_SECCOMP_FILTER); without, only what libc is asked for by name is ' +
      'carried out',
    optional: true,
  }
}

/** What brings the agent into programs that it can't be preloaded into. */
function checkEntering(): Finding {
  const problem = whyNoEntering()
  return {
    found: problem === undefined ? 'the agent is brought into them, also into Go and musl' : undefined,
    remedy: `${problem}; allow ptrace(2) of one's own processes, or install qemu-user, which runs them`,
    optional: true,
  }
}

/** Who has CAP_SYS_ADMIN needs no promise for a filter (seccomp(2)). */
function gainOfChildren(): string {
  const isPrivileged = hasCapability('CAP_SYS_ADMIN')
  return isPrivileged ? 'children that are setuid keep their privileges' : 'children that are setuid gain none'
}

/** What runs programs that no agent can be preloaded into: their system calls come by the net. */
async function checkEmulators(): Promise<Finding> {
  const paths = await Promise.all(emulatorNames.map((name) => findInPath(name)))
  const found = emulatorNames.filter((_name, i) => paths[i] !== undefined)
  return {
    found: found.length > 0 ? found.join(', ') : undefined,
    remedy: 'apt-get install qemu-user, for static programs and those for other machines',
    optional: true,
  }
}

/** The setup looks at the same before it installs anything, so that file is read where it lies. */
async function checkNode(): Promise<Finding> {
  const author = join(packageDirectory, 'bridge', 'setup', 'node-version.mjs')
  const { nodeProblem } = (await importModule(author)) as { nodeProblem(): Promise<string | undefined> }
  const remedy = (await nodeProblem()) ?? ''
  return { found: remedy === '' ? process.version : undefined, remedy }
}

/** A row for each package of that use, by the package's name. */
function checksOf(use: string, { optional = false } = {}): Record<string, Check> {
  const packages = debianPackages().filter((one) => one.use === use)
  return Object.fromEntries(
    packages.map((one) => [one.name, async () => ({ ...(await checkPackage(one)), optional })] as const),
  )
}

/** What `trapline setup` brings: what models are built with, and what waveforms and source lines need. */
export async function missingPackages(): Promise<DebianPackage[]> {
  const own = await ownVerilator(cacheDirectory()).catch(() => undefined)
  const wanted = debianPackages().filter(
    ({ name, use }) => ['models', 'waveforms', 'lines'].includes(use) && !(name === 'verilator' && own !== undefined),
  )
  const findings = await Promise.all(wanted.map(checkPackage))
  return wanted.filter((_one, i) => findings[i]?.found === undefined)
}

function packageOf(name: string): DebianPackage {
  const found = debianPackages().find((one) => one.name === name)
  if (!found) throw new Error(`packages.json has no ${name}`)
  return found
}

function toRemedy({ name, for: purpose }: DebianPackage): string {
  return `apt-get install ${name} (${purpose})`
}

async function checkPackage(one: DebianPackage): Promise<Finding> {
  const { command, header = '' } = one
  return command === undefined ? checkHeader(header, toRemedy(one)) : checkTool(command, ['--version'], toRemedy(one))
}

/** Looks for the header where the compiler of models does (hdl/sim/model.mk). */
async function checkHeader(header: string, remedy: string): Promise<Finding> {
  const args = ['-E', '-x', 'c', '-isystem', '/usr/include/nanopb', '-']
  const { exitCode, code, stdout } = await execa('gcc', args, {
    ...{ reject: false, stderr: 'ignore', env: withoutSecrets },
    input: `#include <${header}>\n`,
  })
  if (code === 'ENOENT') return { found: undefined, remedy: 'without a compiler nobody can tell; apt-get install g++' }
  const places = [...stdout.matchAll(/^# \d+ "([^"]+)"/gm)].map(([, place = '']) => place)
  return {
    found: exitCode === 0 ? (places.find((place) => place.endsWith(`/${header}`)) ?? header) : undefined,
    remedy,
  }
}

/** The writer of waveforms that newer Verilators bring leaves one of the compressions to the system's library. */
async function checkCompression(): Promise<Finding> {
  const own = await ownVerilator(cacheDirectory()).catch(() => undefined)
  const { stdout } = await execa(own ?? 'verilator', ['--getenv', 'VERILATOR_ROOT'], {
    ...{ reject: false, stderr: 'ignore', env: { ...withoutSecrets, ...(own !== undefined && ownEnvironment) } },
  })
  const isNeeded = typeof stdout === 'string' && existsSync(join(stdout.trim(), 'include', 'fstcpp'))
  if (!isNeeded) return { found: 'nothing more is needed', remedy: '' }
  return { ...(await checkHeader('lz4.h', toRemedy(packageOf('liblz4-dev')))), optional: true }
}

async function checkTool(
  command: string,
  args: string[],
  remedy: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Finding> {
  const { exitCode, stdout } = await execa(command, args, {
    reject: false,
    stdin: 'ignore',
    stderr: 'ignore',
    env: { ...withoutSecrets, ...env },
  })
  return { found: exitCode === 0 ? stdout.split('\n')[0] : undefined, remedy }
}

async function checkVerilator(): Promise<Finding> {
  const own = await ownVerilator(cacheDirectory()).catch(() => '') // A damaged one: no such command runs.
  if (own === undefined) return await checkTool('verilator', ['--version'], toRemedy(packageOf('verilator')))
  const { found } = await checkTool(own, ['--version'], '', ownEnvironment)
  const place = `${ownDirectory(cacheDirectory())} (\`trapline setup --verilator\`)`
  return {
    found: found === undefined ? undefined : `${ownRelease.name} in ${place}`,
    remedy: toMessage(ownVerilatorFails(cacheDirectory(), undefined)),
  }
}

async function checkAgent(): Promise<Finding> {
  const remedy = "run `npm run build` in Trapline's folder"
  const agent = agentLibrary()
  if (!existsSync(agent)) return { found: undefined, remedy }
  const { stdout } = await execa('ldd', [agent], { reject: false, stderr: 'ignore', env: withoutSecrets })
  const lost = stdout.split('\n').filter((line) => line.includes('not found'))
  if (lost.length) return { found: undefined, remedy: `${lost.join(', ').trim()}: install it (libzydis) and ${remedy}` }
  return { found: agent, remedy }
}

async function checkBubblewrap(): Promise<Finding> {
  try {
    return { found: `${(await checkSandbox()).version}, for --sandbox`, remedy: '' }
  } catch (error) {
    return { found: undefined, remedy: toMessage(error), optional: true }
  }
}

/** The Python that models of kind `cocotb` run in where they name none, and the simulators that it finds. */
async function checkCocotb(): Promise<Finding> {
  try {
    const python = await findPython({}, { name: 'NAME', configDir: process.cwd() })
    const folders = (python.environment.PATH ?? '').split(delimiter)
    const there = await Promise.all(
      Object.values(simulators).map(async ({ title, command }) =>
        (await findIn(command, folders)) ? title : undefined,
      ),
    )
    const titles = [...new Set(there.filter((title) => title !== undefined))].join(', ') || 'none'
    return { found: `${python.cocotb} in ${python.program}; simulators: ${titles}`, remedy: '' }
  } catch (error) {
    return { found: undefined, remedy: `only for models of kind cocotb: ${toMessage(error)}`, optional: true }
  }
}

function checkSpace(): Finding {
  const place = parentOfRuns()
  const { bavail, bsize } = statfsSync(place)
  const mib = Math.floor((bavail * bsize) / 2 ** 20)
  const found = mib >= enoughMiB ? `${mib} MiB in ${place}` : undefined
  return {
    found,
    remedy: `only ${mib} MiB are free in ${place}; logs need more, set TMPDIR to another place`,
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
