/** A copy of a model says which process it is; who is signalled is the one that the kernel says. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { makeCheckpoint } from '../../../bridge/model/checkpoint.js'
import type { RunningModel } from '../../../bridge/model/running-model.js'
import { nothingRecorded } from '../../../bridge/run/recording.js'
import { root } from '../../support/places.js'
import { makeScratch } from '../../support/scratch.js'

it('a copy that claims to be another process of the user is ended itself', async () => {
  const { path } = makeScratch()
  const victim = spawn('sleep', ['1000'])
  onTestFinished(() => void victim.kill('SIGKILL'))
  const args = ['--forks', join(path, 'dut.forks'), '--pid', String(victim.pid)]
  const copy = spawn(process.execPath, [join(root, 'test/support/fake-model.mjs'), ...args])
  onTestFinished(() => void copy.kill('SIGKILL'))
  const ended = once(copy, 'exit')
  await once(copy.stdout, 'data')

  const standing = { name: 'dut', link: { call: async () => undefined } } as unknown as RunningModel
  const checkpoint = await makeCheckpoint(standing, path)
  const settings = { name: 'dut', runDirectory: path, ports: [], recording: nothingRecorded }
  const model = await checkpoint.fork({ ...settings, onOutput: () => undefined })
  expect(model.hello.pid).toBe(victim.pid)
  await Promise.race([model.stop(300).then(() => ended), once(victim, 'exit')])
  expect([victim.exitCode, victim.signalCode]).toEqual([null, null])
})
