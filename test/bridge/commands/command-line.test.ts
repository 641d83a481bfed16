import { afterAll, describe, expect, it } from 'vitest'
import { sampleRtl } from '../../support/places.js'
import { openScratch, removeScratch } from '../../support/scratch.js'
import { trapline } from '../../support/trapline.js'

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

const config = scratch.write('good.json', {
  models: { gpio: { top: 'gpio', sources: ['missing.sv'] } },
  devices: { gpio0: { kind: 'mem', base: '0x43c00000', size: '0x1000', model: 'gpio' } },
})
const overlap = scratch.write('overlap.json', {
  models: { gpio: { top: 'gpio', sources: ['missing.sv'] } },
  devices: {
    a: { kind: 'mem', base: 0, size: 16, model: 'gpio' },
    b: { kind: 'mem', base: 8, size: 16, model: 'gpio' },
  },
})
const run = (...args: string[]) => ['run', '--config', config, ...args]

const quick = (...args: string[]) => ['run', '--rtl', 'a.sv', '--top', 'a', '--map', '/dev/mem@0+4', ...args]

describe('one sentence and the right status for', () => {
  it.each([
    [['fly'], 125, /^unknown command 'fly'/],
    [['run', '--fast', '--', 'true'], 125, /^unknown option '--fast'/],
    [['run'], 125, /^missing required argument 'program'/],
    [['run', '--', 'true'], 125, /^there is no trapline.config.ts or trapline.config.json in .*`trapline init`/],
    [['run', '--config', '/no/such.json', '--', 'true'], 125, /^configuration file \/no\/such.json does not exist$/],
    [['run', '--config', overlap, '--', 'true'], 125, /^devices a .* and b .* overlap in \/dev\/mem/],
    [['run', '--rtl', 'a.sv', '--', 'true'], 125, /^--map is missing/],
    [run('--rtl', 'a.sv', '--', 'true'), 125, /^--config and --rtl exclude each other/],
    [run('--include', 'rtl', '--', 'true'), 125, /^--include is about .* it is models\.NAME\.includeDirs$/],
    [run('--define', 'A', '--', 'true'), 125, /^--define is about .* it is models\.NAME\.defines$/],
    [run('--input', 'a=1', '--', 'true'), 125, /^--input is about .* it is models\.NAME\.inputs$/],
    [quick('--define', '3=4', '--', 'true'), 125, /^--define 3=4: write it as NAME or NAME=VALUE/],
    [quick('--input', 'a', '--', 'true'), 125, /^--input a: write it as NAME=VALUE, with a whole number/],
    [quick('--input', 'a=x', '--', 'true'), 125, /^--input a=x: write it as NAME=VALUE, with a whole number/],
    [run('--seed', 'x', '--', 'true'), 125, /^--seed x: it must be a whole number/],
    [run('--log', '/no/such/log', '--', 'true'), 125, /^\/no\/such\/log can't be written/],
    [run('--bridge', 'somewhere', '--', 'true'), 125, /^--bridge somewhere: write it as unix:\/PATH or HOST:PORT$/],
    [run('--bridge', 'unix:/no.sock', '--log', 'x', '--', 'true'), 125, /^--log is the bridge's affair/],
    [run('--timeout', '0', '--', 'true'), 125, /^--timeout 0: it must be a number of seconds, above 0 /],
    [run('--quiet', '--show', '--', 'true'), 125, /^--quiet and --show exclude each other$/],
    [run('--', 'true'), 125, /missing.sv of gpio does not exist$/],
    [run('--', 'nosuchprogram'), 127, /^nosuchprogram was not found/],
    [run('--', '/etc/passwd'), 126, /^\/etc\/passwd is not executable/],
    [
      ['serve', '--config', config, '--listen', '0.0.0.0:1'],
      125,
      /^can't listen on 0.0.0.0:1: only loopback is allowed/,
    ],
    [['init', '--rtl', 'a.sv', '--top', 'a', '--map', 'x', '--output', config], 125, /exists and is not overwritten/],
  ])('%j', async (args, status, sentence) => {
    const ended = await trapline(scratch, args)
    expect(ended).toMatchObject({ status, stdout: '', sentences: [expect.stringMatching(sentence)] })
  })
})

it('a waveform of another format is refused, by every command that makes one', async () => {
  const flags = ['--config', config, '--trace', 'waves.vcd']
  for (const args of [
    ['run', ...flags, '--', 'true'],
    ['serve', ...flags],
  ]) {
    const { status, sentences } = await trapline(scratch, args)
    expect([status, sentences]).toEqual([
      125,
      [expect.stringMatching(/^waveforms are FST, so \S+waves\.vcd is refused; name it waves\.fst \(fst2vcd /)],
    ])
  }
})

it('a top module that is not there is told with those that are', async () => {
  const flags = ['--rtl', sampleRtl('axil_timer'), '--top', 'axil_timr', '--map', '/dev/mem@0+0x1000']
  const { status, sentences } = await trapline(scratch, ['run', ...flags, '--', 'true'])
  expect([status, sentences]).toEqual([
    125,
    [expect.stringMatching(/^none of the sources has a module axil_timr; .* must name one of theirs: axil_timer /)],
  ])
})

it("variables that are the bridge's affair are not used with --bridge, and said so", async () => {
  const given = ['run', '--bridge', 'unix:/no.sock', '--', 'true']
  const { status, sentences } = await trapline(scratch, given, {
    env: { TRAPLINE_LANE: 'shm', TRAPLINE_MAX_CYCLES: '7' },
  })
  expect(status).toBe(125)
  expect(sentences).toEqual([
    "TRAPLINE_LANE is not used: it is the bridge's affair, and counts where `trapline serve` starts",
    "TRAPLINE_MAX_CYCLES is not used: it is the bridge's affair, and counts where `trapline serve` starts",
    expect.stringContaining('unix:/no.sock'),
  ])
})

it('lists what a configuration has', async () => {
  const { status, stdout } = await trapline(scratch, ['list', '--config', config])
  expect(status).toBe(0)
  expect(stdout).toMatch(/^gpio0 +mem +\/dev\/mem +0x43c00000-0x43c00fff +gpio /m)
})

it('lists maps of UIO devices, and memories', async () => {
  const more = scratch.write('more.json', {
    models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
    devices: {
      timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }, { size: 0x20, width: 4 }] },
      buffer0: { kind: 'u-dma-buf', size: 0x1000 },
    },
  })
  const { stdout } = await trapline(scratch, ['list', '--config', more])
  expect(stdout).toMatch(/^timer0.map1 +uio +\/dev\/uio0 +map 1: 0x0-0x1f +timer .* 4 B +sigbus$/m)
  expect(stdout).toMatch(/^buffer0 +u-dma-buf +\/dev\/buffer0 +0x0-0xfff +0x10000000 +all$/m)
})

