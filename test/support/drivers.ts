/** The drivers of `test/e2e/drivers`, one in many languages: what each needs, and how it becomes a command line. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pythonTool } from './python.js'
import { root } from './places.js'
import type { Scratch } from './scratch.js'

/** Builds what is to be run, and says its command line, without the devices. */
export type Make = (scratch: Scratch) => string[]

export const driverFile = (name: string) => join(root, 'test/e2e/drivers', name)
const hostFile = (name: string) => join(root, 'test/e2e/hosts', name)
const build = (folder: string) => join(root, 'build/test', folder)

/** Some know no `--version`; those of Rust may be rustup's, which fail where it has no toolchain for this user. */
export function hasProgram(program: string): boolean {
  const { error, status } = spawnSync(program, ['--version'])
  if (['cargo', 'rustc'].includes(program)) return status === 0
  return (error as { code?: string } | undefined)?.code !== 'ENOENT'
}

/** Where Debian's packages of crates put them. */
const crates = '/usr/share/cargo/registry'

/** A crate of Debian's, a file, a package of `build/python`, or a program in PATH. */
export function isThere(need: string): boolean {
  const [, crate] = /^librust-(.*)-dev$/.exec(need) ?? []
  if (crate !== undefined) return existsSync(crates) && readdirSync(crates).some((name) => name.startsWith(`${crate}-`))
  const [, module] = /^build\/python with (.*)$/.exec(need) ?? []
  if (module !== undefined) return spawnSync(pythonTool('python'), ['-c', `import ${module}`]).status === 0
  return need.startsWith('/') ? existsSync(need) : hasProgram(need)
}

/** Of the driver in C, or of another source. */
export function compiled(compiler: string, flags: string[], source = hostFile('driver.c')): Make {
  return (scratch) => {
    const program = join(scratch.path, 'driver')
    execFileSync(compiler, ['-D_GNU_SOURCE', ...flags, '-o', program, source], { stdio: 'pipe' })
    return [program]
  }
}

export function go(cgo: boolean): Make {
  return (scratch) => {
    const program = join(scratch.path, 'driver')
    const sources = [driverFile('driver.go'), ...(cgo ? [driverFile('cgo.go')] : [])]
    const own = { GOCACHE: build('go'), GO111MODULE: 'off', GOFLAGS: '', CGO_ENABLED: cgo ? '1' : '0' }
    execFileSync('go', ['build', '-o', program, ...sources], { env: { ...process.env, ...own }, stdio: 'pipe' })
    return [program]
  }
}

export const rustStandard: Make = (scratch) => {
  const program = join(scratch.path, 'driver')
  execFileSync('rustc', ['-O', '-o', program, driverFile('std.rs')], { stdio: 'pipe' })
  return [program]
}

/** All of them are built together, of crates as Debian has them; cargo's own files lie in the build folder. */
export function rust(name: string): Make {
  return () => {
    const [sources, target] = [build('rust/drivers'), build('rust/target')]
    cpSync(driverFile('rust'), sources, { recursive: true, preserveTimestamps: true })
    rmSync(join(sources, 'Cargo.lock'), { force: true })
    const debian = ['crates-io.replace-with="debian"', `debian.directory="${crates}"`]
    const flags = debian.flatMap((setting) => ['--config', `source.${setting}`])
    execFileSync('cargo', ['build', '--offline', '--bins', ...flags], {
      ...{ cwd: sources, env: { ...process.env, CARGO_TARGET_DIR: target }, stdio: 'pipe' },
    })
    return [join(target, 'debug', name)]
  }
}

/** What lies under the public classes has to be opened by name. */
export const java: Make = (scratch) => {
  execFileSync('javac', ['-d', scratch.path, driverFile('Driver.java')], { stdio: 'pipe' })
  return ['java', '-cp', scratch.path, '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED', 'Driver']
}

function compileCSharp(scratch: Scratch): string {
  const program = join(scratch.path, 'driver.exe')
  execFileSync('mcs', [`-out:${program}`, driverFile('driver.cs')], { stdio: 'pipe' })
  return program
}

export const mono: Make = (scratch) => ['mono', compileCSharp(scratch)]

/** The runtime of .NET as the registry of Python's packages has it. */
export const dotnet: Make = (scratch) => {
  const look = 'import os, dotnetcore2; print(os.path.dirname(dotnetcore2.__file__))'
  const home = execFileSync(pythonTool('python'), ['-c', look], { encoding: 'utf8' }).trim()
  const settings = scratch.write('driver.runtimeconfig.json', {
    runtimeOptions: {
      framework: { name: 'Microsoft.NETCore.App', version: '3.1.0' },
      configProperties: { 'System.Globalization.Invariant': true },
    },
  })
  return [join(home, 'bin/dotnet'), 'exec', '--runtimeconfig', settings, compileCSharp(scratch)]
}

/** A script of that folder, by its interpreter. */
export const script =
  (interpreter: string, name: string, ...more: string[]): Make =>
  () => [interpreter, driverFile(name), ...more]

/** In the environment of the tests. */
export const venv =
  (name: string): Make =>
  () => [pythonTool('python'), driverFile(name)]

export const koffi: Make = () => {
  const place = createRequire(import.meta.url).resolve('koffi')
  return ['node', driverFile('foreign.mjs'), place]
}

/** Lines of a shell, in which $1 is the sensor and $2 the UIO device. */
export const shell =
  (program: string[], ...lines: string[]): Make =>
  () => [...program, lines.join('\n'), 'sh']
