/** An access wider than the bus is several beats, in ascending order of addresses; one that fits is a single beat. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at, configOf, sampleModel } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { unlessSimulated } from '../support/simulators.js'
import { runHost } from '../support/trapline.js'

const recorder = configOf({ top: 'beat_recorder', sources: [join(import.meta.dirname, 'cores/beat_recorder.sv')] })

const withoutRecorder = unlessSimulated('beat_recorder')

async function sh(config: typeof recorder, ...commands: string[]) {
  const ended = await runHost(makeScratch(), config, ['sh', '-ec', commands.join('\n')], { flags: ['--show'] })
  expect(ended.status, ended.stderr).toBe(0)
  return { ...ended, shown: ended.sentences.filter((sentence) => sentence.includes('→')) }
}

it.skipIf(withoutRecorder !== '')(
  `64-bit accesses on a 32-bit bus: the lower half first${withoutRecorder}`,
  async () => {
    const { stdout, shown, log } = await sh(
      recorder,
      `busybox devmem ${at(0x40)} 64 1`,
      `busybox devmem ${at(0x80)} 64`,
      `busybox devmem ${at(0x100)} 32`,
      `busybox devmem ${at(0x104)} 32`,
    )
    expect(stdout.split('\n').slice(0, 3)).toEqual(['0x0000008400000080', '0x00004044', '0x00008084'])
    expect(shown[0]).toMatch(/→ write dut\+0x40 8 B .*2 beats/)
    expect(shown[1]).toMatch(/→ read {2}dut\+0x80 8 B .*2 beats/)
    expect(log.length).toBe(4)
  },
)

it.skipIf(withoutRecorder !== '')(
  `an access across a word boundary touches each word once${withoutRecorder}`,
  async () => {
    const { stdout } = await sh(
      recorder,
      `memtool mw -l ${at(0x42)} 0x11223344`,
      `busybox devmem ${at(0x100)} 32`,
      `memtool mw -w ${at(0x50)} 0x5566`,
      `busybox devmem ${at(0x100)} 32`,
    )
    expect(stdout).toBe('0x00004044\n0x00404450\n')
  },
)

it('64-bit accesses on a 64-bit bus: one beat', async () => {
  const regs = configOf(sampleModel('axil_regs', { DataWidth: 64 }))
  const { stdout, stderr } = await sh(
    regs,
    `busybox devmem ${at(0x10)} 64 0x0123456789abcdef`,
    `busybox devmem ${at(0x10)} 64`,
    `busybox devmem ${at(0x14)} 32`,
  )
  expect(stdout).toBe('0x0123456789ABCDEF\n0x01234567\n')
  expect(stderr).not.toContain('beats')
})

it.each([
  ['2^53 + 1', '0x0020000000000001'],
  ['all ones', '0xFFFFFFFFFFFFFFFF'],
])('64-bit values survive exactly: %s', async (_name, value) => {
  const { stdout, log } = await sh(
    configOf('axil_ram'),
    `busybox devmem ${at(8)} 64 ${value}`,
    `busybox devmem ${at(8)} 64`,
  )
  expect(stdout).toBe(`${value}\n`)
  expect(log.map(({ data }) => data)).toEqual([value.toLowerCase(), value.toLowerCase()])
})

it('channels that are held back cost cycles and change no value', async () => {
  const commands = Array.from({ length: 10 }, (_, i) => [
    `busybox devmem ${at(4 * i)} 32 ${100 + i}`,
    `busybox devmem ${at(4 * i)} 32`,
  ]).flat()
  const run = async (stall: string[]) => {
    const flags = ['--seed', '1', ...stall]
    const { stdout, log } = await runHost(makeScratch(), configOf('axil_ram'), ['sh', '-ec', commands.join('\n')], {
      flags,
    })
    return { stdout, cycles: log.map(({ cycleStart, cycleEnd }) => cycleEnd - cycleStart) }
  }
  const [free, held] = [await run([]), await run(['--stall', '10', '--stall', 'r=60'])]
  expect(held.stdout).toBe(free.stdout)
  expect(new Set(held.cycles).size).toBeGreaterThan(new Set(free.cycles).size)
})
