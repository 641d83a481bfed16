/** Children that are made at a bad moment, and programs that make them: as natively, by both kinds of time. */
import { describe, expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const expected = {
  timers: '20 of 20 children well\n',
  handlers: 'handled SIGSEGV\n',
  far: 'nanosleep: -1, Interrupted system call\n',
  alarm: '2 s were left to sleep\n',
}

describe.each(['real', 'virtual'])('by %s time', (time) => {
  it.each(Object.entries(expected))('%s', async (way, output) => {
    const program = [host('children'), way, '/dev/mem', `${base}`]
    const { status, stdout, stderr } = await runHost(makeScratch(), configOf('axil_regs'), program, {
      flags: ['--time', time],
    })
    expect([status, stdout], stderr).toEqual([0, output])
  })
})
