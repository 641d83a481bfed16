/**
 * stdout of a process that never waits for its reader while it has something else to do, seen by that reader: one that
 * reads on, one that comes late, one that never comes.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it, onTestFinished } from 'vitest'
import { root } from '../../support/places.js'

const module = join(root, 'build/bridge/ground/outlet.js')
/** With its number in front, 16 KiB with the line feed. */
const line = `const line = (n) => String(n).padEnd(16383, '.') + '\\n'`

/** A program with the outlets at hand; nobody reads its stdout yet. */
function speak(script: string) {
  const code = `import { hurryWords, results } from ${JSON.stringify(module)}\n${line}\n${script}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, ended: once(child, 'exit'), said: (): Promise<unknown> => once(child.stderr, 'data') }
}

function numbersOf(lines: string[]): number[] {
  return lines.map((one) => Number(/^(\d+)\.*$/.exec(one)?.[1]))
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

it('who reads on gets everything, more than is ever kept', { timeout: 120_000 }, async () => {
  const { child, ended } = speak(`
for (let n = 0; n < 90 * 64; n++) {
  results.write(line(n))
  if (n % 4 === 0) await new Promise(setImmediate)
}
await results.drain()`)
  const lines = (await text(child.stdout)).trimEnd().split('\n')
  expect(await ended).toEqual([0, null])
  expect(numbersOf(lines)).toEqual(upTo(90 * 64))
})

it('who comes late gets the first lines, and how many are missing', { timeout: 120_000 }, async () => {
  const { child, ended, said } = speak(`
for (let n = 0; n < 80 * 64; n++) results.write(line(n))
process.stderr.write('written')
await results.drain()
results.write('the end\\n')
await results.drain()`)
  await said()
  const lines = (await text(child.stdout)).trimEnd().split('\n')
  expect(await ended).toEqual([0, null])
  const notice = /^trapline: (\d+) lines were dropped here, for nobody read them$/
  const at = lines.findIndex((one) => notice.test(one))
  expect(numbersOf(lines.slice(0, at))).toEqual(upTo(at))
  expect(at + Number(notice.exec(lines[at] ?? '')?.[1])).toBe(80 * 64)
  expect(lines.slice(at + 1)).toEqual(['the end'])
})

it('who never comes keeps nobody after a signal', { timeout: 120_000 }, async () => {
  const { ended } = speak(`
for (let n = 0; n < 64; n++) results.write(line(n))
hurryWords()
await results.drain()`)
  expect(await ended).toEqual([0, null])
})
