// When the compilers run and when they don't, and what is said if they can't. Every build here is a real one.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type BuildOptions, type BuiltModel, buildModel } from '../../../bridge/verilate/build-model.js'
import { cacheDirectory } from '../../../bridge/ground/paths.js'
import { coreText } from './axi-lite-core.js'
import { type ModelInput, toModel } from './to-model.js'
import { joined } from '../../support/patterns.js'

const buildTimeoutMs = 600_000
const home = mkdtempSync(join(tmpdir(), 'trapline-test-'))
const cacheDir = join(home, 'cache')
const toolLog = join(home, 'tools.log')
const path = process.env.PATH ?? ''

/** Tools that note their start in a file, and then are the real ones. */
function installNotingTools(): void {
  const bin = join(home, 'bin')
  mkdirSync(bin)
  for (const tool of ['verilator', 'make', 'g++', 'flock']) {
    const real = execFileSync('which', [tool], { encoding: 'utf8' }).trim()
    writeFileSync(join(bin, tool), `#!/bin/sh\necho ${tool} >> '${toolLog}'\nexec ${real} "$@"\n`, { mode: 0o755 })
  }
  process.env.PATH = `${bin}:${path}`
}

function toolsRun(): string[] {
  const log = existsSync(toolLog) ? readFileSync(toolLog, 'utf8') : ''
  return log.split('\n').filter(Boolean)
}

/** The simulation runtime, which is no concern of these tests, is built once per machine. */
function shareRuntime(): void {
  const runtime = join(cacheDirectory(), 'runtime')
  mkdirSync(runtime, { recursive: true })
  mkdirSync(cacheDir)
  symlinkSync(runtime, join(cacheDir, 'runtime'))
}

beforeAll(shareRuntime)
beforeAll(installNotingTools)
beforeEach(() => rmSync(toolLog, { force: true }))
afterAll(() => {
  process.env.PATH = path
  // A tool of the build that was given up may just be ending, and write its line.
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
})

let count = 0

/** A directory with a core that includes a file. */
function makeProject(name = `project${String(count++)}`): string {
  const configDir = join(home, name)
  mkdirSync(join(configDir, 'include'), { recursive: true })
  writeFileSync(join(configDir, 'core.sv'), `\`include "reset.svh"\n${coreText({ more: ['input wire [3:0] straps'] })}`)
  writeFileSync(join(configDir, 'include', 'reset.svh'), `// ${name}\n`)
  return configDir
}

function build(configDir: string, model: ModelInput = {}, options: Partial<BuildOptions> = {}): Promise<BuiltModel> {
  return buildModel(toModel({ includeDirs: ['include'], ...model }), {
    name: 'm',
    configDir,
    trace: false,
    cacheDir,
    ...options,
  })
}

