// Buses under other names: what the message says, and that its answer makes the bus, by flags and by keys.
import { describe, expect, test } from 'vitest'
import { configSchema, type TraplineConfig } from '../../../bridge/config/schema.js'
import { type QuickFlags, toQuickConfig } from '../../../bridge/config/quick-config.js'
import { apb, axiLite, find, wishbone } from './port-lists.js'
import type { ModelInput } from '../verilate/to-model.js'

const plain = ['input clk', 'input rst_n']
/** As the flags say it. */
const byFlags = (flags: Partial<QuickFlags>): ModelInput => {
  const config: TraplineConfig = toQuickConfig({ rtl: ['core.sv'], top: 'core', map: ['/dev/mem@0+0x100'], ...flags })
  configSchema.parse(config)
  return config.models['core'] as ModelInput
}

const odd = [
  'input sys_enable', 'input sys_go', 'input sys_rw', 'input sys_where[7:0]', 'input sys_into[31:0]',
  'output sys_from[31:0]', 'output sys_ready',
] // prettier-ignore
const oddMap = {
  psel: 'sys_enable', penable: 'sys_go', pwrite: 'sys_rw', paddr: 'sys_where', pwdata: 'sys_into',
  prdata: 'sys_from', pready: 'sys_ready',
} // prettier-ignore

describe('a bus that nothing but the map makes', () => {
  const rows: { by: string; model: ModelInput; name: string }[] = [
    { by: 'its key', model: { ports: { cfg: { protocol: 'apb4', signals: oddMap } } }, name: 'cfg' },
    { by: 'its key without the protocol', model: { ports: { cfg: { signals: oddMap } } }, name: 'cfg' },
    { by: 'the only one', model: { ports: { '*': { signals: oddMap } } }, name: 'bus' },
    { by: 'flags', model: byFlags({ signal: Object.entries(oddMap).map((entry) => entry.join('=')) }), name: 'bus' },
    {
      by: 'flags with name and protocol',
      model: byFlags({ port: 'cfg', protocol: 'apb4', signal: Object.entries(oddMap).map((entry) => entry.join('=')) }),
      name: 'cfg',
    },
  ]
  test.each(rows)('by $by', ({ model, name }) => {
    const found = find([...plain, ...odd], model)
    const names = Object.fromEntries(
      Object.entries(found.ports[0]?.signals ?? {}).map(([key, port]) => [key, port?.name]),
    )
    expect(found.ports).toMatchObject([{ name, protocol: 'apb4', addressWidth: 8, dataWidth: 32 }])
    expect(names).toEqual(oddMap)
    expect(found.leftOut).toEqual([])
  })

  test('every signal of every bus can be named', () => {
    for (const [names, ports] of [
      ['x', apb],
      ['y', axiLite],
      ['z', wishbone],
    ] as const) {
      const signals = ports((s) => s).map((text) => /put (\w+)/.exec(text)?.[1] ?? '')
      const keys = Object.fromEntries(signals.map((s) => [s, `${names}${s.length}${s}q`]))
      const renamed = [...plain, ...ports((s) => `${names}${s.length}${s}q`)]
      const { ports: buses } = find(renamed, { ports: { cfg: { signals: keys } } })
      expect(Object.keys(buses[0]?.signals ?? {}).sort()).toEqual(Object.keys(keys).sort())
    }
  })

  const refusals: { name: string; model: ModelInput; sentence: string }[] = [
    {
      name: 'a signal that it needs is left out',
      model: { ports: { cfg: { signals: { ...oddMap, prdata: false } } } },
      sentence: 'port cfg of core lacks prdata of APB4',
    },
    {
      name: 'a port that is not there',
      model: { ports: { cfg: { signals: { ...oddMap, psel: 'sys_gone' } } } },
      sentence: 'signal psel of bus cfg of core: sys_gone is not among the ports of core',
    },
    {
      name: 'signals of no bus',
      model: { ports: { cfg: { signals: { psel: 'sys_go', awaddr: 'sys_where' } } } },
      sentence: 'bus cfg of core: no bus that Trapline speaks has all of the signals psel, awaddr',
    },
    {
      name: 'signals of another bus than the protocol',
      model: { ports: { cfg: { protocol: 'wishbone', signals: oddMap } } },
      sentence: 'bus cfg of core: Wishbone classic has not all of the signals psel',
    },
    {
      name: 'one port twice',
      model: { ports: { cfg: { signals: { ...oddMap, penable: 'sys_enable' } } } },
      sentence: "sys_enable of core can't be both PSEL and PENABLE of bus cfg",
    },
    {
      name: 'nothing said at all',
      model: {},
      sentence:
        'is mapped with --protocol NAME and --signal SIGNAL=PORT for each signal, or by the keys ' +
        '"protocol" and "signals"',
    },
  ]
  test.each(refusals)('refused: $name', ({ model, sentence }) => {
    expect(() => find([...plain, ...odd], model)).toThrow(sentence)
  })
})

