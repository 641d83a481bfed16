/** Accesses of JavaScript are blamed on its functions, where Node writes down for perf what it has compiled. */
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const program = join(root, 'test/e2e/tools/callers.mjs')
const lines = readFileSync(program, 'utf8').split('\n')
const count = 400

async function run(flags: string[]) {
  const koffi = createRequire(import.meta.url).resolve('koffi')
  const command = [process.execPath, ...flags, program, koffi, '/dev/mem', String(base), String(count)]
  // By mailboxes callers are told only if asked for, whatever lane the tests are run by.
  const ended = await runHost(makeScratch(), configOf('axil_ram'), command, { flags: ['--lane', 'grpc'] })
  onTestFinished(() => ended.log.slice(0, 1).forEach(({ pid }) => rmSync(`/tmp/perf-${pid}.map`, { force: true })))
  expect(ended.status, ended.stderr).toBe(0)
  expect(ended.log.length).toBe(count)
  return ended.log
}

it('the function that wanted the register, not its helper and not the engine', async () => {
  const log = await run(['--perf-basic-prof', '--interpreted-frames-native-stack'])
  const begin = lines.findIndex((line) => line.startsWith('function pollStatus')) + 1
  // The first ones go deep into the engine, which learns from them.
  const learnt = log.slice(count / 2)
  expect([...new Set(learnt.map(({ symbol }) => symbol))]).toEqual([`pollStatus (callers.mjs:${begin})`])
  const { frames = [] } = learnt.at(-1) ?? {}
  expect(frames).toContainEqual({ function: 'pollStatus', file: 'callers.mjs', line: begin })
})

it('of a Node that writes nothing down there is the place in the engine', async () => {
  const log = await run([])
  expect(log.filter(({ symbol }) => symbol.includes('callers.mjs'))).toEqual([])
})
