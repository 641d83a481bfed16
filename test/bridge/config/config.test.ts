import { mapDevices } from '../../../bridge/map/address-map.js'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadEnvFile } from '../../../bridge/config/env-file.js'
import { loadConfig, parseConfig } from '../../../bridge/config/load-config.js'
import { applyOverrides } from '../../../bridge/config/overrides.js'
import { toQuickConfig } from '../../../bridge/config/quick-config.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const model = { top: 'gpio', sources: ['gpio.sv'] }
const device = { kind: 'mem', base: '0x43c0_0000', size: 0x1000, model: 'gpio' }
const good = { models: { gpio: model }, devices: { gpio0: device } }
const withModel = (more: object) => ({ ...good, models: { gpio: { ...model, ...more } } })
const withDevice = (more: object) => ({ ...good, devices: { gpio0: { ...device, ...more } } })

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

/** A file in a folder of its own. */
function write(name: string, text: string): string {
  const file = join(scratch.folder(), name)
  writeFileSync(file, text)
  return file
}

it('fills in defaults and takes numbers in every writing', () => {
  const config = parseConfig('f.json', good)
  expect(config.devices.gpio0).toMatchObject({ path: '/dev/mem', base: 0x43c0_0000n, size: 0x1000n, onError: 'sigbus' })
  const base = (value: unknown) => mapDevices(parseConfig('f', withDevice({ base: value, size: 1 })))[0]?.config.base
  expect([base('0xFFFFFFFFFFFFFFFF'), base('9007199254740993'), base(5n)]).toEqual([2n ** 64n - 1n, 2n ** 53n + 1n, 5n])
})

