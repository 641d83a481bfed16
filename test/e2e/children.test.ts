/** Children that are made at a bad moment, and programs that make them: as natively, by both kinds of time. */
import { describe, expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

/** Cycles of a microsecond, so that what programs sleep is soon simulated. */
const model = { top: 'axil_regs', sources: [sampleRtl('axil_regs')], clock: { port: 'clk_i', periodPs: 1_000_000 } }

const expected = {
  timers: '20 of 20 children well\n',
  handlers: 'handled SIGSEGV\n',
  far: 'nanosleep: -1, Interrupted system call\n',
}

describe.each([
  ['real', expected],
  // By real time the alarm may come before the sleep.
  ['virtual', { ...expected, alarm: '2 s were left to sleep\n' }],
])('by %s time', (time, ways) => {
  it.each(Object.entries(ways))('%s', async (way, output) => {
    const program = [host('children'), way, '/dev/mem', `${base}`]
    const { status, stdout, stderr } = await runHost(makeScratch(), configOf(model), program, {
      flags: ['--time', time],
    })
    expect([status, stdout], stderr).toEqual([0, output])
  })
})
