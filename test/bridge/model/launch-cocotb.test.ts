/** A test bench that makes no Bridge is waited for, and a note says who is. */
import { expect, it } from 'vitest'
import { toUnconnectedNote } from '../../../bridge/model/launch-cocotb.js'

it.each([
  [
    undefined,
    'for 10 s now no cocotb test of bench has entered a trapline.Bridge, which all accesses wait for: if it has work ' +
      'of its own first, wait; else let one `await bridge.served()` in it, and name that as models.gpio.test',
  ],
  [
    'smoke',
    'for 10 s now cocotb test smoke of bench has not entered a trapline.Bridge, which all accesses wait for: if it ' +
      'has work of its own first, wait; else let it `await bridge.served()` in one, or name another as ' +
      'models.gpio.test',
  ],
])('the note names model, module, test %s and the way out', (test, words) => {
  expect(toUnconnectedNote('gpio', { module: 'bench', test })).toBe(words)
})
