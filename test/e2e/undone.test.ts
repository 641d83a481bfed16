/** A use of a device that hardware has and Trapline has not: the program gets an errno, and the run does not pass. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'vitest'
import { expect, test } from '../../bridge/vitest/index.js'
import { configOf } from '../support/configs.js'
import { cache, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

process.env.TRAPLINE_CACHE = cache
const path = '/dev/sensor0'
const { models } = configOf('axil_ram')
const config = { models, devices: { sensor: { kind: 'char' as const, path, size: 0x1000, model: 'dut' } } }
const program = [host('undone'), path]

const refusal = /^freopen\(\) of \/dev\/sensor0 is refused with EOPNOTSUPP, .* use fclose\(\) and fopen\(\)$/
const verdict = new RegExp(
  "^undone \\(pid \\d+\\) used a device as hardware can be used and Trapline can't: freopen\\(\\) of /dev/sensor0 .* " +
    '\\(--tolerant lets such a run pass\\)$',
)

function run(more: { flags?: string[]; env?: Record<string, string>; tolerant?: boolean; program?: string[] } = {}) {
  const scratch = makeScratch()
  const { flags = [], env, tolerant } = more
  const file = scratch.write('c.json', { ...config, tolerant })
  return trapline(scratch, ['run', '--config', file, ...flags, '--', ...(more.program ?? program)], { env })
}

describe('a run with a use that is not carried out', () => {
  test('has the status 125, and says why', async () => {
    const report = join(makeScratch().folder(), 'report.json')
    const { status, stdout, sentences } = await run({ flags: ['--report', report] })
    expect([status, stdout]).toEqual([125, 'EOPNOTSUPP\n'])
    expect(sentences).toContainEqual(expect.stringMatching(refusal))
    expect(sentences).toContainEqual(expect.stringMatching(verdict))
    const { exitStatus, failure, undone } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>
    expect([exitStatus, failure]).toEqual([125, expect.stringMatching(verdict)])
    expect(undone).toEqual([
      expect.stringMatching(/^undone \(pid \d+\) used a device .* use fclose\(\) and fopen\(\)$/),
    ])
  })

  test('names a buffer that libc would hand to the kernel', async () => {
    const { status, stdout, sentences } = await run({ program: [host('undone'), 'buffer', path] })
    expect([status, stdout]).toEqual([125, 'EFAULT, then read\n'])
    expect(sentences).toContainEqual(expect.stringMatching(/^setvbuf\(\) with a buffer in a device window is refused/))
  })

  test('names calls that point at what the kernel is not given', async () => {
    const { status, stdout, sentences } = await run({ program: [host('unreachable'), path, '0', 'left'] })
    expect([status, stdout]).toEqual([125, 'futex: Bad address\nname_to_handle_at: Bad address\n'])
    for (const call of ['futex()', 'system call 303'])
      expect(sentences).toContain(
        `${call} points into a window of ${path}, which the kernel can't reach: it fails with EFAULT`,
      )
  })

  test('also where a child of the program did it', async () => {
    const { status, sentences } = await run({ program: ['sh', '-c', `${program.join(' ')}; exit 0`] })
    expect(status).toBe(125)
    expect(sentences).toContainEqual(expect.stringMatching(verdict))
  })

  test.for([
    ['a flag', { flags: ['--tolerant'] }],
    ['a variable', { env: { TRAPLINE_TOLERANT: '1' } }],
    ['the configuration', { tolerant: true }],
  ] as const)('passes by %s', async ([, more]) => {
    const { status, sentences } = await run({ ...more, flags: [...('flags' in more ? more.flags : [])] })
    expect(status).toBe(0)
    expect(sentences).toContainEqual(expect.stringMatching(refusal))
    expect(sentences).not.toContainEqual(expect.stringMatching(verdict))
  })

  test('more of them than are named are counted', async () => {
    const report = join(makeScratch().folder(), 'report.json')
    await run({ flags: ['--report', report], program: [host('undone'), ...Array<string>(20).fill(path)] })
    const { undone } = JSON.parse(readFileSync(report, 'utf8')) as { undone: string[] }
    expect([undone.length, undone.at(-1)]).toEqual([17, '4 more uses of devices were not carried out'])
  })

  test('with a bridge that runs elsewhere, too', async () => {
    const scratch = makeScratch()
    const bridge = startTrapline(scratch, ['serve', '--config', scratch.write('c.json', config)])
    const [address] = await bridge.untilStdout(/^unix:.+$/m)
    const statuses = []
    for (const flags of [[], ['--tolerant']])
      statuses.push((await trapline(scratch, ['run', '--bridge', address, ...flags, '--', ...program])).status)
    expect(statuses).toEqual([125, 0])
    bridge.kill('SIGINT')
    await bridge.ended
  })
})

describe('a test with such a use', () => {
  test.override('setup', { config })
  test('fails', async ({ bench }) => {
    await expect(bench.run(host('undone'), [path])).rejects.toThrow(verdict)
  })

  describe('that may have some', () => {
    test.override('setup', { config, tolerant: true })
    test('passes', async ({ bench }) => {
      expect(await bench.run(host('undone'), [path])).toMatchObject({ exitCode: 0, stdout: 'EOPNOTSUPP' })
    })
  })
})