describe('a bus that is nearly found', () => {
  const lacking = wishbone((s) => (s === 'ack' ? 'cfg_finished' : `cfg_${s}`))
  const withoutAddress = wishbone((s) => (s === 'adr' ? 'cfg_place' : `cfg_${s}`))
  const likely = apb((s) => (s === 'psel' ? 'p_pselect' : `p_${s}`))
  const rows: { name: string; ports: string[]; sentence: string; model: ModelInput }[] = [
    {
      name: 'what makes it a bus, and the map to fill in',
      ports: withoutAddress,
      sentence:
        'core has no bus that Trapline can drive: cfg_cyc, cfg_stb, cfg_we and 5 more look like Wishbone classic ' +
        'with prefix cfg, which lacks adr; if it has another name, say --signal adr=PORT or the key ' +
        "ports.cfg.signals: { adr: 'PORT' }",
      model: byFlags({ signal: ['adr=cfg_place'] }),
    },
    {
      name: 'by the key',
      ports: withoutAddress,
      sentence: "ports.cfg.signals: { adr: 'PORT' }",
      model: { ports: { cfg: { signals: { adr: 'cfg_place' } } } },
    },
    {
      name: 'a signal of a bus that is one',
      ports: lacking,
      sentence:
        'cfg lacks ack of Wishbone classic; if it has another name, say --signal ack=PORT or the key ' +
        "ports.cfg.signals: { ack: 'PORT' }",
      model: byFlags({ signal: ['ack=cfg_finished'] }),
    },
    {
      name: 'a likely port in the map',
      ports: likely,
      sentence:
        'p_paddr, p_penable, p_pwrite and 5 more look like APB4 with prefix p, which lacks psel; if it has ' +
        'another name, say --signal psel=PORT',
      model: byFlags({ port: 'p', signal: ['psel=p_pselect'] }),
    },
  ] // prettier-ignore
  test.each(rows)('$name', ({ ports, sentence, model }) => {
    expect(() => find([...plain, ...ports])).toThrow(sentence)
    expect(find([...plain, ...ports], model).ports).toHaveLength(1)
  })

  test('of two each is named, with the flag that chooses it', () => {
    const ports = [...plain, ...withoutAddress, ...likely]
    expect(() => find(ports)).toThrow('say --port cfg --signal adr=PORT')
    expect(() => find(ports)).toThrow('say --port p --signal psel=')
  })

  test('under a configured prefix', () => {
    const sentence =
      'core has no bus with the signal prefix cfg: cfg_cyc, cfg_stb, cfg_we and 5 more look like Wishbone classic'
    expect(() => find([...plain, ...withoutAddress], { ports: { cfg: {} } })).toThrow(sentence)
  })
})

describe('bits and elements', () => {
  const selects = apb((s) => s.toUpperCase()).map((port) => port.replace('PSEL', 'PSEL[3:0]'))

  test('of several selects one is a question, and the others are said to be held', () => {
    const sentence = 'bus apb of core selects 4 devices (PSEL); say which one with --bus select=0 to 3'
    expect(() => find([...plain, ...selects])).toThrow(sentence)
    const { ports, leftOut } = find([...plain, ...selects], byFlags({ signal: ['psel=PSEL[1]'] }))
    expect(ports[0]?.signals['psel']).toMatchObject({ name: 'PSEL[1]', width: 1, part: { select: '[1:1]' } })
    expect(leftOut).toEqual(['inputs held at 0: PSEL[0], PSEL[3:2]'])
    expect(() => find([...plain, ...selects], byFlags({ signal: ['psel=PSEL[4]'] }))).toThrow(
      'PSEL[4] is not among the ports',
    )
  })

  const vector = (count: number) =>
    axiLite((s) => `s_axi_${s}`).map((port) => {
      const bits = Number(/\[(\d+):0\]/.exec(port)?.[1] ?? 0) + 1
      return `${port.replace(/\[.*/, '')}[${bits * count - 1}:0]`
    })

  test('of a vector of buses one is a question, and the others are said to be idle', () => {
    const ports = [...plain, ...vector(3)]
    expect(() => find(ports)).toThrow(
      's_axi[0], s_axi[1] and s_axi[2] of core can each be the port; say which with --port',
    )
    const found = find(ports, byFlags({ port: 's_axi[1]' }))
    expect(found.ports).toMatchObject([{ name: 's_axi[1]', addressWidth: 12, dataWidth: 32 }])
    expect(found.ports[0]?.signals['wdata']?.part?.select).toBe('[63:32]')
    expect(found.leftOut).toEqual([0, 2].map((i) => `bus s_axi[${i}] is not driven: it is not among "ports"`))
    expect(() => find(ports, byFlags({ port: 's_axi' }))).toThrow('(prefixes: s_axi[0], s_axi[1], s_axi[2])')
  })

  test.each(['s_axi', 's_axi[0]'])('a vector of one is %s', (name) => {
    expect(find([...plain, ...vector(1)], { ports: { [name]: {} } }).ports).toMatchObject([{ name, dataWidth: 32 }])
  })

  test('all that the RTL drives of a vector are served', () => {
    const turned = vector(2).map((port) =>
      port.startsWith('in') ? port.replace('input s', 'output m') : port.replace('output s', 'input m'),
    )
    const { managers } = find([...plain, ...apb((s) => s), ...turned])
    expect(managers.map(({ name }) => name)).toEqual(['m_axi[0]', 'm_axi[1]'])
  })

  test('a vector whose parts can not be told is refused', () => {
    const ports = vector(2).map((port) => port.replace('[63:0]', '[0:63]'))
    expect(() => find([...plain, ...ports])).toThrow(
      'core has no bus that Trapline can drive: s_axi has s_axi_awvalid with 2 bits',
    )
  })
})

