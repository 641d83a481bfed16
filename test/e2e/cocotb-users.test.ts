/**
 * What a user meets beside plain accesses, on a model under cocotb: interrupts, time, processes, threads, options of
 * the command line, the bridge's service. Each row holds on a Verilator model, too.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { connect } from '../support/bridge-client.js'
import { at, base } from '../support/configs.js'
import { host, sampleRtl } from '../support/places.js'
import { hasPython, unlessPython } from '../support/python.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { onTheirSimulator, simulated } from '../support/simulators.js'
import { runHost, startTrapline, toWords, trapline } from '../support/trapline.js'

const timerModel = simulated({ top: 'axil_timer', sources: [sampleRtl('axil_timer')] })
const ramModel = simulated({ top: 'axil_ram', sources: [sampleRtl('axil_ram')], parameters: { Depth: 512 } })

const timer: TraplineConfig = {
  models: { timer: timerModel },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}
const ram = toRam()

function toRam(more: object = {}): TraplineConfig {
  const device = { kind: 'mem' as const, path: '/dev/mem', base, size: 0x1000, model: 'ram' }
  return { models: { ram: ramModel }, devices: { dut: { ...device, ...more } } }
}

const devmem = (offset: number, ...value: string[]) => ['busybox', 'devmem', at(offset), '32', ...value]
const python = (script: string) => ['python3', '-c', `import mmap, os, select, struct, time\n${script}`]
/** Registers of the timer by words: CONTROL, STATUS, COUNT, COMPARE. */
const registers = `device = os.open('/dev/uio0', os.O_RDWR)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')`

async function outputOf(config: TraplineConfig, program: string[], flags: string[] = []) {
  const ended = await runHost(makeScratch(), config, program, { flags })
  expect(ended.status, ended.stderr).toBe(0)
  return ended
}

