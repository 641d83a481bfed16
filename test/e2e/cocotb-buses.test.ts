/** Buses beside AXI that our own test bench drives under cocotb: found in the RTL, and driven by its managers. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { host, root } from '../support/places.js'
import { unlessPython } from '../support/python.js'
import { makeScratch } from '../support/scratch.js'
import { onTheirSimulator, underCocotb, unlessSimulated } from '../support/simulators.js'
import { runHost, toWords } from '../support/trapline.js'

const base = 0x43c0_0000
const poke = host('poke')

/** A device for each port, 4096 bytes apart. */
function toConfig(top: string, ports: Record<string, object>): TraplineConfig {
  const sources = [join(root, `hdl/cocotb/tests/rtl/${top}.sv`)]
  const toDevice = (port: string, i: number) =>
    [port, { kind: 'mem' as const, base: base + 0x1000 * i, size: 0x100, model: 'sim', port }] as const
  return {
    models: { sim: { ...underCocotb, top, sources, ports } },
    devices: Object.fromEntries(Object.keys(ports).map(toDevice)),
  }
}

const without = unlessPython || unlessSimulated('wb_bench', 'apb_bench')

describe.skipIf(without !== '')(`${onTheirSimulator}${without}`, () => {
  it.each([
    ['Wishbone, classic and pipelined', 'wb_bench', { wb: { wordAddress: false }, wbp: {} }],
    ['APB4', 'apb_bench', { apb: {} }],
  ])('%s', async (_name, top, ports) => {
    const names = Object.keys(ports)
    const steps = names.flatMap((_, i) =>
      ['0x10 4 0x11223344', '0x11 1 0xaa', '0x10 4', '0x14 8 0x1122334455667788', '0x14 8'].map(
        (step) => `${poke} /dev/mem ${base + 0x1000 * i} ${step}`,
      ),
    )
    const { status, stderr, log } = await runHost(makeScratch(), toConfig(top, ports), ['sh', '-c', steps.join('; ')])
    expect(status, stderr).toBe(0)
    expect(log.map(toWords)).toEqual(
      names.flatMap((name) => [
        `write ${name}+0x10 4 B = 0x11223344`,
        `write ${name}+0x11 1 B = 0xaa`,
        `read ${name}+0x10 4 B = 0x1122aa44`,
        `write ${name}+0x14 8 B = 0x1122334455667788`,
        `read ${name}+0x14 8 B = 0x1122334455667788`,
      ]),
    )
  })
})
