/** RTL that reads and writes host memory: u-dma-buf buffers, reserved ranges, and addresses that nobody gave it. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, configOf } from '../support/configs.js'
import { joined } from '../support/patterns.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline, trapline } from '../support/trapline.js'

const dma = { top: 'axi_dma', sources: [sampleRtl('axi_dma')] }
const dma0 = { kind: 'uio' as const, model: 'dma', maps: [{ size: 0x1000 }], interrupt: 'irq_o' }
const mebibyte = 1 << 20

function withBuffer(size: number, sharedMemory = true): TraplineConfig {
  return {
    models: { dma: { ...dma, sharedMemory } },
    devices: { dma0, udmabuf0: { kind: 'u-dma-buf', size } },
  }
}

const copier = (bytes: number) => [host('dma_copy'), '/dev/uio0', 'udmabuf0', String(bytes)]
const python = (what: string) => ['python3', join(import.meta.dirname, 'tools/dma.py'), what]

async function outputOf(config: TraplineConfig, program: string[]) {
  const { status, stdout, stderr, sentences } = await runHost(makeScratch(), config, program)
  expect(status, stderr).toBe(0)
  return { stdout, sentences }
}

describe('an interrupt-driven driver', () => {
  it.each([
    ['1 MiB, memory shared', mebibyte, true],
    ['64 KiB, over the link', mebibyte / 16, false],
  ])('copies %s', async (_name, bytes, isShared) => {
    const { stdout } = await outputOf(withBuffer(4 * mebibyte, isShared), copier(bytes))
    const chunks = bytes / 65_536
    expect(stdout).toBe(`started\ninterrupt 1, status 2, ${chunks} of ${chunks} descriptors, same\n`)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('leaves nothing when %s ends Trapline in the middle', async (signal) => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', withBuffer(64 * mebibyte))
    const running = startTrapline(scratch, ['run', '--config', config, '--', ...copier(30 * mebibyte)])
    await running.untilStdout(/started/)
    running.kill(signal)
    await running.ended
    const again = await trapline(scratch, ['run', '--config', config, '--', ...copier(mebibyte)])
    expect([again.status, again.stdout], again.stderr).toEqual([0, expect.stringContaining('16 descriptors, same')])
  })

  it('leaves nothing when it is killed itself', async () => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', withBuffer(64 * mebibyte))
    const script = `${copier(30 * mebibyte).join(' ')} & read -r _ < gone; kill -9 $!; wait $!`
    const running = startTrapline(scratch, ['run', '--config', config, '--', 'sh', '-c', `mkfifo gone; ${script}`])
    await running.untilStdout(/started/)
    scratch.write('gone', 'now\n')
    expect((await running.ended).status).toBe(137)
    const again = await trapline(scratch, ['run', '--config', config, '--', ...copier(mebibyte)])
    expect(again.status, again.stderr).toBe(0)
  })
})

it('reaches both ends of 64 MiB', async () => {
  const { stdout } = await outputOf(withBuffer(64 * mebibyte), python('ends'))
  expect(stdout).toBe("2 b'the end.'\n2 b'returns.'\n")
})

it.each([true, false])('reaches a reserved range beside registers in /dev/mem, shared: %s', async (sharedMemory) => {
  const config: TraplineConfig = {
    models: { dma: { ...dma, sharedMemory }, ram: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] } },
    devices: {
      dma0,
      pool: { kind: 'reserved', base: 0x2000_0000, size: 0x1_0000 },
      ram0: { kind: 'mem', base: 0x2001_0000, size: 0x1000, model: 'ram' },
    },
  }
  const { stdout } = await outputOf(config, python('reserved'))
  expect(stdout.split('\n')).toEqual([
    "2 b'in reserved RAM.'",
    String.raw`b'\x01\x02\x03\x04'`,
    "b'in reserved RAM.'",
    "b'by pwrite'",
    '',
  ])
})

it('a buffer is a file with attributes', async () => {
  const { stdout } = await outputOf(withBuffer(mebibyte), python('files'))
  expect(stdout).toBe("6 2 b'cde'\n10 b''\n1 True\n")
})

it('an address that nobody mapped is named, and all else goes on: three models, two ports, one host', async () => {
  const ram = (port: string, base: number) => ({ kind: 'mem' as const, base, size: 0x1000, model: 'rams', port })
  const config: TraplineConfig = {
    models: {
      dma,
      rams: {
        top: 'two_ports',
        sources: [sampleRtl('axil_ram'), join(import.meta.dirname, 'cores/two_ports.sv')],
        ports: { a: {}, b: {} },
      },
      regs: { top: 'axil_regs', sources: [sampleRtl('axil_regs')] },
    },
    devices: {
      dma0,
      udmabuf0: { kind: 'u-dma-buf', size: 0x10000, address: 0x1_2345_0000 },
      a: ram('a', 0x10000),
      b: ram('b', 0x20000),
      regs0: { kind: 'mem', base: 0x30000, size: 0x1000, model: 'regs' },
    },
  }
  const { stdout, sentences } = await outputOf(config, python('together'))
  expect(stdout.split('\n')).toEqual([
    'into nowhere: 4',
    'registers: 1 2 3',
    "after it: 2 b'good one'",
    'out of nowhere: 4',
    'registers: 1 2 3',
    '',
  ])
  const faults = sentences.filter((sentence) => sentence.includes('no memory is mapped'))
  expect(faults[0]).toMatch(
    joined(
      /^model dma: port m_axi writes 0x123460100 \(beat 0 of the burst at 0x123460100\) in cycle \d+, where no /,
      /memory is mapped; it got DECERR; mapped are udmabuf0 at 0x123450000 to 0x12345ffff$/,
    ),
  )
  expect(faults[1]).toMatch(/port m_axi reads 0x12344f000 \(beat 0 of the burst at 0x12344f000\)/)
  expect(sentences.at(-1)).toMatch(/2 DMA faults/)
})

it.each([
  [{ size: 100 }, 'devices.udmabuf0.size is 100; it must be a multiple of 4096'],
  [{ size: 4096, models: ['dme'] }, 'device udmabuf0: model dme does not exist; models are dma'],
  [{ size: '0x1000000000000000' }, 'bytes left where 1152921504606846976 are due; set TMPDIR to a larger place'],
])('refuses %j', async (change, sentence) => {
  const scratch = makeScratch()
  const { models } = withBuffer(4096)
  const config = scratch.write('c.json', { models, devices: { dma0, udmabuf0: { kind: 'u-dma-buf', ...change } } })
  const { status, stderr } = await trapline(scratch, ['run', '--config', config, '--', 'true'])
  expect(status).toBe(125)
  expect(stderr).toContain(sentence)
})

it('RTL that ends itself at time 0 says why, though memory was to be mapped into it', async () => {
  const scratch = makeScratch()
  const sources = [join(import.meta.dirname, 'cores', 'ends_at_start.sv')]
  const config = configOf({ top: 'ends_at_start', sources })
  const buffer = { udmabuf0: { kind: 'u-dma-buf', size: mebibyte } }
  const file = scratch.write('c.json', { ...config, devices: { ...config.devices, ...buffer } })
  const program = ['busybox', 'devmem', at(0)]
  const { status, stdout, sentences } = await trapline(scratch, ['run', '--config', file, '--', ...program])
  expect([status, stdout]).toEqual([125, ''])
  const reason = joined(
    /^model dut ended by (?:\$fatal|a failed assertion) at ends_at_start\.sv:27, cycle 0, 0 ps: Lanes is 3, and /,
    /must be even/,
  )
  expect(sentences).toContainEqual(expect.stringMatching(reason))
})
