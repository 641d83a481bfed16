/**
 * Makes a package for Debian of what `npm pack` makes: everything lies in /usr/lib/trapline, with what it depends on,
 * and a link in /usr/bin; the manual and the completions where man and shells look.
 */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packagesFor } from './list-packages.mjs'
import { npm } from './node-packages.mjs'
import { root, runOrThrow, runQuietly } from './run-command.mjs'

const home = 'usr/lib/trapline'
const completions = {
  bash: 'usr/share/bash-completion/completions/trapline',
  zsh: 'usr/share/zsh/vendor-completions/_trapline',
  fish: 'usr/share/fish/vendor_completions.d/trapline.fish',
}
const remedy = 'see what it says below'

/** What a command of ours prints. */
export async function ask(...args) {
  const { status, stdout, output } = await runQuietly(process.execPath, ['build/bridge/main.js', ...args])
  if (status !== 0) throw new Error(`trapline ${args.join(' ')} ended with status ${status}: ${output}`)
  return stdout
}

/** @param {string} folder takes the package @returns {Promise<string>} its path */
export async function makeDeb(folder) {
  const stage = await mkdtemp(join(tmpdir(), 'trapline-deb-'))
  try {
    // It is the root of the package.
    await chmod(stage, 0o755)
    await fill(stage)
    const { version } = await ownPackage()
    const file = join(folder, `trapline_${version}_amd64.deb`)
    await mkdir(folder, { recursive: true })
    await runOrThrow('dpkg-deb', ['--root-owner-group', '--build', stage, file], remedy)
    return file
  } finally {
    await rm(stage, { recursive: true, force: true })
  }
}

async function fill(stage) {
  const [program, ...args] = npm('pack', '--silent', '--pack-destination', stage)
  await runOrThrow(program, args, remedy)
  const { name, version } = await ownPackage()
  await mkdir(join(stage, home), { recursive: true })
  const packed = join(stage, `${name}-${version}.tgz`)
  await runOrThrow('tar', ['xzf', packed, '--strip-components=1', '-C', join(stage, home)], remedy)
  await rm(packed)
  await installDependencies(join(stage, home))
  await mkdir(join(stage, 'usr/bin'))
  await symlink(`../../${home}/build/bridge/main.js`, join(stage, 'usr/bin/trapline'))
  await put(stage, 'usr/share/man/man1/trapline.1', await ask('manual'))
  for (const [shell, path] of Object.entries(completions)) await put(stage, path, await ask('completion', shell))
  await put(stage, 'DEBIAN/control', await toControl())
}

/** Those of the lock file, and none of the tools. */
async function installDependencies(directory) {
  await cp(join(root, 'package-lock.json'), join(directory, 'package-lock.json'))
  const [program, ...args] = npm('ci', '--omit=dev', '--omit=peer', '--ignore-scripts', '--no-audit', '--no-fund')
  await runOrThrow(program, args, remedy, { cwd: directory })
  await rm(join(directory, 'package-lock.json'))
}

/** Who can't have Debian's Node takes one from elsewhere, so the dependency is left to `trapline doctor`. */
async function toControl() {
  const { name, version, description } = await ownPackage()
  return [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: amd64',
    'Maintainer: the maintainers of Trapline <maintainers@trapline.invalid>',
    'Section: electronics',
    'Priority: optional',
    `Depends: libc6, ${packagesFor(['models']).join(', ')}`,
    `Recommends: nodejs (>= 20.19), ${packagesFor(['waveforms', 'lines']).join(', ')}`,
    `Description: ${description}`,
    ' A program that maps registers of a device is started under Trapline; each of its loads and stores becomes a',
    ' transaction on the bus of RTL in a simulator, and it gets what the RTL answers.',
    '',
  ].join('\n')
}

async function ownPackage() {
  return JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
}

async function put(stage, path, text) {
  await mkdir(join(stage, path, '..'), { recursive: true })
  await writeFile(join(stage, path), text)
}
