/**
 * A FuseSoC core as a list: FuseSoC sets its target up for Verilator in a folder of the cache, without copying the
 * user's files, and writes their names and options there (`NAME.vc`, and `config.mk` for what its older backend leaves
 * out).
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { guardWrites } from './cache-files.js'
import { type ListWord, toWords } from './file-list.js'
import type { PackageList, PackageRun } from './package-list.js'

export async function fusesocList(core: PackageRun): Promise<PackageList> {
  const { folder, target = 'default', fault } = core
  await guardWrites(folder, () => mkdir(folder, { recursive: true }))
  const name = nameOf(core)
  await setUp(core, name)
  await checkIdentity(core, name)
  const [list] = await listsIn(folder)
  if (list === undefined) throw fault(`makes nothing for Verilator of target ${target}; name another as FILE#TARGET`)
  const lines = (await readFile(join(folder, list), 'utf8')).split('\n')
  const words = [...lines.flatMap(toLineWords), ...(await furtherOptions(folder))]
  const [, top] = /^--top-module (\S+)$/m.exec(lines.join('\n')) ?? []
  return { name: join(folder, list), folder, words, top }
}

/** Vendor, library, name and version, as the tool wants to be asked for it. */
function nameOf({ file, fault }: PackageRun): string {
  const [, name] = /^name\s*:\s*["']?([^\s"'#]+)/m.exec(readFileSync(file, 'utf8')) ?? []
  if (name === undefined) throw fault('wants a "name: VENDOR:LIBRARY:NAME:VERSION", which it does not have')
  return name
}

async function setUp(core: PackageRun, name: string): Promise<void> {
  const { file, target, folder, run, fault } = core
  const args = [
    ...['--monochrome', '--cores-root', dirname(file), 'run', '--setup', '--no-export'],
    ...(target === undefined ? [] : ['--target', target]),
    ...['--tool', 'verilator', '--work-root', folder, name],
  ]
  // A target of a flow that names another simulator takes ours only behind the core; one without a flow only before it.
  for (const more of [[], ['--tool', 'verilator']]) {
    for (const old of (await readdir(folder)).filter((one) => /^config\.mk$|\.(vc|eda\.yml)$/.test(one)))
      await rm(join(folder, old), { force: true })
    const { ok, output } = await run([...args, ...more])
    if (!ok && more.length === 0) throw fault(`refused it: ${toReason(output, name, file)}`)
    if (ok && (await listsIn(folder)).length > 0) return
  }
}

async function listsIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => file.endsWith('.vc'))
}

/**
 * The line of its error, or its last one, with what follows a colon. A core that it can't read it only warns of, and
 * then says that it is unknown.
 */
function toReason(output: string, name: string, file: string): string {
  const lines = output.trim().split('\n')
  const isWarned = (line: string) => line.includes(`Ignoring ${name} `) || line.includes(`Ignoring file ${file}:`)
  const warned = lines.findIndex(isWarned)
  const error = lines.findLastIndex((line) => line.startsWith('ERROR: '))
  const at = [warned, error].find((index) => index >= 0) ?? lines.length - 1
  const line = (lines[at] ?? '').replace(/^(ERROR|WARNING): /, '').trim()
  return line.endsWith(':') ? `${line} ${lines[at + 1]?.trim() ?? ''}` : line
}

/** FuseSoC takes one of two cores with the same name, wherever that lies. */
async function checkIdentity({ file, folder, fault }: PackageRun, name: string): Promise<void> {
  const [facts] = (await readdir(folder)).filter((one) => one.endsWith('.eda.yml'))
  const text = facts === undefined ? '' : await readFile(join(folder, facts), 'utf8')
  const files = Array.from(text.matchAll(/^ *core_file: (.+)$/gm), ([, path = '']) => resolve(folder, unquote(path)))
  if (files.length > 0 && !files.some((path) => existsSync(path) && realpathSync(path) === realpathSync(file)))
    throw fault(`knows another core by the name ${name}, which is in ${files.at(-1)}; give one of them another name`)
}

function unquote(text: string): string {
  return text.replace(/^(["'])(.*)\1$/, '$2')
}

/** FuseSoC writes a file, a folder, a macro or a parameter as a line, blanks and all, and quotes none of them. */
function toLineWords(text: string, index: number): ListWord[] {
  const line = index + 1
  // The folders of `+incdir+` once more; C and C++ has them from there.
  if (text === '' || text.startsWith('-CFLAGS -I')) return []
  if (/^(\+incdir\+|-[GD]|[^-+])/.test(text)) return [{ text: text.replaceAll('\\"', '"'), line }]
  return toWords(text).map((word) => ({ ...word, line }))
}

/** Options that a core gives for Verilator: they stand in the list or, from the older backend, here. */
async function furtherOptions(folder: string): Promise<ListWord[]> {
  const text = await readFile(join(folder, 'config.mk'), 'utf8').catch(() => '')
  const [, options = ''] = /^VERILATOR_OPTIONS *:= *(.*)$/m.exec(text) ?? []
  return toWords(options)
}
