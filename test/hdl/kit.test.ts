/**
 * The kit for other SystemVerilog simulators (`hdl/kit`). Its C half is driven by Verilator as anybody uses it, without
 * a line of ours that knows Verilator; its SystemVerilog is read by two front ends.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa, execaSync } from 'execa'
import { beforeAll, describe, expect, it, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { type Completion, fromValue } from '../../bridge/wire/access.js'
import { at, configOf } from '../support/configs.js'
import { root } from '../support/places.js'
import { hasPython, pythonTool, unlessPython } from '../support/python.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'
import { buildBench, kitFolder, type KitRun, runKit, verilatorFlags } from './kit.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore } from './run-model.js'

const list = join(kitFolder, 'files.f')
const listed = readFileSync(list, 'utf8')
  .split('\n')
  .filter((line) => line.endsWith('.sv'))
const modules = listed.map((file) => file.replace(/^.*\/|\.sv$/g, '')).filter((name) => !name.endsWith('_pkg'))

/** `OKAY 11223344`, lowest byte first. */
const toHex = ({ status, data }: Completion) => `${status} ${Buffer.from(data).toString('hex')}`

describe('its file list', () => {
  it('names every file of hdl/bfm, and those of the kit', () => {
    const files = readdirSync(join(root, 'hdl/bfm')).map((file) => `../bfm/${file}`)
    expect(listed.sort()).toEqual([...files, 'trapline_kit.sv', 'trapline_kit_pkg.sv'].sort())
  })

  it.each(modules)('%s: Verilator has nothing to say of it, every warning on', (name) => {
    const args = ['--lint-only', ...verilatorFlags, '-F', list, '--top-module', name]
    // Newer ones report on stdout how long they took.
    const { stderr, exitCode } = execaSync('verilator', args, { cwd: root, reject: false })
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  })

  it.runIf(hasPython)(`slang elaborates each of them and the test bench${unlessPython}`, () => {
    const sources = ['-F', list, join(kitFolder, 'example_tb.sv'), '-I', 'hdl/models', 'hdl/models/axil_gpio.sv']
    const script = join(import.meta.dirname, 'slang.py')
    const args = [script, '--timescale=1ns/1ps', '-Wpedantic', ...sources]
    const { stdout, stderr, exitCode } = execaSync(pythonTool('python'), args, { cwd: root, reject: false })
    expect(stdout + stderr).toBe('')
    expect(exitCode).toBe(0)
  })
})

/** Inputs that say when something counts: one of X is not high, and the budget of its handshake ends the access. */
const handshake = /^(clk|rst)$|(ready|readyout|valid|ack|gnt|rty|stall|stall_[rw][rd]|waitrequest)(_n)?$/
const bfms = modules.filter((name) => name.endsWith('_manager_bfm') || /^axi4_subordinate|^axis_receiver/.test(name))

describe('in four states', () => {
  it.each(bfms)('%s asks of every input that says something whether it is X', (name) => {
    const text = readFileSync(join(root, `hdl/bfm/${name}.sv`), 'utf8')
    const inputs = [...text.matchAll(/^\s+input\s+logic\s+(?:\[[^\]]*\]\s+)?(\w+)_n?i,?$/gm)].map(
      (match) => match[1] ?? '',
    )
    const said = inputs.filter((input) => !handshake.test(input))
    const unused = /assign unused = \^(.*?);/s.exec(text)?.[1] ?? ''
    const asked = [...text.matchAll(/\$isunknown\((\{[^}]*\}|\w+)\)/g)].join(' ')
    expect(said.filter((input) => !new RegExp(`\\b${input}_i\\b`).test(`${asked} ${unused}`))).toEqual([])
    expect(said.length).toBeGreaterThan(0)
  })

  it.runIf(hasPython)(`X and Z are the bits that are told${unlessPython}`, () => {
    const check = join(makeScratch().path, 'check.sv')
    const seen = "trapline_dpi_pkg::unknown_bits(1024'(16'b0x1z_01zx_1010_xxxx))"
    const wrong = (bits: string) => `if (${seen} != 1024'(16'b${bits})) $error("not ${bits}");`
    writeFileSync(check, `module check; ${wrong('0101_0011_0000_1111')} ${wrong('0101_0011_0000_1110')} endmodule\n`)
    const script = join(import.meta.dirname, 'slang.py')
    const args = [script, '--top', 'check', join(root, 'hdl/bfm/trapline_dpi_pkg.sv'), check]
    const { stdout, stderr } = execaSync(pythonTool('python'), args, { cwd: root, reject: false })
    expect((stdout + stderr).match(/encountered: not [01_]+/g)).toEqual(['encountered: not 0101_0011_0000_1110'])
  })
})

