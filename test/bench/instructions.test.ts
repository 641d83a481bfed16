/**
 * Instructions that agent and model take for an access, counted by callgrind: they depend on compilers, not on the
 * machine or on who else works there. Those of the bridge are left out, for V8 compiles while it runs, and callgrind
 * does not count alike twice there.
 *
 * `instructions.json` has what was counted, with the compilers that it was counted with. More than a tenth above fails;
 * with other compilers more than a half. A count that is better by more is to be written down there.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import type { Access } from '../../bridge/wire/access.js'
import { buildCore, buildTimeoutMs, RunningCore } from '../hdl/run-model.js'

const stored = JSON.parse(readFileSync(join(import.meta.dirname, 'instructions.json'), 'utf8')) as {
  compilers: string
  counts: Record<string, number>
}

const firstLine = (program: string) => spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0]
const hasValgrind = firstLine('valgrind') !== undefined
const unlessThere = hasValgrind ? '' : ' (skipped: no valgrind)'
const compilers = [firstLine('gcc'), firstLine('g++'), firstLine('verilator')].join('; ')
const mostTimes = compilers === stored.compilers ? 1.1 : 1.5

/**
 * Blocks end at jumps and registers are exact at each access, so that a handler of a signal sees the address of the
 * instruction that failed.
 */
const toCallgrind = (file: string) => [
  'valgrind',
  '--tool=callgrind',
  `--callgrind-out-file=${file}`,
  '--vex-guest-chase=no',
  '--vex-iropt-register-updates=allregs-at-mem-access',
]

function toCount(words: string): number {
  const [, count] = /Collected : (\d+)/.exec(words) ?? []
  if (count === undefined) throw new Error(`callgrind counted nothing: ${words}`)
  return Number(count)
}

/** Of each of the accesses by which the longer of two runs is longer. */
async function perAccess(
  countRun: (accesses: number) => number | Promise<number>,
  [few, many]: [number, number] = [200, 700],
): Promise<number> {
  return ((await countRun(many)) - (await countRun(few))) / (many - few)
}

function expectAsStored(name: string, count: number): void {
  const known = stored.counts[name] ?? 0
  expect(count, `${name}: ${count} instructions, ${known} are known; counted with ${compilers}`).toBeLessThanOrEqual(
    known * mostTimes,
  )
  // Not a count of something else.
  expect(count).toBeGreaterThan(known / 4)
}

it('the page says what is stored', () => {
  const page = readFileSync(join(root, 'docs/speed.md'), 'utf8').replaceAll(/\s+/g, ' ')
  const sentence =
    /an access takes ([\d,]+) instructions in the agent .*? and ([\d,]+) in the model .*?, an idle cycle ([\d,]+)\./
  const ofCopies =
    /4 KiB take the model ([\d,]+) instructions .*? read, and ([\d,]+) written; in bursts .*? ([\d,]+) and ([\d,]+)\./
  const said = [sentence, ofCopies].flatMap((pattern) => pattern.exec(page)?.slice(1) ?? [])
  const names = ['trap-load', 'model-read', 'model-idle-cycle']
  for (const kind of ['string', 'burst']) names.push(`model-${kind}-read`, `model-${kind}-write`)
  expect(said.map((number) => Number(number.replaceAll(',', '')))).toEqual(names.map((name) => stored.counts[name]))
})

describe.runIf(hasValgrind)(`agent${unlessThere}`, () => {
  beforeAll(() => {
    const made = spawnSync('make', ['--silent', '-C', 'test/bench', 'trap_cost'], { cwd: root, encoding: 'utf8' })
    expect(made.stderr).toBe('')
  }, buildTimeoutMs)

  it.each(['trap-load', 'trap-store', 'trap-vector-load', 'trap-locked-add'])('%s', async (kind) => {
    const program = join(root, 'build/test/bench/trap_cost')
    const count = await perAccess((accesses) => {
      const file = join(makeScratch().path, 'counts')
      const [command = '', ...args] = [...toCallgrind(file), program, kind, String(accesses)]
      const { stderr, status } = spawnSync(command, args, { encoding: 'utf8' })
      expect(status, stderr).toBe(0)
      return toCount(stderr)
    })
    expectAsStored(kind, count)
  })
})

describe.runIf(hasValgrind)(`model${unlessThere}`, () => {
  /** What the model's process takes until its end, where `converse` is what is said to it. */
  async function countRun(
    converse: (core: RunningCore) => Promise<unknown>,
    name = 'axil_regs',
    parameters: Record<string, number> = {},
  ): Promise<number> {
    const built = await buildCore(name, parameters)
    const scratch = makeScratch()
    const executable = join(scratch.path, 'counted')
    const callgrind = toCallgrind(join(scratch.path, 'counts')).join(' ')
    writeFileSync(executable, `#!/bin/sh\nexec ${callgrind} '${built.executable}' "$@"\n`)
    chmodSync(executable, 0o755)
    const core = new RunningCore({ ...built, executable }, {})
    await core.openSession(1)
    await converse(core)
    return toCount((await core.stop()).output)
  }

  it.each<[string, (core: RunningCore, at: number) => Promise<unknown>]>([
    ['model-read', (core) => core.read(4)],
    ['model-write', (core, at) => core.write(0, at)],
  ])('%s', { timeout: buildTimeoutMs }, async (name, access) => {
    const count = await perAccess((accesses) =>
      countRun(async (core) => {
        for (let at = 0; at < accesses; at++) await access(core, at)
      }),
    )
    expectAsStored(name, count)
  })

  const words = { offset: 0n, widthBytes: 4, elements: 1024 }
  const copied = { offset: 0n, widthBytes: 4096 }
  it.each<[string, string, Partial<Access>]>([
    ['model-string-read', 'axil_ram', { operation: 'read', ...words }],
    ['model-string-write', 'axil_ram', { operation: 'write', ...words, data: Buffer.alloc(4096, 0x5a) }],
    ['model-burst-read', 'axi4_ram', { operation: 'read', ...copied }],
    ['model-burst-write', 'axi4_ram', { operation: 'write', ...copied, data: Buffer.alloc(4096, 0x5a) }],
  ])('%s', { timeout: buildTimeoutMs }, async (name, core, access) => {
    const count = await perAccess(
      (accesses) =>
        countRun(
          async (running) => {
            for (let at = 0; at < accesses; at++) expect((await running.answered(access)).status).toBe('OKAY')
          },
          core,
          { AddrWidth: 12, Depth: 1024 },
        ),
      [2, 12],
    )
    expectAsStored(name, count)
  })

  it('model-idle-cycle', { timeout: buildTimeoutMs }, async () => {
    const cycles = 50
    const count = await perAccess((many) => countRun((core) => core.advance(many * cycles)))
    expectAsStored('model-idle-cycle', count / cycles)
  })
})
