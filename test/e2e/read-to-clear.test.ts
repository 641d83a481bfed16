/** A register that clears when it is read is read once per load, whatever the instruction. */
import { expect, it } from 'vitest'
import { at, base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const regs = configOf('axil_regs')
/** Counts the writes to SCRATCH since it was last read. */
const countAt = 0x0c

it.each([8, 16, 32])('a load of %i bits has the count, the next one 0', async (bits) => {
  const script = [
    ...[1, 2, 3].map((value) => `busybox devmem ${at(0)} 32 ${value}`),
    `busybox devmem ${at(countAt)} ${bits}`,
    `busybox devmem ${at(countAt)} ${bits}`,
  ]
  const { stdout, log } = await runHost(makeScratch(), regs, ['sh', '-ec', script.join('\n')])
  const [first = '', second = ''] = stdout.split('\n')
  expect([Number(first), Number(second)]).toEqual([3, 0])
  expect(log.filter(({ offset }) => offset === countAt).length).toBe(2)
})

it('one load in a program is one access in the log', async () => {
  const { log } = await runHost(makeScratch(), regs, [host('loop'), '/dev/mem', String(base), String(countAt), '50'])
  expect(log.map(toWords)).toEqual(Array(50).fill('read dut+0xc 4 B = 0x00000000'))
})