describe('cache', () => {
  test('an unchanged model starts no process', { timeout: buildTimeoutMs }, async () => {
    const configDir = makeProject()
    const progress: string[] = []
    const first = await build(configDir, {}, { onProgress: (line) => progress.push(line) })
    expect(first).toMatchObject({
      cached: false,
      trace: false,
      clock: { port: 'clk', periodPs: 10_000 },
      resetCycles: 16,
      ports: [{ name: 's_axil', protocol: 'axi4-lite', addressWidth: 12, dataWidth: 32 }],
    })
    expect(progress).toEqual([
      '1 of 3: translating core to C++',
      '2 of 3: objects that all models share',
      '3 of 3: compiling core',
      expect.stringMatching(/^built in [\d.]+ s$/),
    ])
    expect(readFileSync(join(first.directory, 'trapline_top.sv'), 'utf8')).toContain(".straps(4'h0)")

    rmSync(toolLog)
    for (let round = 0; round < 3; round++) expect(await build(configDir)).toEqual({ ...first, cached: true })
    expect(toolsRun()).toEqual([])
  })

  test('what goes into a model decides whether it is built again', { timeout: 5 * 60_000 }, async () => {
    const configDir = makeProject()
    const original = await build(configDir)
    const include = join(configDir, 'include', 'reset.svh')

    writeFileSync(include, '// edited\n')
    const edited = await build(configDir)
    expect(edited.cached).toBe(false)
    writeFileSync(include, readFileSync(include))
    expect(await build(configDir)).toMatchObject({ cached: true, hash: edited.hash })

    mkdirSync(join(configDir, 'first'))
    const twoDirectories = { includeDirs: ['first', 'include'] }
    const unshadowed = await build(configDir, twoDirectories)
    writeFileSync(join(configDir, 'first', 'reset.svh'), '// found before the other\n')
    const shadowed = await build(configDir, twoDirectories)

    const others = [
      await build(configDir, { parameters: { DataWidth: 64 } }),
      await build(configDir, { defines: { FAST: true } }),
      await build(configDir, { inputs: { straps: 3 } }),
      await build(configDir, { verilatorArgs: ['-Wno-lint'] }),
      await build(configDir, {}, { trace: true }),
    ]
    const hashes = [original, edited, unshadowed, shadowed, ...others].map(({ hash }) => hash)
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('the same RTL elsewhere is the same model', { timeout: buildTimeoutMs }, async () => {
    const [here, there] = [makeProject('same'), makeProject('copy')]
    writeFileSync(join(there, 'include', 'reset.svh'), readFileSync(join(here, 'include', 'reset.svh')))
    const first = await build(here)
    expect(await build(there)).toMatchObject({ hash: first.hash, cached: true })
  })

  test('two builds at once compile once', { timeout: buildTimeoutMs }, async () => {
    const configDir = makeProject()
    const built = await Promise.all([build(configDir), build(configDir)])
    expect(built.map(({ cached }) => cached).sort()).toEqual([false, true])
    expect(built[0].executable).toBe(built[1].executable)
  })

  test('a damaged model is built again', { timeout: buildTimeoutMs }, async () => {
    const configDir = makeProject()
    const first = await build(configDir)
    truncateSync(first.executable, 1000)
    expect(await build(configDir)).toEqual({ ...first, cached: false })
    rmSync(join(first.directory, 'SHA256SUMS'))
    expect(await build(configDir)).toEqual({ ...first, cached: false })
  })

  test('names with blanks and letters of all kinds', { timeout: buildTimeoutMs }, async () => {
    const configDir = makeProject('größe 1')
    writeFileSync(join(configDir, 'кern 2.sv'), readFileSync(join(configDir, 'core.sv')))
    await expect(build(configDir, { sources: ['кern 2.sv'] })).resolves.toMatchObject({ cached: false })
  })

  test('a build can be given up', async () => {
    const configDir = makeProject()
    const controller = new AbortController()
    const onProgress = () => controller.abort(new Error('enough'))
    await expect(build(configDir, {}, { onProgress, signal: controller.signal })).rejects.toThrow('enough')
  })
})

describe('sentences', () => {
  test('no tools', async () => {
    const configDir = makeProject()
    const saved = process.env.PATH
    process.env.PATH = '/nowhere'
    try {
      await expect(build(configDir)).rejects.toThrow(
        'verilator, g++, make are not installed; on Debian or Ubuntu: apt-get install verilator g++ make',
      )
    } finally {
      process.env.PATH = saved
    }
  })

  test('a missing file, before any tool runs', async () => {
    const configDir = makeProject()
    await expect(build(configDir, { sources: ['core.sv', 'gone.sv'] })).rejects.toThrow(
      `RTL file ${configDir}/gone.sv of core does not exist`,
    )
    expect(toolsRun()).toEqual([])
  })

  test('an RTL error names the place and the whole output', async () => {
    const configDir = makeProject()
    writeFileSync(join(configDir, 'core.sv'), 'module core(input clk);\n  wire w = ;\nendmodule\n')
    const error = await build(configDir).catch((reason: unknown) => reason as Error)
    const [, log] = /^Verilator refused core at core\.sv:2: syntax error.* \(its whole output: (.+)\)$/.exec(
      (error as Error).message,
    ) as RegExpExecArray
    expect(readFileSync(log as string, 'utf8')).toContain('%Error: core.sv:2')
  })

  test('a cache that can not be written', async () => {
    const blocked = join(home, 'blocked')
    writeFileSync(blocked, 'a file where a directory should be')
    await expect(build(makeProject(), {}, { cacheDir: blocked })).rejects.toThrow(
      joined(
        /^the build cache can't be written at .*blocked.* \((EEXIST|ENOTDIR)\); set TRAPLINE_CACHE to a directory /,
        /that can$/,
      ),
    )
  })

  test('a cache directory that make can not handle', async () => {
    const spaced = join(home, 'my cache')
    await expect(build(makeProject(), {}, { cacheDir: spaced })).rejects.toThrow(
      `make can't handle the " " in ${spaced}; set TRAPLINE_CACHE to another directory`,
    )
  })
})
