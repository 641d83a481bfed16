/** A device that never answers ends the run within its cycle budget, and the run says which channel hangs. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { at, configOf, sampleModel } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const budget = 500

const channels = [
  { channel: 'AR', direction: 'read', signal: 'ARREADY' },
  { channel: 'R', direction: 'read', signal: 'RVALID' },
  { channel: 'AW', direction: 'write', signal: 'AWREADY' },
  { channel: 'W', direction: 'write', signal: 'WREADY' },
  { channel: 'B', direction: 'write', signal: 'BVALID' },
]

async function hang(channel: string, direction: string, scratch = makeScratch()) {
  const stuck = configOf(sampleModel('axil_stuck', { Channel: channel }))
  const trace = join(scratch.path, 'waves.fst')
  const program = ['busybox', 'devmem', at(0x10), '32', ...(direction === 'write' ? ['1'] : [])]
  const flags = ['--max-cycles', `${budget}`, '--trace', trace]
  return { trace, ...(await runHost(scratch, stuck, program, { flags })) }
}

describe.each(channels)('$channel', ({ channel, direction, signal }) => {
  it('exit status 125, and a line with width, place, channel and the states of its signals', async () => {
    const { status, sentences, log } = await hang(channel, direction)
    expect(status).toBe(125)
    expect(sentences.join('\n')).toMatch(
      new RegExp(
        `TIMEOUT on ${direction} of 4 bytes at dut\\+0x10 \\(/dev/mem 0x43c00010\\) by busybox.*, pc 0x[0-9a-f]+: ` +
          `.*\\b${signal}\\b.* ${budget} cycles \\(.*${signal}=0`,
      ),
    )
    expect(log.map((access) => access.status)).toEqual(['TIMEOUT'])
    expect((log[0]?.cycleEnd ?? 0) - (log[0]?.cycleStart ?? 0)).toBeLessThanOrEqual(2 * budget)
  })
})

it('the waveform is whole and reaches to the end', async () => {
  const { trace, log } = await hang('R', 'read')
  const text = execFileSync('fst2vcd', [trace], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  expect(text).toMatch(/\$var \w+ +\d+ \S+ s_axil_rvalid/)
  const lastTime = Number(/^#(\d+)$/m.exec(text.slice(text.lastIndexOf('\n#') + 1))?.[1])
  const picoseconds = lastTime * toPicoseconds(text)
  expect(picoseconds).toBeGreaterThanOrEqual(log[0]?.timePs ?? Infinity)
})

/** Of one unit of `$timescale`. */
function toPicoseconds(vcd: string): number {
  const [, count, unit] = /\$timescale\s+(\d+)\s*(fs|ps|ns|us)/.exec(vcd) ?? []
  return Number(count) * { fs: 0.001, ps: 1, ns: 1_000, us: 1_000_000 }[unit as 'ps']
}

it('other addresses of such a device work', async () => {
  const stuck = configOf(sampleModel('axil_stuck', { Channel: 'R' }))
  const script = `busybox devmem ${at(4)} 32 0x77; busybox devmem ${at(4)} 32`
  const { status, stdout } = await runHost(makeScratch(), stuck, ['sh', '-ec', script])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '0x00000077\n' })
})
