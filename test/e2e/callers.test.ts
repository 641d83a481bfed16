/** An access is blamed on the line of the driver that wanted it, whatever stands between that and the load. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host, root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, type LoggedAccess, type Options } from '../support/trapline.js'

const ram = configOf('axil_ram')
const source = readFileSync(join(root, 'test/e2e/hosts/callers.c'), 'utf8').split('\n')

/** `function (callers.c:12)` for the line that has this comment. */
function lineOf(name: string, comment: string): string {
  return `${name} (callers.c:${source.findIndex((line) => line.endsWith(`/* ${comment} */`)) + 1})`
}

/** By mailboxes callers are told only if asked for, whatever lane the tests are run by. */
const byGrpc = ['--lane', 'grpc']

function callers(ways: string[], options: Options & { flags?: string[] } = {}, config = ram) {
  const program = [host('callers'), '/dev/mem', String(base), ...ways]
  return runHost(makeScratch(), config, program, { flags: byGrpc, ...options })
}

const functionsOf = ({ frames = [] }: LoggedAccess) => frames.map((frame) => frame.function)
const symbolsOf = (log: LoggedAccess[]) => [...new Set(log.map(({ symbol }) => symbol))]

it.each([
  { way: 'helper', blamed: lineOf('poll_status', 'helper'), frames: ['reg_read', 'poll_status', 'main'] },
  { way: 'memcpy', blamed: lineOf('copy_out', 'memcpy'), frames: [expect.any(String), 'copy_out', 'main'] },
  { way: 'aligned', blamed: lineOf('poll_status', 'helper'), frames: ['reg_read', 'poll_status', 'aligned', 'main'] },
])('$way: blamed on the line of the driver, which is not that of the load', async ({ way, blamed, frames }) => {
  const { status, stderr, log } = await callers([way])
  expect(status, stderr).toBe(0)
  expect(symbolsOf(log)).toEqual([blamed])
  for (const access of log) expect(functionsOf(access)).toEqual(frames)
})

it('from a handler to what the signal interrupted', async () => {
  const { log } = await callers(['signal'])
  const functions = functionsOf(log[0] as LoggedAccess)
  expect(functions.slice(0, 3)).toEqual(['reg_read', 'poll_status', 'on_signal'])
  expect(functions.slice(-2)).toEqual(['interrupt', 'main'])
})

it('at most eight callers, of which each way there has its own', async () => {
  const { log } = await callers(['2', '30', '2'])
  expect(log.map((access) => functionsOf(access).length)).toEqual([4, 9, 4])
  expect(log.map(({ frames }) => frames?.at(-1)?.function)).toEqual(['main', 'descend', 'main'])
})

it('functions of the configuration and of the command line are passed over', async () => {
  const plain = await callers(['own-helper'])
  expect(symbolsOf(plain.log)).toEqual([expect.stringMatching(/^my_peek \(/)])
  const skipping = await callers(['own-helper'], {}, { ...ram, skipFrames: ['my_*'] })
  expect(symbolsOf(skipping.log)).toEqual([lineOf('look', 'own helper')])
  const flags = [...byGrpc, '--skip-frame', 'my_peek']
  expect(symbolsOf((await callers(['own-helper'], { flags })).log)).toEqual([lineOf('look', 'own helper')])
})

it('--call-stacks names the line in --show', async () => {
  const { sentences } = await callers(['helper', 'memcpy'], { flags: ['--call-stacks', '--show'] })
  const shown = sentences.filter((sentence) => sentence.includes(' → '))
  expect(shown[0]).toMatch(/^callers {2}mov .* → read {2}dut\+0x8 4 B .* {2}in poll_status \(callers\.c:\d+\)$/)
  for (const line of shown.slice(1)) expect(line).toContain(`  in ${lineOf('copy_out', 'memcpy')}`)
})

it('callStacks: false asks for nothing', async () => {
  const { log } = await callers(['own-helper'], {}, { ...ram, skipFrames: ['my_peek'], callStacks: false })
  expect(symbolsOf(log)).toEqual([expect.stringMatching(/^my_peek \(/)])
  expect(log[0]).not.toHaveProperty('frames')
})

it.each([
  { way: 'by mailboxes', flags: ['--lane', 'shm'] },
  { way: 'from patched code', flags: ['--patch'] },
])('$way only if asked', async ({ flags }) => {
  const env = { TRAPLINE_PATCH_AFTER: '3' }
  const ways = Array.from({ length: 12 }, () => 'own-helper')
  const skipping = { ...ram, skipFrames: ['my_peek'] }
  const plain = await callers(ways, { flags, env }, skipping)
  // The first access goes through the bridge, which has to hear of its place.
  expect(symbolsOf(plain.log.slice(1))).toEqual([expect.stringMatching(/^my_peek \(/)])
  const asked = await callers(ways, { flags: [...flags, '--call-stacks'], env }, skipping)
  expect(symbolsOf(asked.log)).toEqual([lineOf('look', 'own helper')])
  expect(functionsOf(asked.log.at(-1) as LoggedAccess)).toEqual(['my_peek', 'look', 'main'])
})
