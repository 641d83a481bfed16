/** Models under cocotb that can't be: each in one sentence, before any compiler runs. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { buildCocotb } from '../../../bridge/cocotb/build-cocotb.js'
import { fromDescription, fromNames } from '../../../bridge/cocotb/cocotb-ports.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import type { CocotbConfig } from '../../../bridge/config/schema.js'
import type { ModelDescription } from '../../../bridge/rtl/find-ports.js'
import { mapDevices } from '../../../bridge/map/address-map.js'
import { root } from '../../support/places.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

const core = join(root, 'test/e2e/cores/shared_regs.v')
const model = { kind: 'cocotb', simulator: 'icarus', top: 'shared_regs', sources: [core] }
const device = { kind: 'mem', base: '0x43c00000', size: 0x1000, model: 'gpio' }
const toConfig = (more: object) =>
  parseConfig('f.json', { models: { gpio: { ...model, ...more } }, devices: { gpio0: device } })

describe('the configuration', () => {
  it.each([
    [{ kind: 'cocotbb' }, 'models.gpio.kind is "cocotbb"; it must be verilator or cocotb'],
    [
      { verilatorArgs: [] },
      'models.gpio has the key verilatorArgs, which is one of kind verilator and not of kind cocotb',
    ],
    [{ simulatr: 'nvc' }, 'models.gpio has the unknown key simulatr; did you mean simulator?'],
    [{ simulator: 'modelsim' }, 'models.gpio.simulator is "modelsim"; it must be icarus or verilator or ghdl'],
    [{ ports: { s: { dataWidth: 0 } } }, 'models.gpio.ports.s.dataWidth is 0; it must be from 1 to 1024'],
  ])('%j', (more, sentence) => expect(() => toConfig(more)).toThrow(sentence))

  it('of the other kind has not the keys of this one', () => {
    const models = { gpio: { top: 'm', sources: ['m.sv'], python: 'bench.py' } }
    const sentence = 'models.gpio has the key python, which is one of kind cocotb and not of kind verilator'
    expect(() => parseConfig('f.json', { models, devices: {} })).toThrow(sentence)
  })

  it('tells nothing of what the addresses of a named Wishbone bus count', () => {
    const named = (port: object) => {
      const { models } = toConfig({ ports: { wb: { protocol: 'wishbone', dataWidth: 32, ...port } }, clock: 'clk' })
      return fromNames('gpio', { ...(models.gpio as CocotbConfig), reset: false }, 'has ports by name').ports[0]
    }
    const sentence = 'so say whether addresses of bus wb count words: ports: { wb: { wordAddress: false } }'
    expect(() => named({})).toThrow(`model gpio: shared_regs has ports by name, ${sentence}`)
    expect([named({ wordAddress: false })?.wordAddress, named({ wordAddress: true })?.wordAddress]).toEqual([
      false,
      true,
    ])
  })

  it('holds no part of a port at a value', () => {
    const { models } = toConfig({ inputs: { req_mode: 1 } })
    const member = { of: 'req_i', structWidth: 8, low: 0 }
    const part = { name: 'req_mode', direction: 'input', shape: 'vector', width: 1, dimensions: [], member }
    const clock = { clocks: ['clk'], resets: [] }
    const none = { ports: [], managers: [], interrupts: [], streams: [], notes: [], leftOut: [], heldClocks: [] }
    const found = { domains: [clock], otherInputs: [part], ...none } as unknown as ModelDescription
    const config = models.gpio as CocotbConfig
    expect(() => fromDescription(config, found)).toThrow('inputs.req_mode: it is a part of a port of shared_regs')
    expect(fromDescription({ ...config, inputs: {} }, found).leftOut).toEqual([
      'input req_mode is no vector of its own, and is not driven under cocotb',
    ])
  })

  it.each([
    [{ kind: 'stream', path: '/dev/s', model: 'gpio' }, "which has no devices of kind 'stream'"],
    [{ ...device, backdoor: 'memory' }, 'no backdoor leads to its memories; go through its bus by --frontdoor'],
  ])('device %j', (dut, sentence) => {
    const config = parseConfig('f.json', { models: { gpio: model }, devices: { dut } })
    expect(() => mapDevices(config)).toThrow(sentence)
  })
})

/** A Python that says so of itself. */
function fakePython(name: string, facts: object): string {
  const folder = join(scratch.path, name)
  mkdirSync(join(folder, 'bin'), { recursive: true })
  const program = join(folder, 'bin', 'python')
  writeFileSync(
    program,
    `#!/bin/sh\necho '${JSON.stringify({ purelib: folder, scripts: join(folder, 'bin'), ...facts })}'\n`,
  )
  chmodSync(program, 0o755)
  return folder
}

