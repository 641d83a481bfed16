// What is kept of our own code and of users' TypeScript makes runs start sooner, and never changes what they do.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeScratch, type Scratch } from '../../support/scratch.js'
import { trapline } from '../../support/trapline.js'

const version = /^\d+\.\d+\.\d+\n$/

function inFreshCache() {
  const scratch = makeScratch()
  const cache = scratch.folder()
  const kept = () => readdirSync(join(cache, 'compiled')).map((name) => join(cache, 'compiled', name))
  return { scratch, kept, options: { env: { TRAPLINE_CACHE: cache } } }
}

function writeConfig(scratch: Scratch, device: string): string {
  return scratch.write(
    'trapline.config.ts',
    `import { defineConfig } from 'trapline'
const model: string = 'm'
export default defineConfig({
  models: { [model]: { top: 'm', sources: ['m.sv'] } },
  devices: { ${device}: { kind: 'mem', path: '/dev/mem', base: 0x43c00000, size: 0x1000, model } },
})
`,
  )
}

it('one file for each command, made once', async () => {
  const { scratch, kept, options } = inFreshCache()
  expect((await trapline(scratch, ['--version'], options)).stdout).toMatch(version)
  const [file, ...others] = kept()
  expect(others).toEqual([])
  const before = readFileSync(file ?? '')
  expect((await trapline(scratch, ['--version'], options)).stdout).toMatch(version)
  expect(kept()).toEqual([file])
  expect(readFileSync(file ?? '').equals(before)).toBe(true)
})

it('a command that is not understood leaves nothing', async () => {
  const { scratch, kept, options } = inFreshCache()
  expect((await trapline(scratch, ['fly'], options)).status).toBe(125)
  expect(kept).toThrow('ENOENT')
})

it.each([
  ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
  [
    'with a byte turned',
    (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === bytes.length - 99 ? ~byte : byte))),
  ],
  ['empty', () => Buffer.alloc(0)],
])('a file that is %s is not believed, and made anew', async (_what, damage) => {
  const { scratch, kept, options } = inFreshCache()
  await trapline(scratch, ['--version'], options)
  const [file = ''] = kept()
  const whole = readFileSync(file)
  writeFileSync(file, damage(whole))
  expect((await trapline(scratch, ['--version'], options)).stdout).toMatch(version)
  expect(readFileSync(file).length).toBeGreaterThan(whole.length / 2)
})

it.each([
  ['a folder', (file: string) => mkdirSync(file)],
  ['a pipe', (file: string) => execFileSync('mkfifo', [file])],
  ['a device without an end', (file: string) => symlinkSync('/dev/zero', file)],
  ['a link to nothing', (file: string) => symlinkSync('/no/such/file', file)],
  ['larger than memory', (file: string) => (writeFileSync(file, ''), truncateSync(file, 2 ** 40))],
])('what is no file of ours, but %s, is not read', async (_what, place) => {
  const { scratch, kept, options } = inFreshCache()
  await trapline(scratch, ['--version'], options)
  const [file = ''] = kept()
  rmSync(file)
  place(file)
  expect((await trapline(scratch, ['--version'], options)).stdout).toMatch(version)
})

it('another NODE_OPTIONS makes its own of it', async () => {
  const { scratch, options } = inFreshCache()
  const ask = (flags: string) =>
    trapline(scratch, ['--version'], { env: { ...options.env, NODE_OPTIONS: flags } }).then(({ stdout }) => stdout)
  for (const flags of ['--jitless', '', '--max-old-space-size=200']) expect(await ask(flags)).toMatch(version)
})

it('a cache that can not be written is done without', async () => {
  const { scratch, options } = inFreshCache()
  const file = scratch.write('no-folder', '')
  const { status, stdout } = await trapline(scratch, ['--version'], { env: { TRAPLINE_CACHE: file } })
  expect([status, stdout]).toEqual([0, expect.stringMatching(version) as string])
  chmodSync(options.env.TRAPLINE_CACHE, 0o555)
  expect((await trapline(scratch, ['--version'], options)).stdout).toMatch(version)
})

it('a configuration in TypeScript is what it says now', async () => {
  const { scratch, options } = inFreshCache()
  const list = async (device: string) => {
    const config = writeConfig(scratch, device)
    return (await trapline(scratch, ['list', '--config', config], options)).stdout
  }
  expect(await list('first0')).toContain('first0')
  expect(await list('first0')).toContain('first0')
  expect(await list('other0')).not.toContain('first0')
  expect(await list('first0')).toContain('first0')
})
