/**
 * A transfer of the RTL's own that hangs when the run ends is named, with port, address and cycle; the status is the
 * program's.
 */
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base } from '../support/configs.js'
import { joined } from '../support/patterns.js'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const config: TraplineConfig = {
  models: { wild: { top: 'wild_manager', sources: [join(root, 'test/hdl/cores/wild_manager.sv')] } },
  devices: {
    dut: { kind: 'mem', base, size: 0x100, model: 'wild' },
    udmabuf0: { kind: 'u-dma-buf', size: 0x2000 },
  },
}

/** Bits of the core's register: four beats of eight bytes. */
const burst = 3 | (3 << 8) | (1 << 12)
const write = 1 << 16
const no = { address: 1 << 17, data: 1 << 18, answer: 1 << 19 }

it.each([
  ['data without an address', burst | write | no.address, 'write data waits for its address'],
  ['an address without data', burst | write | no.data, 'the write burst at 0x10000000 waits for beat 2 of 4'],
  ['an answer', burst | write | no.answer, 'the answer to the write burst at 0x10000000 waits to be taken'],
  ['read data', burst | no.answer, 'beat 1 of 4 of the read burst at 0x10000000 waits to be taken'],
  ['nothing', burst, undefined],
])('%s', async (_what, request, words) => {
  const scratch = makeScratch()
  const file = scratch.write('trapline.config.json', config)
  const report = join(scratch.path, 'report.json')
  const steps = [
    [0, 0x1000_0000],
    [4, request],
    [0, 0],
    [0, 0],
    [0, 0],
  ] as const
  const program = steps.map(([offset, value]) => `busybox devmem ${at(offset)} 32 ${value}`).join(' && ')
  const flags = ['--config', file, '--report', report]
  const run = await trapline(scratch, ['run', ...flags, '--', 'sh', '-c', program])
  expect(run.status).toBe(0)
  const told = run.sentences.filter((sentence) => sentence.includes('was not over'))
  expect(JSON.parse(readFileSync(report, 'utf8')).dmaFaults.unfinished).toEqual(told)
  const [, end, what, since] =
    joined(
      /^model wild: a transfer of its own was not over at the end, cycle (\d+): port m_axi: (.*) since cycle /,
      /(\d+) \(\w+=[01].*$/,
    ).exec(told[0] ?? '') ?? []
  expect(what).toBe(words)
  if (words) expect(Number(since)).toBeLessThan(Number(end))
})
