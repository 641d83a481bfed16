import { expect, it } from 'vitest'
import { Sessions } from '../../../bridge/access/sessions.js'
import type { ModelPool } from '../../../bridge/model/model-pool.js'

const models = { running: [] } as unknown as ModelPool

it('who attaches and opens no Transact call is forgotten; who opened one stays', async () => {
  const sessions = new Sessions({ devices: [], models, observer: { onCompletion() {} }, keepsSites: false, idleMs: 10 })
  const [first, second] = [sessions.attach(1, '/bin/first'), sessions.attach(2, '/bin/second')]
  second.begin(() => undefined)
  await expect.poll(() => sessions.processes).toEqual([second])
  expect([first.isOpen, second.isOpen]).toEqual([false, true])
})
