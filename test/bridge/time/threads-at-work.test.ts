import { expect, it } from 'vitest'
import { isAtWork } from '../../../bridge/time/threads-at-work.js'

const stat = (state: string) => `4711 (a (b) R c) ${state} 1 4711 4711 0 -1 4194304 114 0\n`
const unreadable = () => {
  throw new Error('EPERM')
}

it.each([
  ['it runs', 'R', '0 0x1', true],
  ['it sleeps in read(2)', 'S', '0 0x1', false],
  ['it is stopped', 'T', '0 0x1', false],
  ['it waits for a page of its program', 'D', '-1 0x7ffe 0x5555', true],
  ['it waits for a disk in read(2)', 'D', '0 0x3', true],
  ['vfork(2) waits for its child', 'D', '58 0x5', false],
  ['clone(2) waits for its child', 'D', '56 0x4100', false],
  ['clone3(2) waits for its child', 'D', '435 0x7ffe', false],
])('%s', (_what, state, call, works) => {
  expect(isAtWork(stat(state), () => call)).toBe(works)
})

it('who may not be looked at does not stop time for ever', () => {
  expect(isAtWork(stat('D'), unreadable)).toBe(false)
  expect(isAtWork(stat('R'), unreadable)).toBe(true)
})