describe('one sentence for', () => {
  it.each([
    [{ ...good, divices: {} }, 'f.json: there is the unknown key divices; did you mean devices?'],
    [withDevice({ bsae: 1 }), 'f.json: devices.gpio0 has the unknown key bsae; did you mean base?'],
    [
      withModel({ clock: { port: 'clk', peroidPs: 1 } }),
      'f.json: models.gpio.clock has the unknown key peroidPs; did you mean periodPs?',
    ],
    [
      withModel({ zzz: 1 }),
      'f.json: models.gpio has the unknown key zzz; the keys it knows are top, sources, includeDirs',
    ],
    [{ models: {} }, 'f.json: devices is missing; it must be an object'],
    [withModel({ sources: [] }), 'f.json: models.gpio.sources is an empty list; it needs at least one entry'],
    [withModel({ top: 5 }), 'f.json: models.gpio.top is 5; it must be a string'],
    [
      withModel({ clock: 5 }),
      'f.json: models.gpio.clock is 5; it must be the name of a port, a list of names, or { port, periodPs }',
    ],
    [
      withModel({ reset: { port: 'r', active: 'lo' } }),
      'f.json: models.gpio.reset.active is "lo"; it must be low or high',
    ],
    [
      withModel({ ports: { s: { protocol: 'axi' } } }),
      'f.json: models.gpio.ports.s.protocol is "axi"; it must be axi4-lite or axi4 or apb4 or wishbone',
    ],
    [
      withModel({ parameters: { A: [] } }),
      'f.json: models.gpio.parameters.A is an empty list; it must be a number, a boolean or a string',
    ],
    [withDevice({ kind: 'usb' }), 'f.json: devices.gpio0.kind is "usb"; it must be mem'],
    [withDevice({ base: -1 }), 'f.json: devices.gpio0.base is -1; it must be at least 0'],
    [
      withDevice({ base: 'zz' }),
      'f.json: devices.gpio0.base is "zz"; it must be a non-negative integer, or a string such as "0x43c00000"',
    ],
    [withDevice({ base: undefined }), 'f.json: devices.gpio0.base is missing; it must be a non-negative integer'],
    [withDevice({ size: 0 }), 'f.json: devices.gpio0.size is 0; it must be at least 1'],
    [withDevice({ path: 'mem' }), 'f.json: devices.gpio0.path is "mem"; it must be an absolute path'],
    [
      withDevice({ onError: 'sigsegv' }),
      'f.json: devices.gpio0.onError is "sigsegv"; it must be sigbus or ones or abort',
    ],
    [{ ...good, seed: 2 ** 60 }, 'f.json: seed is 1152921504606847000; it'],
    [{ ...good, seed: 2 ** 31 }, 'f.json: seed is 2147483648; it must be at most 2147483647'],
    [null, 'f.json: the configuration is null; it must be an object'],
  ])('%j', (input, message) => {
    expect(() => parseConfig('f.json', input)).toThrow(message)
  })

  it('files that can not be read', async () => {
    await expect(loadConfig('/no/such.json', {})).rejects.toThrow('configuration file /no/such.json does not exist')
    await expect(loadConfig(write('a.json', '{'), {})).rejects.toThrow(/a.json can't be read: /)
    await expect(loadConfig(write('a.ts', 'export default {'), {})).rejects.toThrow(/a.ts can't be read: /)
  })
})

it('reads a typed configuration in a folder that knows nothing of us', async () => {
  const text = `import { defineConfig } from 'trapline'\nexport default defineConfig(${JSON.stringify(good)})`
  const { config, directory } = await loadConfig(write('trapline.config.ts', text), {})
  expect(Object.keys(config.devices)).toEqual(['gpio0'])
  expect(directory).toMatch(/trapline-lab-/)
})

describe('overrides', () => {
  const two = parseConfig('f', { ...good, models: { gpio: model, other: { ...model, parameters: { WIDTH: 8 } } } })

  it('put devices on another model and leave the unused one out', () => {
    const { devices, models } = applyOverrides(two, { model: ['gpio=other'] })
    expect(devices.gpio0).toMatchObject({ model: 'other' })
    expect(Object.keys(models)).toEqual(['other'])
  })

  it('set parameters, seed and budget', () => {
    const set = ['other.WIDTH=32', 'gpio.NAME=abc', 'gpio.FAST=true', 'gpio.MASK=0x10']
    const config = applyOverrides(two, { set, seed: 7, maxCycles: 50 })
    expect(config).toMatchObject({ seed: 7, maxCycles: 50 })
    expect(config.models.other?.parameters).toEqual({ WIDTH: 32 })
    expect(config.models.gpio?.parameters).toEqual({ NAME: 'abc', FAST: true, MASK: '0x10' })
    expect(applyOverrides(parseConfig('f', good), { set: ['WIDTH=4'] }).models.gpio?.parameters).toEqual({ WIDTH: 4 })
    const ofInterface = applyOverrides(parseConfig('f', good), { set: ['gpio.s_axil.WIDTH=4'] })
    expect(ofInterface.models.gpio?.parameters).toEqual({ 's_axil.WIDTH': 4 })
    expect(two.models.other?.parameters).toEqual({ WIDTH: 8 })
  })

  it('hold back all channels or some', () => {
    expect(applyOverrides(two, { stall: ['20', 'r=50'] }).stall).toEqual({ aw: 20, w: 20, b: 20, ar: 20, r: 50, t: 20 })
    expect(applyOverrides(two, {}).stall).toEqual({})
    expect(parseConfig('f', { ...good, stall: { b: 3 } }).stall).toEqual({ b: 3 })
  })

  it.each([
    [{ model: ['gpio'] }, '--model gpio: write it as OLD=NEW'],
    [{ model: ['gpio=othr'] }, '--model gpio=othr: there is no model othr; did you mean other?'],
    [{ set: ['WIDTH'] }, '--set WIDTH: write it as PARAMETER=VALUE'],
    [{ set: ['uart.WIDTH=3'] }, '--set uart.WIDTH=3: there is no model uart; there are gpio, other'],
    [
      { stall: ['x=3'] },
      '--stall x=3: write it as PERCENT or CHANNEL=PERCENT, at most 90; channels are aw, w, b, ar, r, t',
    ],
    [{ stall: ['91'] }, '--stall 91: write it as PERCENT or CHANNEL=PERCENT, at most 90'],
  ])('refuse %j', (overrides, message) => {
    expect(() => applyOverrides(two, overrides)).toThrow(message)
  })

  it('take a parameter without a model for the one that is in use', () => {
    expect(applyOverrides(two, { set: ['WIDTH=3'] }).models.gpio?.parameters).toEqual({ WIDTH: 3 })
    const swapped = applyOverrides(two, { model: ['gpio=other'], set: ['WIDTH=3'] })
    expect(swapped.models.other?.parameters).toEqual({ WIDTH: 3 })
    const both = { ...two, devices: { ...two.devices, more: { ...two.devices.gpio0, model: 'other' } } } as typeof two
    expect(() => applyOverrides(both, { set: ['WIDTH=3'] })).toThrow(
      '--set WIDTH=3: say which model, e.g. gpio.WIDTH=3; there are gpio,other',
    )
  })
})

describe('a configuration out of flags', () => {
  const flags = { rtl: ['a.sv', 'b.sv'], top: 'core', map: ['/dev/mem@0x43c00000+0x1000', '/dev/x@0+4096'] }

  it('says what a file would say', () => {
    const config = parseConfig('flags', toQuickConfig({ ...flags, clock: 'ck', reset: 'rst_n', port: 's0' }))
    expect(config.models.core).toMatchObject({ clock: { port: 'ck' }, reset: { port: 'rst_n', active: 'low' } })
    expect(config.devices.core0).toMatchObject({ base: 0x43c0_0000n, size: 0x1000n, port: 's0' })
    expect(config.devices.core1).toMatchObject({ path: '/dev/x', base: 0n, size: 4096n })
  })

  it('takes several clocks and resets', () => {
    const several = { ...flags, clock: 'a,b', reset: 'rst_n,clr:high' }
    expect(parseConfig('flags', toQuickConfig(several)).models.core).toMatchObject({
      clock: { port: 'a', others: ['b'] },
      reset: { port: 'rst_n', active: 'low', others: [{ port: 'clr', active: 'high' }] },
    })
    expect(toQuickConfig({ ...flags, reset: 'none' }).models.core?.reset).toBe(false)
  })

  it('takes clocks with periods of their own', () => {
    const model = (clock: string) => parseConfig('flags', toQuickConfig({ ...flags, clock })).models.core
    expect(model('a,b:8000+250,c,d:6.4ns')).toMatchObject({
      clock: { port: 'a', others: ['c'], periodPs: 10_000 },
      clocks: { b: { periodPs: 8000, phasePs: 250 }, d: { periodPs: 6400, phasePs: 0 } },
    })
    expect(model('a:5ns,b:1us+2.5ns')).toMatchObject({
      clock: { port: 'a', others: [], periodPs: 5000 },
      clocks: { b: { periodPs: 1_000_000, phasePs: 2500 } },
    })
  })

  it.each([
    ['a,b:fast', '--clock b:fast: write it as PORT, PORT:PERIOD or PORT:PERIOD+PHASE'],
    ['a,b:0.5', '--clock b:0.5: write it as PORT'],
    ['a:8000+10', '--clock a:8000+10: the first clock has no phase'],
    ['a,:8000', '--clock :8000: write it as PORT'],
  ])('refuses clock %s', (clock, message) => {
    expect(() => toQuickConfig({ ...flags, clock })).toThrow(message)
  })

  it.each([
    [{ periodPs: 1 }, 'models.core.clocks.b.periodPs is 1; it must be at least 2'],
    [{ periodPs: 10, phasePs: 10 }, 'models.core.clocks.b'],
    [{}, 'models.core.clocks.b.periodPs is missing'],
  ])('refuses clocks.b %j', (b, message) => {
    const config = { models: { core: { top: 'core', sources: ['a.v'], clocks: { b } } }, devices: {} }
    expect(() => parseConfig('f.json', config)).toThrow(message)
  })

  it.each([
    ['rst', 'high'],
    ['ARESETN', 'low'],
    ['rst_ni', 'low'],
    ['rst_n:high', 'high'],
  ])('takes reset %s as active %s', (reset, active) => {
    expect(toQuickConfig({ ...flags, reset }).models.core?.reset).toMatchObject({ active })
  })

  it.each([
    [{ ...flags, rtl: [] }, '--rtl is missing'],
    [{ ...flags, top: undefined }, '--top is missing'],
    [{ ...flags, map: undefined }, '--map is missing; say where the host sees it, e.g. /dev/mem@0x43c00000+0x1000'],
    [{ ...flags, map: ['/dev/mem'] }, '--map /dev/mem: write it as PATH@BASE+SIZE'],
    [{ ...flags, reset: 'r:up' }, '--reset r:up: write it as PORT:low or PORT:high, or none'],
  ])('refuses %j', (bad, message) => {
    expect(() => toQuickConfig(bad)).toThrow(message)
  })
})

it('takes its own names from .env beside the configuration, under the environment', () => {
  const config = write('c.json', '{}')
  writeFileSync(join(config, '../.env'), 'TRAPLINE_SEED=5\nTRAPLINE_LOG=a.jsonl\nPATH=/nowhere\n')
  for (const args of [
    ['run', '--config', config],
    ['run', `--config=${config}`, '--', '--config'],
  ]) {
    const environment: NodeJS.ProcessEnv = { TRAPLINE_LOG: 'mine' }
    loadEnvFile(args, environment)
    expect(environment).toEqual({ TRAPLINE_SEED: '5', TRAPLINE_LOG: 'mine' })
  }
})
