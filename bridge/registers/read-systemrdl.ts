/**
 * Registers as SystemRDL 2.0 has them, by the systemrdl-compiler of PyPI: `hdl/cocotb/src/trapline/_registers.py` runs
 * it and translates. It takes a second, so what it says of a file is kept in the build cache as long as that file and
 * those that it includes are the same.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { ownVenv, pythonPackage } from '../cocotb/python.js'
import { TraplineError } from '../ground/errors.js'
import { cacheDirectory } from '../ground/paths.js'
import { runKept } from '../verilate/kept-tool.js'
import { digestOf } from '../verilate/cache-files.js'
import { readMemo, writeMemo } from '../verilate/sealed-memo.js'
import { findInPath } from '../verilate/toolchain.js'

interface Translation {
  /** Whatever it was read from. */
  files: string[]
  [key: string]: unknown
}

interface KeptTranslation {
  /** Of the contents of all files. */
  digest: string
  translation: Translation
}

/** A description, not looked over yet. Throws a sentence with file and line. */
export async function readSystemRdl(path: string, file: string): Promise<unknown> {
  // Places in it are relative to where we stand.
  const place = join(cacheDirectory(), 'registers', `${digestOf([process.cwd(), path])}.json`)
  const kept = await readMemo<KeptTranslation>(place)
  const { files, ...description } =
    kept && (await digestOfFiles(kept.translation.files)) === kept.digest
      ? kept.translation
      : await translate(path, file, place)
  return files.length > 0 ? description : undefined
}

async function translate(path: string, file: string, place: string): Promise<Translation> {
  const translation = await run(path, file)
  const kept: KeptTranslation = { digest: await digestOfFiles(translation.files), translation }
  // Where nothing can be kept it is made each time.
  await writeMemo(place, kept).catch(() => undefined)
  return translation
}

const script = join(pythonPackage, 'trapline', '_registers.py')

/** Of their contents, and of what translates them. */
async function digestOfFiles(files: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const one of [script, ...files]) hash.update(`${one}\n`).update(await readFile(one).catch(() => 'none'))
  return hash.digest('hex')
}

/** By the first Python that has the compiler. */
async function run(path: string, file: string): Promise<Translation> {
  const pythons = await candidates()
  for (const python of pythons) {
    const { exitCode, stdout, stderr } = await runKept(python, ['-m', 'trapline._registers', path], {
      env: { PYTHONPATH: [pythonPackage, process.env.PYTHONPATH].filter(Boolean).join(delimiter) },
    })
    if (/No module named '(systemrdl|antlr4)/.test(stderr)) continue
    return toTranslation(stdout, { file, python, problem: `${stderr}\nexit status ${exitCode}` })
  }
  const [first = 'python3'] = pythons
  const whose = pythons.length > 0 ? `which ${pythons.join(' and ')} does not have` : 'and there is no python3 on PATH'
  throw new TraplineError(
    'config',
    `${file} is SystemRDL, which the systemrdl-compiler of PyPI reads, ${whose}; ` +
      `\`${first} -m pip install systemrdl-compiler\`, in a virtual environment if need be`,
  )
}

async function candidates(): Promise<string[]> {
  const { VIRTUAL_ENV } = process.env
  const venvs = [VIRTUAL_ENV || undefined, ownVenv].map((folder) => folder && join(folder, 'bin', 'python'))
  const [chosen, own] = venvs.map((path) => (path !== undefined && existsSync(path) ? path : undefined))
  return [chosen, await findInPath('python3'), own].filter((path) => path !== undefined)
}

function toTranslation(text: string, about: { file: string; python: string; problem: string }): Translation {
  const said = parse(text)
  if (typeof said?.error === 'string')
    throw new TraplineError('config', `${typeof said.at === 'string' ? said.at : about.file}: ${said.error}`)
  if (Array.isArray(said?.files)) return said as Translation
  const detail = about.problem.trim()
  throw new TraplineError('config', `${about.file} can't be read: ${about.python} gave up`, { detail })
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}
