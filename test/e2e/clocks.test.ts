/**
 * RTL with several clocks: the example's DMA engine copies with clocks of any ratio, and what isn't said of them is
 * asked.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { makeCheckout } from '../support/checkout.js'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

const example = join(root, 'examples/clocks')
const sources = ['async_fifo.sv', 'stream_copier.sv'].map((file) => join(example, file))
const copied = 'by interrupt: same, by polling: same, 1024 words went through the stream\n'

let copy: string
beforeAll(async () => {
  copy = join(root, 'build/test/copy')
  await execa('cc', ['-O1', '-o', copy, join(example, 'copy.c')])
})

type Clock = [periodPs: number, phasePs: number]

function withClocks(lite: number, axi: Clock, axis: Clock): TraplineConfig {
  const toKeys = ([periodPs, phasePs]: Clock) => ({ periodPs, phasePs })
  const clocks = { m_axi_aclk: toKeys(axi), axis_aclk: toKeys(axis) }
  const clock = { port: 's_axi_lite_aclk', periodPs: lite }
  return {
    models: { copier: { top: 'stream_copier', sources, clock, clocks } },
    devices: {
      copier0: { kind: 'uio', model: 'copier', maps: [{ size: 0x1000 }], interrupt: 'irq' },
      udmabuf0: { kind: 'u-dma-buf', size: 0x1_0000 },
    },
  }
}

const ratios: { name: string; config: TraplineConfig }[] = [
  { name: 'all alike', config: withClocks(10_000, [10_000, 0], [10_000, 0]) },
  { name: '3:7:5', config: withClocks(3000, [7000, 0], [5000, 0]) },
  {
    name: '10000:9999:10001, edges of which hardly any come together',
    config: withClocks(10_000, [9999, 3], [10_001, 5000]),
  },
  { name: 'fast registers, slow stream', config: withClocks(1000, [4000, 1], [97_003, 0]) },
  { name: 'slow registers, fast memory and stream', config: withClocks(100_000, [1234, 0], [777, 776]) },
]

describe.each(ratios)('clocks $name', ({ config }) => {
  async function run(flags: string[]) {
    const { stdout, status, stderr, log } = await runHost(makeScratch(), config, [copy, '4096'], { flags })
    expect({ stdout, status }, stderr).toEqual({ stdout: copied, status: 0 })
    return log.map(({ op, device, offset, data, cycleStart, cycleEnd, timePs }) => ({
      ...{ op, device, offset, data, cycleStart, cycleEnd, timePs },
    }))
  }

  it('copies, and twice alike with one seed', async () => {
    const first = await run(['--seed', '3'])
    expect(await run(['--seed', '3'])).toEqual(first)
  })

  it('copies while channels are held back', async () => {
    await run(['--seed', '4', '--stall', '30'])
  })
})

it('the example runs as it stands', async () => {
  const cwd = join(makeCheckout(), 'examples/clocks')
  const { stdout, stderr } = await trapline(makeScratch(), ['run', '--', copy, '4096'], { cwd })
  expect(stdout, stderr).toBe(copied)
})

it('periods are asked for, and the answer is a flag; init writes it down', async () => {
  const scratch = makeScratch()
  const rtl = ['--rtl', ...sources, '--top', 'stream_copier', '--map', '/dev/mem@0x1000+0x100']
  const passed = ['--', 'busybox', 'devmem', '0x1014', '32']
  const asked = await trapline(scratch, ['run', ...rtl, ...passed])
  expect(asked.sentences).toEqual([
    expect.stringContaining(
      's_axi_lite_aclk, m_axi_aclk and axis_aclk of stream_copier can each be the clock; say which with --clock',
    ),
  ])
  const clock = ['--clock', 's_axi_lite_aclk,m_axi_aclk:4ns,axis_aclk:6.4ns+1000']
  const answered = await trapline(scratch, ['run', ...rtl, ...clock, ...passed])
  expect(answered.stdout, answered.stderr).toBe('0x00000000\n')
  expect(answered.stderr).toMatch(/reset axis_aresetn \(active low, of axis_aclk\).*manager m_axi: .*, on m_axi_aclk/)

  const init = await trapline(scratch, ['init', ...rtl, ...clock, '--output', 'trapline.config.json'])
  expect(init.status, init.stderr).toBe(0)
  const { models } = JSON.parse(readFileSync(join(scratch.path, 'trapline.config.json'), 'utf8')) as TraplineConfig
  expect(models['stream_copier']).toMatchObject({
    clock: 's_axi_lite_aclk',
    clocks: {
      m_axi_aclk: { periodPs: 4000, reset: { port: 'm_axi_aresetn', active: 'low' } },
      axis_aclk: { periodPs: 6400, phasePs: 1000, reset: { port: 'axis_aresetn', active: 'low' } },
    },
  })
  const configured = await trapline(scratch, ['run', ...passed])
  expect(configured.stdout, configured.stderr).toBe('0x00000000\n')
})

/** An access that waits for another clock, and a counter of it. */
const handshake = `module handshake (
  input wire pclk, input wire presetn, input wire core_clk, input wire core_rst, input wire psel, input wire penable,
  input wire pwrite, input wire [7:0] paddr, input wire [31:0] pwdata, output wire [31:0] prdata, output wire pready);
  reg [31:0] n = 0;
  reg [1:0] asked = 0, answered = 0;
  always @(posedge core_clk) begin
    if (core_rst) n <= 0; else n <= n + 1;
    asked <= {asked[0], psel & penable};
  end
  always @(posedge pclk) answered <= {answered[0], asked[1]};
  assign pready = paddr[2] ? answered[1] : 1'b1, prdata = n;
endmodule
`

it('a clock that stands still is named, at the start and where it is waited for', async () => {
  const scratch = makeScratch()
  const rtl = ['--rtl', scratch.write('handshake.v', handshake), '--top', 'handshake', '--map', '/dev/mem@0x1000+0x100']
  const read = (...addresses: string[]) => [
    ...['--', 'sh', '-c', addresses.map((address) => `busybox devmem ${address} 32`).join('; ')],
  ]
  const resets = ['--reset', 'presetn:low,core_rst:high']
  const held = await trapline(scratch, [
    ...['run', ...rtl, '--clock', 'pclk', ...resets, '--max-cycles', '300', ...read('0x1000', '0x1004')],
  ])
  // The bus works, and its register shows that the other side doesn't.
  expect(held.stdout, held.stderr).toBe('0x00000000\n')
  expect(held.stderr).toMatch(/inputs held at 0: core_clk; clocks among them, .*: core_clk/)
  expect(held.stderr).toMatch(/TIMEOUT on read .* \(of its model's clocks, core_clk is held at 0\)/)

  const driven = await trapline(scratch, ['run', ...rtl, '--clock', 'pclk,core_clk:7ns', ...read('0x1004')])
  expect({ status: driven.status, value: Number(driven.stdout) }, driven.stderr).toEqual({
    status: 0,
    value: expect.any(Number),
  })
  expect(Number(driven.stdout)).toBeGreaterThan(0)
  expect(driven.stderr).toMatch(/reset core_rst \(active high, of core_clk\)/)
})
