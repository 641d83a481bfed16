import { readFileSync, readlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Sessions } from '../../../bridge/access/sessions.js'
import { toReason } from '../../../bridge/time/reason.js'
import { isLocalPid } from '../../../bridge/time/waiting.js'
import type { ModelPool } from '../../../bridge/model/model-pool.js'

const models = { running: [] } as unknown as ModelPool

it('who attaches and opens no Transact call is forgotten; who opened one stays', async () => {
  const sessions = new Sessions({ devices: [], models, observer: { onCompletion() {} }, keepsSites: false, idleMs: 10 })
  const first = sessions.attach({ pid: 1, exe: '/bin/first' })
  const second = sessions.attach({ pid: 2, exe: '/bin/second' })
  second.begin(() => undefined)
  await expect.poll(() => sessions.processes).toEqual([second])
  expect([first.isOpen, second.isOpen]).toEqual([false, true])
})

/** As agents say it. */
const here = `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`

it.each([
  ['here', here, true],
  ['in another container', here.replace(/\d+\]/, '1]'), false],
  ['on another machine', here.replace(/^./, 'x'), false],
  ['nobody knows where', '', false],
])('a pid that is one %s', (_name, pidNamespace, isLocal) => {
  const sessions = new Sessions({ devices: [], models, observer: { onCompletion() {} }, keepsSites: false })
  const { pid } = process
  sessions.attach({ pid, exe: '/opt/remote-driver', pidNamespace })
  const { processes } = sessions
  expect(processes.map((one) => one.isLocal)).toEqual([isLocal])
  expect([isLocalPid(pid, processes), isLocalPid(1, processes)]).toEqual([isLocal, isLocal])
  const nothing = { holder: undefined, waiters: [], sleepers: [], isGivenUp: false }
  const words = toReason({ ...nothing, timers: [pid], processes })
  const name = isLocal ? readFileSync('/proc/self/comm', 'utf8').trim() : 'remote-driver'
  expect(words).toBe(`time runs: ${name} has a timer armed`)
  sessions.close()
})