describe.runIf(hasPython)(`${onTheirSimulator}${unlessPython}`, () => {
  it.each(['read', 'poll', 'epoll'])('an interrupt wakes %s', async (way) => {
    const { stdout } = await outputOf(timer, [host('uio_wait'), '/dev/uio0', way, '3'])
    expect(stdout).toBe(`${way}: interrupts 1 to 3\n`)
  })

  it('a level that stays high comes once, and again when it is unmasked', async () => {
    const script = `${registers}
registers[3], registers[0] = 100, 3
print(struct.unpack('I', os.read(device, 4))[0])
print(len(select.select([device], [], [], 0.00005)[0]), registers[1])
os.write(device, struct.pack('I', 1))
print(struct.unpack('I', os.read(device, 4))[0])`
    expect((await outputOf(timer, python(script))).stdout).toBe('1\n0 1\n2\n')
  })

  it('virtual time: a timeout is as long as it says, and repeats by its seed', async () => {
    const flags = ['--time', 'virtual', '--seed', '3', '--stall', '20']
    const script = `${registers}
registers[3], registers[0] = 6000, 3
for wait in 0.00005, 0.00005: print(len(select.select([device], [], [], wait)[0]))
print(time.strftime('%F', time.gmtime()))`
    const first = await outputOf({ ...timer, epoch: '2001-02-03T04:05:06Z' }, python(script), flags)
    expect(first.stdout).toBe('0\n1\n2001-02-03\n')
    const again = await outputOf({ ...timer, epoch: '2001-02-03T04:05:06Z' }, python(script), flags)
    expect(again.log.map(({ cycleStart, cycleEnd }) => [cycleStart, cycleEnd])).toEqual(
      first.log.map(({ cycleStart, cycleEnd }) => [cycleStart, cycleEnd]),
    )
  })

  it('poll acceleration, and cycles that each access takes at least', async () => {
    const script = `${registers}
registers[3], registers[0] = 6000, 1
polls = 0
while not registers[1]: polls += 1
print(polls)`
    const polls = await outputOf(timer, python(script), ['--poll-acceleration', '1000'])
    expect(Number(polls.stdout)).toBeLessThan(100)
    expect(polls.sentences.at(-1)).toMatch(/cycles added to \d+ polls/)
    const slow = await outputOf({ ...ram, minCyclesPerAccess: 500 }, [
      'sh',
      '-c',
      [devmem(0, '1'), devmem(4, '2')].map(words).join(';'),
    ])
    expect(Number(slow.log[1]?.cycleStart) - Number(slow.log[0]?.cycleStart)).toBeGreaterThanOrEqual(500)
  })

  it('a deadlock is named', async () => {
    const program = python("os.read(os.open('/dev/uio0', os.O_RDWR), 4)")
    const { status, sentences } = await runHost(makeScratch(), { ...timer, maxIdleCycles: 3000 }, program)
    expect(status).toBe(125)
    expect(sentences.join('\n')).toMatch(/deadlock: python3\S* .* waits for interrupt irq_o of timer0; model timer ran/)
  })

  it('threads lose no addition, and both sides of a fork are in the log', async () => {
    const threads = await outputOf(ram, [host('threads'), '/dev/mem', `${base}`, '8', '5'])
    expect(threads.stdout).toBe('threads: 8 threads, 5 rounds, 0 errors, counter 40\n')
    expect(threads.log).toHaveLength(2 + 8 * 5 * 10)
    const forked = await outputOf(ram, [host('forker'), '/dev/mem', `${base}`])
    expect(forked.stdout).toBe('forker: child well, parent read 0xc411d0e5\n')
    expect(new Set(forked.log.map(({ pid }) => pid)).size).toBe(2)
  })

  it.each([
    ['sigbus', 135],
    ['ones', 0],
    ['abort', 125],
  ])('onError %s', async (onError, expected) => {
    const { status, stdout, sentences } = await runHost(makeScratch(), toRam({ onError }), devmem(0x800))
    expect(status).toBe(expected)
    expect(stdout).toBe(onError === 'ones' ? '0xFFFFFFFF\n' : '')
    expect(sentences.join('\n')).toMatch(/SLVERR on read of 4 bytes at dut\+0x800/)
  })

  it('--show, --lint, --report, --perfetto, and the log as mmiotrace, which replays', async () => {
    const scratch = makeScratch()
    const at = (name: string) => join(scratch.path, name)
    const flags = ['--show', '--lint', '--report', at('report.json'), '--perfetto', at('trace.json')]
    const config = scratch.write('c.json', ram)
    const program = [
      'sh',
      '-c',
      [devmem(0, '0x1234'), devmem(0), ['dd', 'if=/dev/mem', 'bs=1', 'count=1', `skip=${base}`]].map(words).join(';'),
    ]
    const run = ['run', '--config', config, '--seed', '1']
    const { status, stderr } = await trapline(scratch, [
      ...run,
      ...flags,
      '--log',
      at('log.mmiotrace'),
      '--',
      ...program,
    ])
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(/write +dut\+0x0+ .*0x00001234/)
    expect(JSON.parse(readFileSync(at('report.json'), 'utf8'))).toMatchObject({ accesses: 3 })
    expect(readFileSync(at('trace.json'), 'utf8')).toContain('dut')
    expect(readFileSync(at('log.mmiotrace'), 'utf8')).toMatch(/^W 4 /m)
    const replayed = await trapline(scratch, ['replay', '--config', config, at('log.mmiotrace')])
    expect(replayed.status, replayed.stdout + replayed.stderr).toBe(0)
  })

  it('the service reads, writes, advances and resets; what it can’t have is refused with its reason', async () => {
    const scratch = makeScratch()
    const bridge = startTrapline(scratch, ['serve', '--config', scratch.write('c.json', timer)])
    const [address] = await bridge.untilStdout(/^unix:.+$/m)
    const control = connect(address, 'ControlService')
    await control.call('write', { device: 'timer0', offset: 12, value: 0x55 })
    expect(await control.call('read', { device: 'timer0', offset: 12 })).toMatchObject({ value: '85' })
    const { cycle } = await control.call('advance', { model: 'timer', cycles: 1000 })
    expect(Number(cycle)).toBeGreaterThan(1000)
    await control.call('reset', { model: 'timer', cycles: 4 })
    expect(await control.call('read', { device: 'timer0', offset: 12 })).toMatchObject({ value: '4294967295' })
    await expect(control.call('trace', { model: 'timer', on: true })).rejects.toThrow(/from start to end/)
    control.close()
    bridge.kill('SIGTERM')
    expect((await bridge.ended).status).toBe(0)
  })

  it('a golden model in lockstep, and another in its place', async () => {
    const scratch = makeScratch()
    writeGolden(scratch)
    const config: TraplineConfig = { ...toRam({ onError: 'ones' }), goldens: { twin: { file: './ram-golden.mjs' } } }
    const program = ['sh', '-c', [devmem(0, '0x1234'), devmem(0), devmem(0x800)].map(words).join(';')]
    const locked = await runHost(scratch, config, program, { flags: ['--lockstep', 'twin'] })
    expect(locked.status, locked.stderr).toBe(0)
    const golden = await runHost(scratch, config, program, { flags: ['--model', 'ram=twin'] })
    expect(golden.log.map(toWords)).toEqual(locked.log.map(toWords))
  })
})

function words(program: string[]): string {
  return program.join(' ')
}

function writeGolden(scratch: Scratch): void {
  const text = `const beyond = () => Object.assign(new Error('beyond'), { name: 'BusError', status: 'SLVERR' })
export default class {
  words = new Map()
  read(address) {
    if (address >= 0x800n) throw beyond()
    return this.words.get(address) ?? 0n
  }
  write(address, value) { this.words.set(address, value) }
}
`
  scratch.write('ram-golden.mjs', text)
}