describe('interrupts in vectors', () => {
  const bus = apb((s) => s)
  const ports = [...plain, ...bus, 'output irq_o[3:0]', 'output done[2:1]', 'output other']
  const linesOf = (interrupts?: string[]) =>
    find(ports, interrupts && { interrupts }).interrupts.map(({ name, part }) => [name, part?.select])

  test('each bit is a line', () => {
    expect(linesOf()).toEqual([0, 1, 2, 3].map((i) => [`irq_o[${i}]`, `[${i}:${i}]`]))
    expect(linesOf(['done[2]', 'other'])).toEqual([['done[2]', '[1:1]'], ['other', undefined]]) // prettier-ignore
    expect(linesOf(['done'])).toEqual([['done[1]', '[0:0]'], ['done[2]', '[1:1]']]) // prettier-ignore
    expect(find(ports).notes).toContain('interrupts irq_o[0] to irq_o[3]')
  })

  test('what is no bit is refused', () => {
    expect(() => linesOf(['irq_o[4]'])).toThrow(
      'interrupt irq_o[4] of core is not among its 1-bit outputs (they: other), nor a bit of a vector',
    )
  })

  test('more than there can be are told', () => {
    const { interrupts, leftOut } = find([...plain, ...bus, 'output irq', 'output intr[31:0]'])
    expect(interrupts).toHaveLength(32)
    expect(leftOut).toEqual(['interrupts that are not watched, for there are more than 32: intr[31]'])
  })
})

describe('loopbacks', () => {
  const ports = [
    ...plain,
    ...apb((s) => s),
    'input rx',
    'output tx',
    'input pins_i[7:0]',
    'output pins_o[7:0]',
    'output irq',
  ]
  const look = (loopback: Record<string, string>, more: ModelInput = {}) => find(ports, { loopback, ...more })

  test('are said, and what they drive is not held', () => {
    const found = look({ rx: 'tx', 'pins_i[3:0]': 'pins_o[7:4]' })
    expect(found.notes.slice(-2)).toEqual(['tx looped back to rx', 'pins_o[7:4] looped back to pins_i[3:0]'])
    expect(found.leftOut).toEqual(['inputs held at 0: pins_i[7:4]'])
    expect(byFlags({ loopback: ['rx=tx'] })).toMatchObject({ loopback: { rx: 'tx' } })
  })

  test('of an interrupt it is a line all the same', () => {
    expect(look({ rx: 'irq' }).interrupts.map(({ name }) => name)).toEqual(['irq'])
  })

  test.each([
    [{ rx: 'gone' }, 'loopback of gone to rx of core: gone is not among the ports (outputs: tx, pins_o, irq)'],
    [{ gone: 'tx' }, 'loopback of tx to gone of core: gone is not among the ports (inputs: rx, pins_i)'],
    [{ tx: 'rx' }, 'loopback of rx to tx of core: tx is not an input of plain bits'],
    [{ rx: 'pins_o' }, 'pins_o has 8 bits and rx has 1 bit; name as many'],
    [{ psel: 'tx' }, 'psel is a clock, a reset or a signal of a bus'],
    [{ rx: 'prdata[3]' }, 'prdata[3] is a clock, a reset or a signal of a bus'],
    [{ pins_i: 'pins_o', 'pins_i[2]': 'tx' }, 'loopback to pins_i[2] of core: pins_i is looped back to already'],
  ])('%j is refused', (loopback, sentence) => {
    expect(() => look(loopback as Record<string, string>)).toThrow(sentence)
  })

  test('what is held at a value is not looped back to', () => {
    expect(() => look({ rx: 'tx' }, { inputs: { rx: 1 } })).toThrow(
      'inputs.rx holds it at a value; leave one of them out',
    )
  })
})