const good = fakePython('good', { version: [3, 11, 7], cocotb: '2.1.0', libraries: '/nowhere/cocotb/__init__.py' })
const vhdl = scratch.write('regs.vhd', '')

describe('the build', () => {
  it.each<[string, object, string | RegExp]>([
    ['no simulator', { simulator: undefined }, 'models.gpio.simulator is missing; it must be one of icarus, verilator'],
    ['no sources', { sources: [] }, 'models.gpio.sources is missing; name the files of shared_regs, or reach'],
    ['a file that is not there', { sources: ['no.v'] }, /RTL file \S*\/no\.v of model gpio does not exist/],
    ['VHDL for Icarus', { sources: [vhdl] }, /Icarus Verilog does not read VHDL, and \S*regs\.vhd is some; set models/],
    ['Verilog for GHDL', { simulator: 'ghdl' }, /GHDL does not read Verilog, and \S*shared_regs\.v is some/],
    ['a bench that is not there', { python: 'bench.py' }, /models\.gpio\.python: \S*\/bench\.py does not exist/],
    [
      'a bench without a name',
      { python: 'my-bench.py' },
      /my-bench\.py can't be imported; name a file such as bench\.py/,
    ],
    [
      'no virtual environment',
      { venv: 'nowhere' },
      /models\.gpio\.venv: \S*\/nowhere is no virtual environment of Python/,
    ],
    [
      'no cocotb',
      { venv: fakePython('bare', { version: [3, 11, 7], cocotb: null, libraries: null }) },
      /runs under cocotb, which \S*bare\/bin\/python \(Python 3\.11\) does not have; `\S*python -m pip install/,
    ],
    [
      'an old cocotb',
      { venv: fakePython('old', { version: [3, 11, 7], cocotb: '1.9.2', libraries: '/c/__init__.py' }) },
      /cocotb 1\.9\.2 of \S*, for model gpio, is too old; `\S*python -m pip install 'cocotb>=2\.0'`/,
    ],
    [
      'an old Python',
      { venv: fakePython('snake', { version: [3, 8, 1], cocotb: '2.0.1', libraries: '/c/__init__.py' }) },
      /\S*python, the Python of model gpio, is 3\.8; 3\.9 is needed/,
    ],
    [
      'no simulator on PATH',
      { simulator: 'vcs' },
      'model gpio runs in VCS, and there is no vcs on PATH; put it on PATH',
    ],
  ])('%s', async (_what, more, sentence) => {
    await expect(build({ venv: good, ...more })).rejects.toThrow(sentence)
  })

  it('a waveform of a simulator that writes none', async () => {
    const sentence = 'model gpio: under cocotb Questa writes no waveform for --trace; go without'
    await expect(build({ simulator: 'questa' }, { trace: true })).rejects.toThrow(sentence)
  })

  it('coverage', async () => {
    await expect(build({}, { coverage: true })).rejects.toThrow('model gpio runs under cocotb, where --coverage counts')
  })

  it('no Python at all', async () => {
    vi.stubEnv('PATH', '/nowhere')
    vi.stubEnv('VIRTUAL_ENV', '')
    await expect(build({})).rejects.toThrow(/there is no python3 on PATH|which \S* does not have|no iverilog on PATH/)
    vi.unstubAllEnvs()
  })
})

function build(more: object, options: object = {}) {
  const config = toConfig(more).models.gpio as CocotbConfig
  return buildCocotb(config, {
    ...{ name: 'gpio', configDir: scratch.path, trace: false, cacheDir: join(scratch.path, 'cache'), ...options },
  })
}
