/** What aborts after a time does so whatever else is collected meanwhile. */
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { abortAfter } from '../../../bridge/ground/interruption.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const aWhileMs = 50
const never = 2 ** 31 - 1

it('aborts when the time is over, though nobody but a listener knows of it', async () => {
  const aborted = new Promise((resolve) => {
    const signal = abortAfter(aWhileMs, new AbortController().signal)
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })
  // A round ends before what was made in it can be collected.
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  expect(await aborted).toMatchObject({ name: 'TimeoutError' })
})

it('aborts with the earlier signal, and for its reason', async () => {
  const earlier = new AbortController()
  const signal = abortAfter(never, earlier.signal)
  expect(signal.aborted).toBe(false)
  const aborted = once(signal, 'abort')
  earlier.abort('a signal came')
  await aborted
  expect(signal.reason).toBe('a signal came')
})

it('is aborted at once where the earlier one was', () => {
  expect(abortAfter(never, AbortSignal.abort('before'))).toMatchObject({ aborted: true, reason: 'before' })
})
