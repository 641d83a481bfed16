/** Copies reach a device that takes bursts in few of them, and every byte where it belongs. */
import { describe, expect, it } from 'vitest'
import { base, configOf, sampleModel } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const size = 0x4000
const ram = (dataWidth: number) =>
  configOf(sampleModel('axi4_ram', { DataWidth: dataWidth, AddrWidth: 16, Depth: (8 * size) / dataWidth }), { size })

async function copy(config: ReturnType<typeof ram>, way: string, flags: string[] = []) {
  const program = [host('bursts'), '/dev/mem', String(base), String(size), way]
  const { status, stdout, stderr, log } = await runHost(makeScratch(), config, program, { flags })
  expect(status, stderr).toBe(0)
  const total = (key: 'beats' | 'bursts') => log.reduce((sum, access) => sum + access[key], 0)
  return { stdout, log, bursts: total('bursts'), beats: total('beats') }
}

describe.each([8, 32, 64, 512, 1024])('on a bus of %i bits', (dataWidth) => {
  it.each([
    ['freely', []],
    ['with every channel held back', ['--stall', '40']],
  ])('every width, alignment and direction matches memory, %s', async (_name, flags) => {
    const { stdout } = await copy(ram(dataWidth), 'all', flags)
    expect(stdout).toBe('366 operations, 0 differences\n')
  })

  it('4 KiB by rep movs are as few bursts as AXI allows', async () => {
    const { log, bursts, beats } = await copy(ram(dataWidth), 'rep')
    expect(log.map(({ op, offset, widthBytes }) => [op, offset, widthBytes])).toEqual([['write', 0, 4096]])
    expect([bursts, beats]).toEqual([Math.ceil(4096 / 256 / (dataWidth / 8)), 4096 / (dataWidth / 8)])
  })

  it('4 KiB by memcpy are at most one burst per vector of 16 bytes', async () => {
    const { log, bursts } = await copy(ram(dataWidth), 'memcpy')
    expect(log.every(({ op }) => op === 'write')).toBe(true)
    expect(bursts).toBeLessThanOrEqual(4096 / 16 + 2)
  })
})

it('a device that is told to take none gets each element alone', async () => {
  const config = configOf(sampleModel('axi4_ram', { AddrWidth: 16, Depth: size / 4 }), { size, bursts: false })
  const { log } = await copy(config, 'rep')
  expect(log.length).toBe(4096)
})

it('read and write calls come in bursts, too', async () => {
  const script = `
import os
device = os.open('/dev/mem', os.O_RDWR)
data = bytes(i % 251 for i in range(10000))
os.pwrite(device, data, ${base} + 3)
assert os.pread(device, 10000, ${base} + 3) == data
`
  const { status, stderr, log } = await runHost(makeScratch(), ram(64), ['python3', '-c', script])
  expect(status, stderr).toBe(0)
  const pieces = [4093, 4096, 1811]
  expect(log.map(({ op, widthBytes }) => [op, widthBytes])).toEqual(
    ['write', 'read'].flatMap((op) => pieces.map((piece) => [op, piece])),
  )
})
