/** Processes are found by a mark in their environment, whatever else is in it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { markedProcesses } from '../../../bridge/ground/processes.js'

async function launch(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn('sleep', ['600'], { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  // The next test looks for the same mark.
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await once(child, 'spawn')
  return child.pid ?? 0
}

const mark = `TRAPLINE_TEST_MARK=/tmp/run-${process.pid}`
const path = { PATH: process.env.PATH }
const toVariables = (many: number) =>
  Object.fromEntries(Array.from({ length: many }, (_, i) => [`FILLER_${i}`, 'x'.repeat(1000)]))

it.each([
  ['alone', {}],
  ['beside more than is read at once', toVariables(700)],
])('by its mark %s', async (_how, others) => {
  const [name = '', value = ''] = mark.split('=')
  const pids = [
    await launch({ ...path, ...others, [name]: value }),
    await launch({ ...others, [name]: value, ...path }),
  ]
  expect(markedProcesses(mark).sort()).toEqual(pids.sort())
})

it.each([`${mark}0`, mark.slice(0, -1), `X${mark}`, 'TRAPLINE_TEST_MARK='])('not by %s', async (other) => {
  const [name = '', value = ''] = other.split('=')
  await launch({ ...path, [name]: value })
  expect(markedProcesses(mark)).toEqual([])
})

it('never ourselves', () => {
  expect(markedProcesses(`PATH=${process.env.PATH}`)).not.toContain(process.pid)
})
