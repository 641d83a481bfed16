/** A model under cocotb, in a real simulator, is a model as any other: the same programs and answers, its own ends. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at } from '../support/configs.js'
import { processesOf } from '../support/leftovers.js'
import { host, root } from '../support/places.js'
import { unlessPython } from '../support/python.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { onTheirSimulator, underCocotb, unlessSimulated, unlessWaveforms } from '../support/simulators.js'
import { runHost, startTrapline, toWords, trapline } from '../support/trapline.js'

const core = { top: 'shared_regs', sources: [join(root, 'test/e2e/cores/shared_regs.v')] }
const simulation = { ...underCocotb, ...core } as const

/** Device `dut` on the Verilator model `rtl` unless `--model rtl=sim` says otherwise. */
function toConfig(more: object = {}): TraplineConfig {
  return {
    models: { rtl: { kind: 'verilator', ...core }, sim: { ...simulation, ...more } },
    devices: {
      dut: { kind: 'mem', path: '/dev/mem', base: 0x43c0_0000, size: 0x1000, model: 'rtl' },
      uio: { kind: 'uio', model: 'rtl', maps: [{ size: 0x1000 }], interrupt: 'irq' },
    },
  }
}

const onSim = ['--model', 'rtl=sim']
const read = (offset: number) => ['busybox', 'devmem', at(offset), '32']
const write = (offset: number, value: number) => [...read(offset), String(value)]

/** A test bench of a team, with this in the place of its end. */
function writeBench(scratch: Scratch, body: string, after = 'pass', periodNs = 10): void {
  const file = `import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, Timer
from trapline import AxiLiteManager, Bridge

@cocotb.test()
async def bench(dut):
    Clock(dut.clk, ${periodNs}, 'ns').start()
    dut.rst_n.value = 0
    await ClockCycles(dut.clk, 4)
    dut.rst_n.value = 1
    ports = {'s_axil': AxiLiteManager(dut, 's_axil', dut.clk)}
    async with Bridge(dut, clock=dut.clk, ports=ports, interrupts={'irq': dut.irq}) as bridge:
${body.replaceAll(/^/gm, '        ')}
    ${after}
`
  scratch.write('bench.py', file)
}

const driver = `set -e
poke=${host('poke')}
for write in '0 4 0x11223344' '1 1 0xaa' '2 2 0xbbcc'; do $poke /dev/mem 0x43c00000 $write >/dev/null; done
$poke /dev/mem 0x43c00000 0 4; $poke /dev/mem 0x43c00000 3 1; $poke /dev/mem 0x43c00000 4 8
${write(8, 200).join(' ')}
dd if=/dev/uio0 bs=4 count=1 2>/dev/null | od -An -tu4
${read(12).join(' ')}; ${write(12, 1).join(' ')}; ${read(12).join(' ')}
`

const without = unlessPython || unlessSimulated('shared_regs')

