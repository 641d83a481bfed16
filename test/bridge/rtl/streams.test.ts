// AXI4-Stream ports by their names and directions, and which of them stand behind a device.
import { describe, expect, it } from 'vitest'
import type { MappedDevice } from '../../../bridge/map/address-map.js'
import { toBuffers, toDeviceStreams, toStreamShape, unusedStreams } from '../../../bridge/model/stream-ports.js'
import { configSchema, type ModelConfig } from '../../../bridge/config/schema.js'
import { mapDevices } from '../../../bridge/map/address-map.js'
import type { RtlPort } from '../../../bridge/rtl/rtl-netlist.js'
import { findPorts } from '../../../bridge/rtl/find-ports.js'
import { findStreams, toStreamNote } from '../../../bridge/rtl/streams.js'
import type { BuiltModel, BuiltStream } from '../../../bridge/verilate/build-model.js'

const port = (direction: 'input' | 'output', name: string, width = 1): RtlPort => ({
  ...{ name, direction, width },
  shape: 'vector',
  dimensions: [],
})
const input = (name: string, width?: number) => port('input', name, width)
const output = (name: string, width?: number) => port('output', name, width)

/** What the RTL receives; `spell` makes the port's name of the signal's. */
const received = (spell: (signal: string) => string, width = 32) => [
  input(spell('tdata'), width),
  input(spell('tkeep'), width / 8),
  input(spell('tlast')),
  input(spell('tvalid')),
  output(spell('tready')),
]

describe('a stream is found', () => {
  it.each([
    ['s_axis', (signal: string) => `s_axis_${signal}`],
    ['S_AXIS', (signal: string) => `S_AXIS_${signal.toUpperCase()}`],
    ['s_axis', (signal: string) => (signal === 'tready' ? `s_axis_${signal}_o` : `s_axis_${signal}_i`)],
    ['s_axis', (signal: string) => (signal === 'tready' ? `o_s_axis_${signal}` : `i_s_axis_${signal}`)],
    ['axis_rx', (signal: string) => `axis_rx__${signal}`],
    ['axis', (signal: string) => signal],
    ['AXIS', (signal: string) => `AXIS_T${signal.slice(1)}`],
    ['sAxis', (signal: string) => `sAxisT${signal.slice(1)}`],
    ['input', (signal: string) => `input_${signal}`],
    ['saxis', (signal: string) => `saxis${signal}`],
    ['h2c', (signal: string) => `h2c_t_${signal.slice(1)}`],
  ])('%s (%#)', (name, spell) => {
    const { streams, left } = findStreams(received(spell))
    expect(left).toEqual([])
    expect(
      streams.map(({ name, isWritten, dataWidth, signals }) => [
        name,
        isWritten,
        dataWidth,
        Object.keys(signals).sort(),
      ]),
    ).toEqual([[name, true, 32, ['tdata', 'tkeep', 'tlast', 'tready', 'tvalid']]])
  })

  it('by the direction of its TVALID, with what it has of the others', () => {
    const ports = [output('m_tvalid'), output('m_tdata', 1024), output('m_tuser', 5), output('m_tid', 3)]
    const [stream] = findStreams(ports).streams
    expect(stream && toStreamNote(stream)).toBe(
      'AXI4-Stream, 1024-bit data, no TREADY, no TKEEP, no TLAST, read by hosts',
    )
  })

  it.each([
    ['words that end in t', [input('input_valid'), input('input_data', 8), output('output_ready')]],
    ['words that end in t, without underscores', [input('outvalid'), input('outdata', 8), input('outlast')]],
    ['no TVALID', [input('s_tdata', 8), output('s_tready')]],
  ])('but not in %s', (_, ports) => {
    expect(findStreams(ports)).toEqual({ streams: [], left: [] })
  })

  it.each([
    ['has no TDATA', [input('s_tvalid'), output('s_tready')]],
    ['has 12-bit data; multiples of 8 up to 1024', [input('s_tvalid'), input('s_tdata', 12)]],
    ['has 2048-bit data', [input('s_tvalid'), input('s_tdata', 2048)]],
    ['has s_tready as input; its TVALID wants an output', [input('s_tvalid'), input('s_tdata', 8), input('s_tready')]],
    ['has s_tkeep with 1 bits; AXI4-Stream wants 4', [input('s_tvalid'), input('s_tdata', 32), input('s_tkeep')]],
    ['has s_tdata as an array', [input('s_tvalid'), { ...input('s_tdata', 8), dimensions: [4] }]],
  ])('and left with a word: it %s', (reason, ports) => {
    const { streams, left } = findStreams(ports)
    expect(streams).toEqual([])
    expect(left.join()).toContain(`stream s is left alone: it ${reason}`)
  })

  it('unless the configuration holds one of its inputs', () => {
    const { streams, left } = findStreams([output('m_tvalid'), output('m_tdata', 8), input('m_tready')], ['m_tready'])
    expect(streams).toEqual([])
    expect(left).toEqual(['stream m is left alone: it has an input that "inputs" holds at a value'])
  })
})

