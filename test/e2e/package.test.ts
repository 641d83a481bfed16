/** The package in other people's repositories: from `npm pack` of a clean clone to a test of their own. */
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { nobody, canBecomeNobody } from '../support/nobody.js'
import { filesIn, makeUser, packClone, unpackDeb, type User } from '../support/packed.js'
import { root } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'

const longestMs = 1_800_000
const mostBytes = 3_000_000

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

let packed: string
let user: User

beforeAll(async () => {
  chmodSync(scratch.path, 0o755)
  packed = await packClone(join(scratch.path, 'clone'))
  user = await makeUser(join(scratch.path, 'home'))
}, longestMs)

const test = `import { expect, test } from 'trapline/vitest'

test('it blinks twice', async ({ bench }) => {
  const run = await bench.run('./blink')
  expect(run.exitCode).toBe(0)
  expect(run).toHaveAccessed([{ operation: 'write', device: 'blinker0', offset: 0, value: 3 }])
  expect(await bench.read('blinker0', 8)).toBe(0xb11c0001n)
})
`
const types = {
  compilerOptions: { target: 'ES2022', module: 'NodeNext', strict: true, noEmit: true, types: ['node'] },
  include: ['*.ts'],
}
const others = ['vitest', 'typescript', '@types/node'].map((name) => `${name}@${versionOf(name)}`).join(' ')

/** The release that this checkout has. */
function versionOf(name: string): string {
  const file = join(root, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** How each manager takes packages in, and runs a program of one. */
const managers = {
  npm: { add: 'npm install --no-audit --no-fund --save-dev', exec: 'npx ' },
  pnpm: { add: 'pnpm add --save-dev --allow-build=protobufjs', exec: 'pnpm exec ' },
  yarn: { add: 'yarn add --non-interactive --dev', exec: '"$(yarn --silent bin)"/' },
}

/** A repository with RTL, a driver and a test, and nothing of Trapline. */
function makeRepository(name: string): string {
  const folder = join(scratch.path, name)
  mkdirSync(folder)
  for (const file of ['blinker.sv', 'blink.c'])
    copyFileSync(join(root, 'examples/five-minutes', file), join(folder, file))
  writeFileSync(join(folder, 'blink.test.ts'), test)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(types))
  // What is newer may have optional parts that not every registry has, which yarn wants to see all the same.
  const own = { name: 'blinker', version: '1.0.0', private: true, resolutions: { vite: versionOf('vite') } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own))
  if (canBecomeNobody) chownSync(join(folder, 'package.json'), nobody, nobody)
  return folder
}

it('a clean clone packs what runs, and nothing of what made it', () => {
  const files = filesIn(packed)
  expect(files).toEqual(
    expect.arrayContaining([
      ...[
        'README.md',
        'LICENSE',
        'CHANGELOG.md',
        'build/trapline.1',
        'build/bridge/main.js',
        'build/bridge/command-line/main.cjs',
      ],
      ...['build/bridge/index.d.ts', 'build/bridge/vitest/index.d.ts', 'build/trap/libtrapline.so'],
      ...['hdl/sim/model.mk', 'hdl/bfm/axil_manager_bfm.sv', 'proto/trapline/v1/agent.proto'],
    ]),
  )
  const made = /(^|\/)(tests?|examples|node_modules|__pycache__|obj)\/|\.(o|a|map|stamp|fst|vcd|jsonl|py[co])$/
  expect(files.filter((file) => made.test(file))).toEqual([])
  expect(statSync(packed).size).toBeLessThanOrEqual(mostBytes)
})

it(
  'a package for Debian has the command, its manual and its completions',
  async () => {
    const machine = await unpackDeb(join(scratch.path, 'clone'))
    const { status, output } = await user.run(user.home, `'${machine}/usr/bin/trapline' doctor --json`)
    expect(status, output).toBe(0)
    expect(output).toContain(`${machine}/usr/lib/trapline/build/trap/libtrapline.so`)
    const share = ['man/man1/trapline.1', 'bash-completion/completions/trapline', 'zsh/vendor-completions/_trapline']
    for (const file of [...share, 'fish/vendor_completions.d/trapline.fish'])
      expect(readFileSync(join(machine, 'usr/share', file), 'utf8')).toContain('doctor')
    expect(existsSync(join(machine, 'usr/lib/trapline/node_modules/vitest'))).toBe(false)
  },
  longestMs,
)

it.each(['npm', 'pnpm', 'yarn'] as const)(
  '%s brings it, offline, into a folder with blanks',
  async (name) => {
    const { add, exec } = managers[name]
    const install = (how: string) => `${add} ${how} '${packed}' ${others}`
    // Once there must be something to be had without the network.
    const warmed = await user.run(makeRepository(`warm ${name}`), install(''))
    expect(warmed.status, warmed.output).toBe(0)

    const repository = makeRepository(`a repository of ${name}`)
    const use = async (script: string) => {
      const { status, output } = await user.run(repository, script)
      expect(status, output).toBe(0)
      return output
    }
    await use(install('--offline'))
    const doctor = await use(`${exec}trapline doctor`)
    expect(doctor).toMatch(/^agent +ok /m)
    expect(await use(`${exec}trapline init --rtl blinker.sv --map /dev/mem@0x43c00000+0x100`)).toMatch(/wrote/)
    const reporters = '--reporter=default --reporter=trapline/vitest/reporter'
    const tested = await use(`gcc -g -o blink blink.c; ${exec}vitest run --testTimeout=120000 ${reporters}`)
    expect(tested).toMatch(/Tests +1 passed/)
    const [, builtSeconds] = /^trapline: blinker: built in ([\d.]+) s$/m.exec(tested) ?? []
    const junit = readFileSync(join(repository, 'trapline-results/junit.xml'), 'utf8')
    const [, seconds] = /<testcase name="it blinks twice"[^>]* time="([\d.]+)"/.exec(junit) ?? []
    // The first of all had a compiler before it, of whose time nothing is the test's.
    if (name === 'npm') expect(builtSeconds).toBeDefined()
    if (builtSeconds !== undefined) expect(Number(seconds)).toBeLessThan(Number(builtSeconds))
    const run = await use(`${exec}trapline run --show -- ./blink`)
    expect(run).toMatch(/^2 blinks after 4 polls$/m)
    expect(run).toMatch(/→ write blinker0\+0x0 4 B .* = 0x00000003$/m)
    await use(`${exec}tsc --strict --project tsconfig.json`)
  },
  longestMs,
)
