/**
 * What the bus refuses ends as SIGBUS in the host, with a line that names address, width, status and program counter.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at, base, configOf, sampleModel } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { unlessSimulated } from '../support/simulators.js'
import { runHost } from '../support/trapline.js'

const regs = configOf('axil_regs')
/** A register that does not exist. */
const hole = 0x40
const sigbusStatus = 128 + 7

const lineOf = (status: string, access: string, offset: number) =>
  new RegExp(
    `^${status} on ${access} at dut\\+0x${offset.toString(16)} \\(/dev/mem ${at(offset)}\\) by .+, pc 0x[0-9a-f]+: ` +
      `.*the host gets SIGBUS$`,
    'm',
  )

it.each([
  { name: 'SLVERR on a read', args: ['32'], line: lineOf('SLVERR', 'read of 4 bytes', hole) },
  { name: 'SLVERR on a write', args: ['16', '1'], line: lineOf('SLVERR', 'write of 2 bytes', hole) },
])('$name: the program dies by SIGBUS', async ({ args, line }) => {
  const { status, sentences, log } = await runHost(makeScratch(), regs, ['busybox', 'devmem', at(hole), ...args])
  expect(status).toBe(sigbusStatus)
  expect(sentences.join('\n')).toMatch(line)
  expect(log.map((access) => access.status)).toEqual(['SLVERR'])
})

const withoutDataFirst = unlessSimulated('data_first')

it.skipIf(withoutDataFirst !== '')(`DECERR from the RTL${withoutDataFirst}`, async () => {
  const core = { top: 'data_first', sources: [join(import.meta.dirname, 'cores/data_first.sv')] }
  const { status, sentences } = await runHost(makeScratch(), configOf(core), ['busybox', 'devmem', at(hole), '32'])
  expect(status).toBe(sigbusStatus)
  expect(sentences.join('\n')).toMatch(lineOf('DECERR', 'read of 4 bytes', hole))
})

it('an access beyond the device is DECERR and reaches no bus', async () => {
  const small = configOf('axil_regs', { size: 0x20 })
  const { status, sentences, log } = await runHost(makeScratch(), small, ['busybox', 'devmem', at(hole), '8'])
  expect(status).toBe(sigbusStatus)
  expect(sentences.join('\n')).toMatch(lineOf('DECERR', 'read of 1 byte', hole))
  expect(log.map((access) => access.status)).toEqual(['DECERR'])
})

it('a device larger than its bus ends where the bus does; registers shown again are another device', async () => {
  const { models, devices } = configOf(sampleModel('axil_ram', { AddrWidth: 6, Depth: 16 }), { size: 0x80 })
  const again = { kind: 'mem', base: base + 0x80, size: 0x40, model: 'dut' } as const
  const script = [
    `busybox devmem ${at(0x3c)} 32 0x1234`,
    `busybox devmem ${at(0xbc)} 32`,
    `busybox devmem ${at(0x40)} 32`,
  ].join(' && ')
  const config = { models, devices: { ...devices, again } }
  const { stdout, sentences, log } = await runHost(makeScratch(), config, ['sh', '-c', script])
  expect(stdout).toBe('0x00001234\n')
  expect(sentences.join('\n')).toMatch(lineOf('DECERR', 'read of 4 bytes', hole))
  expect(sentences.join('\n')).toContain('lies beyond port s_axil, whose 6 address bits end at 0x3f')
  expect(log.map((access) => access.status)).toEqual(['OKAY', 'OKAY', 'DECERR'])
})

it.each([
  { direction: 'read', args: [] },
  { direction: 'write', args: ['write'] },
])('a program with a SIGBUS handler goes on after a $direction', async ({ args }) => {
  const program = [host('sigbus'), '/dev/mem', String(base), String(hole), ...args]
  const { status, stdout, log } = await runHost(makeScratch(), regs, program)
  expect(stdout).toBe('sigbus: si_code 2, offset 0x40, then 0x00000000 at 0\n')
  expect(status).toBe(0)
  expect(log.map((access) => access.status)).toEqual(['SLVERR', 'OKAY'])
})

it('onError ones: reads give all ones, writes are dropped, each is reported', async () => {
  const script = `busybox devmem ${at(hole)} 32; busybox devmem ${at(hole)} 32 5; busybox devmem ${at(hole)} 8`
  const config = configOf('axil_regs', { onError: 'ones' })
  const { status, stdout, sentences } = await runHost(makeScratch(), config, ['sh', '-ec', script])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0xFFFFFFFF\n0xFF\n' })
  expect(sentences.filter((sentence) => sentence.startsWith('SLVERR on')).length).toBe(3)
})

it('onError abort: the host is ended', async () => {
  const config = configOf('axil_regs', { onError: 'abort' })
  const { status, stdout, sentences } = await runHost(makeScratch(), config, ['busybox', 'devmem', at(hole), '32'])
  expect(stdout).toBe('')
  expect(status).not.toBe(0)
  expect(sentences.join('\n')).toMatch(/SLVERR on read of 4 bytes .*the host is ended/)
})