it('lists and doctor as JSON', async () => {
  const listed = await trapline(scratch, ['list', '--config', config, '--json'])
  expect(JSON.parse(listed.stdout)).toMatchObject({
    format: 'trapline-list-1',
    source: config,
    devices: [{ device: 'gpio0', kind: 'mem', file: '/dev/mem', range: '0x43c00000-0x43c00fff', model: 'gpio' }],
    memories: [],
    models: [{ model: 'gpio', top: 'gpio', sources: 'missing.sv' }],
  })
  const { status, stdout } = await trapline(scratch, ['doctor', '--json'])
  const { isFit, checks } = JSON.parse(stdout) as { isFit: boolean; checks: { name: string; verdict: string }[] }
  expect(status).toBe(isFit ? 0 : 1)
  expect(checks.find(({ name }) => name === 'agent')?.verdict).toBe('ok')
})

it.each(['nonsense', 'INFO'])('TRAPLINE_LOG_LEVEL=%s is one sentence', async (level) => {
  const { status, stdout, stderr } = await trapline(scratch, ['doctor'], { env: { TRAPLINE_LOG_LEVEL: level } })
  expect([status, stdout]).toEqual([125, ''])
  expect(stderr).toBe(
    `trapline: TRAPLINE_LOG_LEVEL is '${level}'; it must be one of trace, debug, info, warn, error, fatal, silent\n`,
  )
})

it('trouble has a colour where one is wanted, and none where not', async () => {
  const fail = async (env: Record<string, string>) => (await trapline(scratch, ['fly'], { env })).stderr
  const plain = "trapline: unknown command 'fly'; see `trapline --help`"
  expect(await fail({})).toBe(`${plain}\n`)
  expect(await fail({ FORCE_COLOR: '1' })).toBe(`\x1b[31m${plain}\x1b[0m\n`)
  expect(await fail({ FORCE_COLOR: '0' })).toBe(`${plain}\n`)
  expect(await fail({ NO_COLOR: '1' })).toBe(`${plain}\n`)
})

it('tells its version and helps with examples', async () => {
  expect((await trapline(scratch, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await trapline(scratch, ['--help'])).stdout).toMatch(/^  trapline run .* -- \.\/poke_led$/m)
})

it('looks the machine over', async () => {
  const { stdout } = await trapline(scratch, ['doctor'])
  expect(stdout).toMatch(/^verilator +(ok|MISSING) /m)
  expect(stdout).toMatch(/^agent +(ok|MISSING) /m)
})
