/** A subordinate in VHDL that only the configuration describes, in GHDL: APB as teams write it. */
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base } from '../support/configs.js'
import { host, root } from '../support/places.js'
import { environment, hasPython, unlessPython } from '../support/python.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const hasGhdl = execaSync('sh', ['-c', 'command -v ghdl'], { reject: false }).exitCode === 0
const unlessThere = hasPython && !hasGhdl ? ' (skipped: no ghdl)' : unlessPython

function toConfig(port: object, more: object = {}): TraplineConfig {
  const model = {
    ...{ kind: 'cocotb', simulator: 'ghdl', venv: environment },
    ...{ top: 'apb_regs', sources: [join(root, 'test/e2e/cores/apb_regs.vhd')] },
    ports: { apb: { protocol: 'apb4', dataWidth: 32, ...port } },
    ...{ clock: { port: 'PCLK' }, reset: { port: 'PRESETn', active: 'low' }, interrupts: ['IRQ'] },
    ...more,
  }
  return {
    models: { regs: model },
    devices: {
      regs: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'regs' },
      uio: { kind: 'uio', model: 'regs', maps: [{ size: 0x1000 }], interrupt: 'IRQ' },
    },
  } as unknown as TraplineConfig
}

const names = ['paddr', 'psel', 'penable', 'pwrite', 'pwdata', 'pstrb', 'pready', 'prdata', 'pslverr']
const poke = (words: string) => `${host('poke')} /dev/mem ${base} ${words}`
const steps = ['0x4 4 0x11223344', '0x5 1 0xaa', '0x4 4', '0x1c 4', '0x0 4 1'].map(poke)
const interrupt = 'dd if=/dev/uio0 bs=4 count=1 2>/dev/null | od -An -tu4'
const refused = [`busybox devmem ${at(0x1c)} 32 1`, `busybox devmem ${at(0x20)}`, `busybox devmem ${at(0x1c)}`]

describe.runIf(hasPython && hasGhdl)(`APB in VHDL${unlessThere}`, () => {
  it.each([
    ['found, without a prefix', {}],
    ['named', { signals: Object.fromEntries(names.map((name) => [name, name.toUpperCase()])) }],
  ])('whose signals are %s: reads, writes, waits, strobes, PSLVERR, interrupt', async (_how, port) => {
    const config = toConfig(port, { parameters: { Id: 0x1234 } })
    const program = ['sh', '-c', [...steps, interrupt, ...refused].join('; ')]
    const { status, stdout, stderr, log } = await runHost(makeScratch(), config, program)
    expect(status, stderr).toBe(0)
    expect(stdout.trim().split(/\s+/).slice(-2)).toEqual(['1', '0x00001234'])
    expect(log.map(toWords)).toEqual([
      'write regs+0x4 4 B = 0x11223344',
      'write regs+0x5 1 B = 0xaa',
      'read regs+0x4 4 B = 0x1122aa44',
      'read regs+0x1c 4 B = 0x00001234',
      'write regs+0x0 4 B = 0x00000001',
      'write regs+0x1c 4 B SLVERR',
      'read regs+0x20 4 B SLVERR',
      'read regs+0x1c 4 B = 0x00001234',
    ])
    expect(stderr.match(/SLVERR on .* the host gets SIGBUS/g)).toHaveLength(2)
  })

  it.each([
    [
      { dataWidth: 16 },
      /regs: its cocotb test serve failed: ValueError: port apb has 32 data bits, not 16 \(key ports/,
    ],
    [{ signals: { psel: 'PSELECT' } }, /failed: SignalError: apb_regs has no signal 'PSELECT'/],
  ])('what is not so is refused: %j', async (port, sentence) => {
    const { status, sentences } = await runHost(makeScratch(), toConfig(port), ['sh', '-c', steps.join('; ')])
    expect(sentences.at(-1)).toMatch(sentence)
    expect(status).toBe(125)
  })
})