describe.skipIf(without !== '')(`${onTheirSimulator}${without}`, () => {
  it('one program, one log on the Verilator model and here, but for the time', async () => {
    const scratch = makeScratch()
    const run = async (name: string, flags: string[]) => {
      const log = join(scratch.path, `${name}.jsonl`)
      const ended = await runHost(scratch, toConfig(), ['sh', '-c', driver], { flags })
      writeFileSync(log, ended.logText)
      expect(ended.status, ended.stderr).toBe(0)
      return { ...ended, file: log }
    }
    const [rtl, sim] = [await run('rtl', []), await run('sim', onSim)]
    expect(sim.stdout).toBe(rtl.stdout)
    expect(sim.stdout.trim().split(/\s+/)).toEqual([
      '0xbbccaa44',
      '0xbb',
      '0x0000000054524150',
      '1',
      '0x00000001',
      '0x00000000',
    ])
    expect((await trapline(scratch, ['diff', rtl.file, sim.file])).status).toBe(0)
    expect(sim.log.map(toWords)).toEqual(rtl.log.map(toWords))
  })

  it('in lockstep with the Verilator model, until they differ', async () => {
    const scratch = makeScratch()
    const same = await runHost(scratch, toConfig(), ['sh', '-c', driver], { flags: ['--lockstep', 'rtl=sim'] })
    expect(same.status, same.stderr).toBe(0)
    const program = ['sh', '-c', `${read(0).join(' ')}; ${read(4).join(' ')}`]
    const flags = ['--lockstep', 'sim=rtl', '--set', 'rtl.ID=0x1', ...onSim]
    const other = await runHost(scratch, toConfig(), program, { flags })
    expect(other.status).toBe(125)
    expect(other.stdout).toBe('0x00000000\n')
    expect(other.sentences.join('\n')).toMatch(
      /lockstep: read of 4 bytes at dut\+0x4, cycles \d+ to \d+: the RTL gives 0x54524150, model rtl 0x00000001/,
    )
  })

  it.skipIf(unlessWaveforms !== '')(
    `a waveform from start to end, and two simulations at once${unlessWaveforms}`,
    async () => {
      const scratch = makeScratch()
      const config = toConfig()
      const { dut } = config.devices as { dut: object }
      const two = {
        models: { ...config.models, sim2: { ...simulation, parameters: { ID: 2 } } },
        devices: { one: { ...dut, model: 'sim' }, two: { ...dut, base: 0x43c0_1000, model: 'sim2' } },
      } as unknown as TraplineConfig
      const program = ['sh', '-c', `${read(4).join(' ')}; ${read(0x1004).join(' ')}`]
      const trace = join(scratch.path, 'wave.fst')
      const { status, stdout, stderr } = await runHost(scratch, two, program, { flags: ['--trace', trace] })
      expect(status, stderr).toBe(0)
      expect(stdout).toBe('0x54524150\n0x00000002\n')
      for (const name of ['sim', 'sim2'])
        expect(execFileSync('fst2vcd', [join(scratch.path, `wave.${name}.fst`)], { encoding: 'utf8' })).toMatch(
          /\$var \w+ 32 \S+ s_axil_rdata/,
        )
    },
  )

  it.each([
    [['--sandbox'], 'model sim runs under cocotb, whose Python no sandbox is made for; leave --sandbox out'],
    [['--coverage', 'c'], 'model sim runs under cocotb, where --coverage counts nothing'],
    [['--join', 'sim=/nowhere/s'], "--join sim=/nowhere/s: can't connect, there is no such file; the cocotb test must"],
    [
      ['--join', 'rtl=/nowhere/s'],
      "--join rtl=SOCKET: it needs a model of kind 'cocotb' that is in use; there are sim",
    ],
    [['--join', 'sim'], '--join sim: write it as MODEL=SOCKET'],
  ])('%j is answered with a sentence', async (flags, sentence) => {
    const scratch = makeScratch()
    const file = scratch.write('c.json', toConfig())
    const { status, sentences } = await trapline(scratch, ['run', '--config', file, ...onSim, ...flags, '--', 'true'])
    expect(sentences.at(-1)).toContain(sentence)
    expect(status).toBe(125)
  })

  it.each([
    ['found', {}, 'bus apb of words has addresses that count 4 bytes, which is not possible under cocotb'],
    ['named', { dataWidth: 32 }, "bus 'apb' has apb_paddr from bit 2 on, so it counts 4 bytes"],
  ])('addresses that count words are refused where ports are %s, not taken for bytes', async (_how, port, sentence) => {
    const scratch = makeScratch()
    const ports =
      'input psel, input penable, input pwrite, input [11:2] paddr, input [31:0] pwdata, output [31:0] prdata'
    const prefixed = ports.replaceAll(/ (p\w+)(?=,|$)/g, ' apb_$1')
    scratch.write('words.v', `module words (input clk, ${prefixed}); assign apb_prdata = apb_paddr; endmodule`)
    const named = { ports: { apb: { protocol: 'apb4', ...port } }, clock: { port: 'clk' }, reset: false }
    const sim = { top: 'words', sources: ['words.v'], ...named }
    const { status, stderr } = await runHost(scratch, toConfig(sim), read(4), { flags: onSim })
    expect(stderr).toContain(sentence)
    expect(status).toBe(125)
  })

  it('says what of a run a simulation that runs already will not hear', async () => {
    const scratch = makeScratch()
    const file = scratch.write('c.json', toConfig())
    const flags = [
      '--join',
      'sim=/nowhere/s',
      '--seed',
      '5',
      '--max-cycles',
      '300',
      '--stall',
      '10',
      '--set',
      'sim.ID=2',
    ]
    const { sentences } = await trapline(scratch, ['run', '--config', file, ...onSim, ...flags, '--', 'true'])
    expect(sentences.join('\n')).toContain('sim runs already, and does not hear of maxCycles, stall of this')
    expect(sentences.join('\n')).toContain('models.sim.parameters (or --set) of this run change nothing in it')
  })

  it('an error of the bus is SIGBUS; 125 names what hangs', async () => {
    const scratch = makeScratch()
    const error = await runHost(scratch, toConfig(), read(0x20), { flags: onSim })
    expect(error.log.map(toWords)).toEqual(['read dut+0x20 4 B SLVERR'])
    const stuck = await runHost(scratch, toConfig(), read(0x10), { flags: [...onSim, '--max-cycles', '300'] })
    expect(stuck.status).toBe(125)
    expect(stuck.sentences.join('\n')).toMatch(/TIMEOUT on read of 4 bytes at dut\+0x10 .*ARREADY.* 300 cycles/)
  })

  it('$finish is named, and its place where Icarus tells it', async () => {
    const { status, sentences } = await runHost(makeScratch(), toConfig(), write(0x14, 1), { flags: onSim })
    expect(status).toBe(125)
    expect(sentences.join('\n')).toMatch(/model sim ended by \$finish( at shared_regs\.v:82)?, cycle/)
  })

  it.each([
    [
      'an exception',
      `await Timer(1, 'us')\nraise KeyError('lost')`,
      /model sim ended by an exception .*KeyError.*lost/,
    ],
    ['the end of its test', `await Timer(1, 'us')`, /model sim ended by the end of its cocotb test/],
  ])('%s of a team’s own test bench', async (_what, body, sentence) => {
    const scratch = makeScratch()
    writeBench(scratch, body)
    const program = ['sh', '-c', `while ${read(4).join(' ')}; do :; done`]
    const { status, stderr } = await runHost(scratch, toConfig({ python: 'bench.py' }), program, { flags: onSim })
    expect(stderr).toMatch(sentence)
    expect(status).toBe(125)
  })

  it('why one ended under an access is told also where its process takes its time', async () => {
    const scratch = makeScratch()
    writeBench(scratch, `await Timer(1, 'us')`, `__import__('time').sleep(1)`)
    const program = ['sh', '-c', `while ${read(4).join(' ')}; do :; done`]
    const { status, stderr } = await runHost(scratch, toConfig({ python: 'bench.py' }), program, { flags: onSim })
    expect(stderr).toMatch(/model sim ended by the end of its cocotb test/)
    expect(status).toBe(125)
  })

  it('constants of inputs are refused where a team’s own test bench drives those', async () => {
    const scratch = makeScratch()
    writeBench(scratch, 'await bridge.served()')
    const file = scratch.write('c.json', toConfig({ python: 'bench.py', inputs: { irq_test: 1 } }))
    const { status, sentences } = await trapline(scratch, ['run', '--config', file, ...onSim, '--', 'true'])
    expect(status).toBe(125)
    expect(sentences.at(-1)).toContain('models.sim.inputs: irq_test is an input that its own test bench drives')
  })

  it('a host that sleeps moves on the clock that a team’s own test bench drives, by its period', async () => {
    const scratch = makeScratch()
    writeBench(scratch, 'await bridge.served()', 'pass', 500)
    const program = ['sh', '-c', `exec 3<>/dev/uio0; sleep 0.0002; ${read(4).join(' ')}`]
    const config = toConfig({ python: 'bench.py' })
    const { status, stderr, log } = await runHost(scratch, config, program, {
      flags: [...onSim, '--time', 'virtual'],
    })
    expect(status, stderr).toBe(0)
    expect(log).toHaveLength(1)
    // Power-up and the handshakes are a few cycles of 500 ns.
    const us = Number(log[0]?.timePs) / 1e6
    expect(us).toBeGreaterThan(200)
    expect(us).toBeLessThan(230)
  })

  it('what a test finds when all is over fails the run', async () => {
    const scratch = makeScratch()
    writeBench(scratch, 'await bridge.served()', `assert False, 'the scoreboard is not empty'`)
    const config = toConfig({ python: 'bench.py', ports: { s_axil: { dataWidth: 32 } } })
    const { status, sentences } = await runHost(scratch, config, read(4), { flags: onSim })
    const sentence = /model sim: its cocotb test \S*bench failed: AssertionError: the scoreboard is not empty/
    expect(sentences.join('\n')).toMatch(sentence)
    expect(status).toBe(125)
  })

  it.each([
    [
      'leaves with status 0',
      'await bridge.served()',
      '__import__("os")._exit(0)',
      /model sim: its simulation ended before cocotb had/,
    ],
    [
      'goes on for ever',
      'await bridge.served()',
      `await Timer(1, 'sec')`,
      /model sim did not end when it was asked to, and was killed/,
    ],
    ['a second time', 'await bridge.served()', 'await bench2(dut)', /one Bridge serves a run, once/],
  ])('a run is no success whose test %s after it', async (_what, body, after, sentence) => {
    const scratch = makeScratch()
    writeBench(scratch, body, after)
    const again = 'async def bench2(dut):\n    async with Bridge(dut, clock=dut.clk) as again:\n        pass\n'
    writeFileSync(join(scratch.path, 'bench.py'), again, { flag: 'a' })
    const { status, stderr } = await runHost(scratch, toConfig({ python: 'bench.py' }), read(4), { flags: onSim })
    expect(stderr).toMatch(sentence)
    expect(status).toBe(125)
  })

  it.each([
    ['bench', /model sim ended, for its cocotb test came to its end without a trapline\.Bridge/],
    ['ench', /model sim: no test ran; models\.sim\.test names one in models\.sim\.python/],
  ])('a bench that asks for no programs is told so: test %s', async (test, sentence) => {
    const scratch = makeScratch()
    const idle = `import cocotb\n@cocotb.test()\nasync def bench(dut):\n    pass\n`
    scratch.write('bench.py', idle)
    const config = toConfig({ python: 'bench.py', test })
    const { status, stderr } = await runHost(scratch, config, read(4), { flags: onSim })
    expect(stderr).toMatch(sentence)
    expect(status).toBe(125)
  })

  it('a module that can’t be imported is said with its place', async () => {
    const scratch = makeScratch()
    scratch.write('bench.py', 'import no_such_module\n')
    const file = scratch.write('c.json', toConfig({ python: 'bench.py' }))
    const { status, sentences } = await trapline(scratch, ['run', '--config', file, ...onSim, '--', 'true'])
    expect(status).toBe(125)
    expect(sentences.at(-1)).toMatch(/model sim.*ModuleNotFoundError: No module named 'no_such_module' \(bench\.py:1\)/)
  })

  it.each(['simulator', 'launcher', 'host'])('kill -9 of the %s', async (who) => {
    const scratch = makeScratch()
    const file = scratch.write('c.json', toConfig())
    const script = `echo $$ $PPID; ${read(4).join(' ')}; echo ready; while :; do ${read(4).join(' ')} >/dev/null; done`
    const running = startTrapline(scratch, ['run', '--config', file, ...onSim, '--', 'sh', '-c', script])
    const [, shell = ''] = await running.untilStdout(/^(\d+) [\s\S]*ready/)
    // Icarus runs vvp, Verilator's simulation is a program of its own.
    const victims = {
      simulator: /^vvp |^\S+\/build\/shared_regs( |$)/,
      launcher: /^\S*python -m trapline\.simulate/,
      host: undefined,
    }
    const pattern = victims[who as keyof typeof victims]
    const found = processesOf(running.temporary).filter(({ command }) => pattern?.test(command))
    expect(found).toHaveLength(pattern ? 1 : 0)
    process.kill(found[0]?.pid ?? Number(shell), 'SIGKILL')
    const { status, sentences } = await running.ended
    expect(status).toBe(who === 'host' ? 137 : 125)
    if (who !== 'host') expect(sentences.join('\n')).toContain('model sim was killed by SIGKILL')
  })
})
