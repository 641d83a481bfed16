/** Programs that touch no device get the answers that they get without Trapline. */
import { execa } from 'execa'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

/** With a UIO device there is a tree in place of /sys, too. */
const regs = configOf('axil_regs')
const config: TraplineConfig = {
  models: regs.models,
  devices: { ...regs.devices, uio0: { kind: 'uio', model: 'dut', maps: [{ size: 0x1000 }] } },
}

const programs = [
  'nowhere null-page',
  'nowhere closed',
  'nowhere end',
  'nowhere beyond',
  'odd_arguments',
  'small_stacks',
]

it.each(programs)('%s', async (program) => {
  const [name = '', ...args] = program.split(' ')
  const scratch = makeScratch()
  const natively = await execa(host(name), args, { reject: false, cwd: scratch.path, stripFinalNewline: false })
  const { status, stdout, stderr } = await runHost(scratch, config, [host(name), ...args])
  expect(natively.stdout.split('\n').length).toBeGreaterThan(10)
  expect(stdout, stderr).toBe(natively.stdout)
  expect(status, stderr).toBe(natively.exitCode)
})