const stream = (name: string, isWritten: boolean, dataWidth = 32, hasKeep = true): BuiltStream => ({
  ...{ name, isWritten, dataWidth, hasKeep },
})
const both = [stream('s_axis', true), stream('m_axis', false)]

function devices(...keys: object[]): MappedDevice[] {
  const entries = keys.map((each, i) => [`d${i}`, { kind: 'stream', path: `/dev/s${i}`, model: 'm', ...each }])
  const models = { m: { top: 'm', sources: ['m.sv'] } }
  return mapDevices(configSchema.parse({ models, devices: Object.fromEntries(entries) }))
}
const device = (keys: object) => devices(keys)[0] as MappedDevice

describe('a device stands for', () => {
  it.each([
    ['the only ones', {}, both, { read: 1, write: 0 }],
    ['one that is named', { port: 'm_axis_' }, both, { read: 1, write: undefined }],
    ['one in each direction', { read: 'b', write: 'S_AXIS' }, [...both, stream('b', false)], { read: 2, write: 0 }],
    ['one of several', { write: 's_axis' }, [...both, stream('b', true)], { read: undefined, write: 0 }],
  ])('%s', (_, keys, streams, expected) => {
    expect(toDeviceStreams(device(keys), streams)).toEqual(expected)
  })

  it.each([
    [
      'several',
      {},
      [...both, stream('b', false)],
      'say with read and write which streams are meant of model m; its streams are',
    ],
    ['none of that name', { port: 'x' }, both, 'there is no stream x of model m'],
    ['none at all', {}, [], 'there is no stream of model m; it has no AXI4-Stream port that was found'],
    ['the wrong direction', { write: 'm_axis' }, both, "m_axis can't be written, for the RTL transmits on it"],
  ])('and the run asks where there are %s', (_, keys, streams, sentence) => {
    expect(() => toDeviceStreams(device(keys), streams)).toThrow(sentence)
  })

  it('what two devices can not share', () => {
    const built = { streams: both } as BuiltModel
    expect(() => toBuffers(built, devices({}, { port: 'm_axis' }))).toThrow(
      'devices d0 and d1 both read stream m_axis of model m; give it to one of them',
    )
    expect(toBuffers(built, devices({ port: 'm_axis', buffer: 8192 }))).toEqual([
      { name: 's_axis', buffer: 0 },
      { name: 'm_axis', buffer: 8192 },
    ])
    expect(unusedStreams(built, devices({ port: 'm_axis' }))).toEqual([
      "stream s_axis is held idle (TVALID low), for no device of kind 'stream' is there for it",
    ])
  })

  it('pieces of whole beats', () => {
    const shape = (width: number, hasKeep: boolean) =>
      toStreamShape({ read: undefined, write: 0 }, [stream('s', true, width, hasKeep)])
    expect(shape(24, false)).toMatchObject({ burstBytes: 4095, unitBytes: 3, isReadable: false, isWritable: true })
    expect(shape(1024, true)).toMatchObject({ burstBytes: 4096, unitBytes: 1 })
  })

  it('either a port, or what is read and written', () => {
    expect(() => device({ port: 'a', read: 'b' })).toThrow('say either its port, or what read and write reach')
  })
})

it('RTL with streams needs no bus to be driven', () => {
  const config = configSchema.parse({ models: { m: { top: 'm', sources: ['m.sv'] } }, devices: {} }).models.m
  const clocks = [input('clk'), input('rst')]
  const description = findPorts(config as ModelConfig, [...clocks, ...received((signal) => `s_axis_${signal}`)])
  expect([description.ports, description.streams.map(({ name }) => name)]).toEqual([[], ['s_axis']])
  expect(description.otherInputs).toEqual([])
  expect(() => findPorts(config as ModelConfig, clocks)).toThrow('m has no bus that Trapline can drive')
})
