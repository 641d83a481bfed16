// What doctor calls well is enough to build a model; doctor and builds name what is missing with its package.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { debianPackages, missingPackage, type DebianPackage } from '../../../bridge/ground/debian-packages.js'
import { root, sampleRtl } from '../../support/places.js'
import { makeScratch, type Scratch } from '../../support/scratch.js'
import { trapline, type Options } from '../../support/trapline.js'

const compilers = ['gcc', 'g++']

/** All programs of this machine but some; and compilers that don't find one header. */
function without(scratch: Scratch, { commands = [] as string[], header = '' }): Required<Pick<Options, 'env'>> {
  const path = scratch.folder()
  const hidden = new Set([...commands, ...(header === '' ? [] : compilers)])
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'))
  for (const folder of folders)
    for (const name of tryList(folder)) {
      if (hidden.has(name)) continue
      hidden.add(name)
      symlinkSync(join(folder, name), join(path, name))
    }
  const script = (name: string) => `#!/bin/sh
input=$(cat)
case "$input" in *'<${header}>'*) exit 1;; esac
printf '%s\\n' "$input" | /usr/bin/${name} "$@"
`
  if (header !== '') for (const name of compilers) writeFileSync(join(path, name), script(name), { mode: 0o755 })
  return { env: { PATH: path } }
}

function tryList(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const packages = debianPackages()
const models = packages.filter(({ use }) => use === 'models')

it('every package without which no model can be built has a row, and all are there', async () => {
  const { status, stdout } = await trapline(makeScratch(), ['doctor'])
  const rows = stdout.split('\n').map((row) => row.split(/ {2,}/))
  for (const { name } of models) expect(rows.find(([first]) => first === name)?.[1], stdout).toMatch(/^ok/)
  for (const name of ['zlib1g-dev', 'gtkwave', 'binutils'])
    expect(rows.find(([first]) => first === name)?.[1], stdout).toMatch(/^(ok|optional)/)
  expect(status).toBe(0)
})

it('the nets of this machine have rows', async () => {
  const { stdout } = await trapline(makeScratch(), ['doctor'])
  expect(stdout).toMatch(/^net +ok +.*; children that are setuid (keep their privileges|gain none)$/m)
  expect(stdout).toMatch(/^emulators +(ok +qemu-|optional +apt-get install qemu-user)/m)
})

it('a Node that is none of engines is missing', () => {
  const scratch = makeScratch()
  for (const folder of ['build/bridge', 'bridge/setup'])
    cpSync(join(root, folder), join(scratch.path, folder), { recursive: true })
  for (const folder of ['node_modules', 'proto']) symlinkSync(join(root, folder), join(scratch.path, folder))
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as object
  scratch.write('package.json', { ...own, engines: { node: '^98.1.0 || >=99' } })
  const doctor = spawnSync(process.execPath, [join(scratch.path, 'build/bridge/main.js'), 'doctor'], {
    env: { ...process.env, TRAPLINE_CACHE: scratch.folder() },
    encoding: 'utf8',
  })
  expect(doctor.stdout).toMatch(/^node +MISSING +Node \S+ is none of .*, \^98\.1\.0 \|\| >=99; install one of them/m)
  expect(doctor.status).toBe(1)
})

const isCommand = ({ command }: DebianPackage) => command !== undefined

it.each([
  ['programs', models.filter(isCommand)],
  ['headers', models.filter((one) => !isCommand(one))],
])('%s that are missing are said, each with its package', async (_kind, missing) => {
  const commands = missing.flatMap(({ command }) => command ?? [])
  const [header] = missing.flatMap((one) => one.header ?? [])
  const scratch = makeScratch()
  const { status, stdout } = await trapline(scratch, ['doctor'], without(scratch, { commands, header }))
  for (const { name } of missing) {
    const plain = name.replaceAll('+', '\\+')
    expect(stdout).toMatch(new RegExp(`^${plain} +MISSING +apt-get install ${plain} \\(`, 'm'))
  }
  expect(missing.length).toBeGreaterThan(0)
  expect(status).toBe(1)
})

it('a build that lacks one names it, too', async () => {
  const scratch = makeScratch()
  const config = { models: { m: { top: 'axil_regs', sources: [sampleRtl('axil_regs')] } }, devices: {} }
  const { env } = without(scratch, { commands: ['protoc'] })
  const given = { env: { ...env, TRAPLINE_CACHE: scratch.folder() } }
  const { status, sentences } = await trapline(scratch, ['build', '--config', scratch.write('c.json', config)], given)
  expect(sentences.at(-1)).toMatch(/^protoc is not installed, .*apt-get install protobuf-compiler \(/)
  expect(status).toBe(125)
})

it.each([
  ['/bin/sh: 1: nanopb_generator.py: not found', 'nanopb'],
  ['make[1]: nanopb_generator.py: No such file or directory', 'nanopb'],
  ["FileNotFoundError: [Errno 2] No such file or directory: 'protoc'", 'protobuf-compiler'],
  ['x.h:12:10: fatal error: pb_encode.h: No such file or directory', 'libnanopb-dev'],
  ['fst.c:9:10: fatal error: zlib.h: No such file or directory', 'zlib1g-dev'],
  ['x.cc:1:10: fatal error: my_zlib.h: No such file or directory', undefined],
  ['make: *** No rule to make target', undefined],
])('%s: %s', (output, name) => {
  expect(missingPackage(output)?.name).toBe(name)
})

it('images install what the list says, and nothing beside it', () => {
  const files = readdirSync(join(root, 'docker')).filter((file) => file.endsWith('.Dockerfile'))
  const lines = files.flatMap((file) => readFileSync(join(root, 'docker', file), 'utf8').split('\n'))
  const wanted = lines.flatMap((line) => /^RUN install-packages (.*)$/.exec(line)?.slice(1) ?? [])
  const installed = wanted.flatMap((words) => {
    const [, uses] = /^\$\(node \S+\/list-packages\.mjs ([\w ]+)\)$/.exec(words) ?? []
    if (uses === undefined) return words.split(' ')
    const list = join(root, 'bridge/setup/list-packages.mjs')
    return execFileSync(process.execPath, [list, ...uses.split(' ')], { encoding: 'utf8' })
      .trim()
      .split(' ')
  })
  expect(installed.filter((installedOne) => !packages.some(({ name }) => name === installedOne))).toEqual([])
  expect(models.filter(({ name }) => !installed.includes(name))).toEqual([])
})
