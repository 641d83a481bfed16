/** RTL under cocotb that reaches host memory by itself: the same programs, bursts and sentences as on Verilator. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base } from '../support/configs.js'
import { host, root, sampleRtl } from '../support/places.js'
import { unlessPython } from '../support/python.js'
import { makeScratch } from '../support/scratch.js'
import { onTheirSimulator, underCocotb, unlessSimulated } from '../support/simulators.js'
import { runHost, toWords } from '../support/trapline.js'

const axiDma = { top: 'axi_dma', sources: [sampleRtl('axi_dma')] }
const wildManager = { top: 'wild_manager', sources: [join(root, 'test/hdl/cores/wild_manager.sv')] }

/** Model `rtl` is Verilator's, and `sim` the same RTL under cocotb. */
function both(core: { top: string; sources: string[] }, sharedMemory = true): TraplineConfig['models'] {
  return { rtl: { kind: 'verilator', ...core, sharedMemory }, sim: { ...underCocotb, ...core, sharedMemory } }
}

const dma0 = { kind: 'uio' as const, model: 'rtl', maps: [{ size: 0x1000 }], interrupt: 'irq_o' }

async function onBoth(config: TraplineConfig, program: string[]) {
  const scratch = makeScratch()
  const rtl = await runHost(scratch, config, program)
  const sim = await runHost(scratch, config, program, { flags: ['--model', 'rtl=sim'] })
  for (const { status, stderr } of [rtl, sim]) expect(status, stderr).toBe(0)
  return { rtl, sim }
}

/** Without cycles, and with the one name for both. */
const timeless = (sentence: string) => sentence.replaceAll(/cycle \d+/g, 'cycle …').replace('model sim', 'model rtl')

const without = unlessPython || unlessSimulated('axi_dma', 'wild_manager')

describe.skipIf(without !== '')(`${onTheirSimulator}${without}`, () => {
  it.each([true, false])('a driver copies, memory shared: %s', async (sharedMemory) => {
    const config: TraplineConfig = {
      models: both(axiDma, sharedMemory),
      devices: { dma0, udmabuf0: { kind: 'u-dma-buf', size: 0x8000 } },
    }
    const { rtl, sim } = await onBoth(config, [host('dma_copy'), '/dev/uio0', 'udmabuf0', '4096'])
    expect(sim.stdout).toBe('started\ninterrupt 1, status 2, 1 of 1 descriptors, same\n')
    expect(sim.stdout).toBe(rtl.stdout)
    const bursts = sim.log.filter(({ op }) => op.startsWith('dma-'))
    expect(bursts).toHaveLength(1 + 2 * 32 + 1)
    expect(sim.log.map(toWords)).toEqual(rtl.log.map(toWords))
    expect(bursts.map(({ data }) => data)).toEqual(
      rtl.log.filter(({ op }) => op.startsWith('dma-')).map(({ data }) => data),
    )
  })

  it('an address that nobody mapped is named', async () => {
    const config: TraplineConfig = {
      models: both(axiDma),
      devices: { dma0, udmabuf0: { kind: 'u-dma-buf', size: 0x10000, address: 0x1_2345_0000 } },
    }
    const program = ['python3', join(import.meta.dirname, 'tools/dma.py'), 'astray']
    const { rtl, sim } = await onBoth(config, program)
    expect(sim.stdout).toBe('4 4\n')
    const faults = (sentences: string[]) => sentences.filter((one) => one.includes('no memory is mapped')).map(timeless)
    expect(faults(sim.sentences)).toHaveLength(2)
    expect(faults(sim.sentences)).toEqual(faults(rtl.sentences))
  })

  it('a transfer that hangs when the run ends is named', async () => {
    const config: TraplineConfig = {
      models: both(wildManager),
      devices: {
        dut: { kind: 'mem', base, size: 0x100, model: 'rtl' },
        udmabuf0: { kind: 'u-dma-buf', size: 0x2000 },
      },
    }
    // Four beats of eight bytes that are read, and not taken.
    const steps = [
      [0, 0x1000_0000],
      [4, 3 | (3 << 8) | (1 << 12) | (1 << 19)],
      [0, 0],
      [0, 0],
      [0, 0],
    ] as const
    const words = steps.map(([offset, value]) => `busybox devmem ${at(offset)} 32 ${value}`).join(' && ')
    const { rtl, sim } = await onBoth(config, ['sh', '-c', words])
    const hangs = (sentences: string[]) => sentences.filter((one) => one.includes('was not over')).map(timeless)
    expect(hangs(sim.sentences)).toHaveLength(1)
    expect(hangs(sim.sentences)).toEqual(hangs(rtl.sentences))
  })
})