describe('in a simulator', () => {
  let executable: string
  let built: BuiltModel
  beforeAll(async () => {
    executable = buildBench()
    built = await buildCore('axil_gpio', {}, { loopback: { gpio_i: 'gpio_o' } })
  }, buildTimeoutMs)

  /** The same requests to both; pins read back what they drive. */
  async function drive(run: KitRun | RunningCore): Promise<void> {
    const write = (offset: bigint, value: bigint, widthBytes = 4) =>
      run.answered({ operation: 'write', offset, widthBytes, data: fromValue(value, widthBytes) })
    const read = (offset: bigint, widthBytes = 4) => run.answered({ operation: 'read', offset, widthBytes })
    await write(0x10n, 0xffffn)
    await write(0x0n, 0x1234_5678n)
    await run.advance(10)
    await read(0x4n)
    await read(0xcn, 8)
    await write(0x1n, 0xabn, 1)
    await read(0x1n, 2)
    expect(await read(0x40n)).toMatchObject({ status: 'SLVERR' })
    await run.reset(5)
    await read(0x0n)
  }

  test('its accesses take the very cycles that a model of ours takes, interrupts too', async () => {
    const flags = ['--seed', '3']
    const kit = await runKit(executable, flags)
    await drive(kit)
    expect(await kit.stop()).toMatchObject({ status: 0, fault: undefined })
    const core = await runCore(built, { seed: 3, records: true })
    await drive(core)
    await core.stop()
    expect(kit.logLines()).toEqual(core.logLines())
    expect(kit.interrupts).toEqual(core.interrupts)
    expect(kit.interrupts.length).toBeGreaterThan(1)
  })

  test('`trapline run --join` lets a program drive it', async () => {
    const scratch = makeScratch()
    const link = join(scratch.path, 'link')
    const env = { TRAPLINE_KIT_LINK: link, TRAPLINE_KIT_FLAGS: '--port s_axil --interrupt irq_o' }
    const simulation = execa(executable, { env, reject: false })
    await expect.poll(() => existsSync(link)).toBe(true)
    const model = {
      ...{ kind: 'cocotb', simulator: 'vcs', top: 'example_tb', clock: { port: 'clk' }, interrupts: ['irq_o'] },
      ...{ reset: { port: 'rst_n', active: 'low' }, ports: { s_axil: { protocol: 'axi4-lite', dataWidth: 32 } } },
    }
    const config = configOf(model as unknown as Parameters<typeof configOf>[0])
    const program = ['sh', '-c', `busybox devmem ${at(0)} 32 0x1234; busybox devmem ${at(4)} 32`]
    const { status, stdout, stderr, log } = await runHost(scratch, config, program, {
      flags: ['--join', `dut=${link}`],
    })
    expect(status, stderr).toBe(0)
    expect(stdout).toBe('0x00001234\n')
    expect(log.map(toWords)).toEqual(['write dut+0x0 4 B = 0x00001234', 'read dut+0x4 4 B = 0x00001234'])
    expect(await simulation).toMatchObject({ exitCode: 0 })
  })

  test('what it has not is refused in a sentence', async () => {
    const kit = await runKit(executable)
    expect(await kit.trace()).toContain("the waveform of this model is its simulator's: open it there")
    expect((await kit.hello).ports).toEqual(['s_axil'])
  })

  describe('of a device that is odd', () => {
    let odd: string
    beforeAll(() => {
      odd = buildBench('odd')
    }, buildTimeoutMs)

    test('bits of X end the read that asks for them, and no other', async () => {
      const kit = await runKit(odd)
      const read = (offset: bigint, widthBytes: number) => kit.answered({ operation: 'read', offset, widthBytes })
      expect(await read(0x10n, 4)).toMatchObject({
        status: 'SLVERR',
        detail:
          'SLVERR on read of 4 bytes at dut+0x10 (bus address 0x10); port s_axil: read data is X in bits 15:12 and 3',
      })
      expect(await read(0x11n, 1)).toMatchObject({
        status: 'SLVERR',
        detail: expect.stringMatching(/X in bits 15:12$/),
      })
      expect(toHex(await read(0x12n, 2))).toBe('OKAY 3344')
      expect(await read(0x18n, 8)).toMatchObject({
        detail:
          'SLVERR on read of 8 bytes at dut+0x18 (bus address 0x18): beat 1 of 2, the rest was not started; ' +
          'port s_axil: read data is X in bits 15:12 and 3',
      })
      expect(toHex(await read(0x200n, 4))).toBe('OKAY 11223344')
      expect(await kit.stop()).toMatchObject({ status: 0, fault: undefined })
    })

    test.each([
      ['a response of X', 0x100n, { kind: 'protocol', message: 'port s_axil: RRESP is xx while it is valid' }],
      ['$finish', 0x104n, { kind: 'finish' }],
      ['an answer that nobody asked for', 0x108n, { kind: 'protocol', message: expect.stringContaining('BVALID') }],
    ])('%s ends the run as a fault', async (_, offset, fault) => {
      const kit = await runKit(odd)
      kit.answered({ operation: 'read', offset, widthBytes: 4 }).catch(() => undefined)
      const ended = await kit.ended
      expect(ended).toMatchObject({ fault })
    })
  })

  test('the end of the link is the end of the simulation', async () => {
    const kit = await runKit(executable)
    expect(await kit.hangUp()).toMatchObject({ status: 0, fault: undefined })
  })

  test.each([
    ['--port a --bogus 1', "unknown argument '--bogus'"],
    ['--port a --trace x.fst', 'the kit has one clock, no backdoors, and neither waveform nor coverage of its own'],
  ])('flags that make no sense end it before time 0: %s', (flags, sentence) => {
    const env = { TRAPLINE_KIT_LINK: join(makeScratch().path, 'link'), TRAPLINE_KIT_FLAGS: flags }
    const { exitCode, stderr } = execaSync(executable, { env, reject: false })
    expect(stderr).toBe(`trapline kit: ${sentence}`)
    expect(exitCode).toBe(2)
  })

  test.each([
    ['that is not there', () => '/nowhere/link', 'No such file or directory'],
    ['that is taken', () => makeScratch().write('link', ''), 'File exists'],
    ['that is too long', () => `/tmp/${'l'.repeat(102)}`, 'File name too long'],
  ])('a place %s is named', (_, makePlace, reason) => {
    const place = makePlace()
    const env = { TRAPLINE_KIT_LINK: place, TRAPLINE_KIT_FLAGS: '--port a --interrupt b' }
    const { stderr } = execaSync(executable, { env, reject: false })
    expect(stderr).toBe(`trapline kit: cannot listen at ${place}: ${reason}; name another in TRAPLINE_KIT_LINK`)
  })
})
