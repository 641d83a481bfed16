/**
 * What the whole chain promises, where accesses go by mailboxes (`--lane shm`): the part of `npm run test:lanes` that
 * goes through them most.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { base, configOf, sampleModel } from '../support/configs.js'
import { behaviours } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const { TRAPLINE_LANE: before } = process.env
process.env.TRAPLINE_LANE = 'shm'
afterAll(() => {
  if (before === undefined) delete process.env.TRAPLINE_LANE
  else process.env.TRAPLINE_LANE = before
})

describe('threads', async () => {
  await import('./threads.test.js')
})
describe('DMA', async () => {
  await import('./dma.test.js')
})

const config = configOf(sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }), { size: 0x2000 })

it.each(['handlers', 'masks', 'threads', 'processes', 'descriptors', 'taken', 'maps', 'remaps', 'buffers', 'idioms'])(
  'what programs do around a device: %s',
  async (family) => {
    const scratch = makeScratch()
    const report = join(scratch.path, 'report.json')
    const program = [join(behaviours, family), '/dev/mem', `${base}`]
    const { status, stdout, stderr, log } = await runHost(scratch, config, program, { flags: ['--report', report] })
    const rows = stdout.split('\n').filter((line) => line !== '')
    expect(rows.length).toBeGreaterThan(5)
    expect(rows.filter((row) => !row.endsWith(': ok'))).toEqual([])
    expect(status, stderr).toBe(0)
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + (log[0]?.seq ?? 0)))
    const { accesses, lanes } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, never>
    expect(lanes).toEqual({ grpc: expect.any(Number), shm: expect.any(Number), detours: expect.any(Number) })
    expect(accesses).toBe(log.length)
  },
)
