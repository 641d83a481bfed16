import { existsSync, statSync } from 'node:fs'
import { pino } from 'pino'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { startBridge, type Bridge, type BridgeSettings } from '../../../bridge/assembly/bridge.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { connect, openHost } from '../../support/bridge-client.js'
import { fakeBuild } from '../../support/fake-build.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const config = parseConfig('f.json', {
  models: { gpio: { top: 'gpio', sources: ['gpio.sv'] } },
  devices: {
    gpio0: { kind: 'mem', base: '0x43c00000', size: '0x1000', model: 'gpio' },
    gpio1: { kind: 'mem', base: '0x43c10000', size: '0x1000', model: 'gpio', address: '0x1000', onError: 'ones' },
  },
})

const scratch = openScratch()
afterAll(() => removeScratch(scratch))

let open: { close(): void }[] = []
let bridge: Bridge
let lines: string[]

async function start(settings: Partial<BridgeSettings> & { behaviour?: string } = {}): Promise<Bridge> {
  lines = []
  const log = pino({}, { write: (record: string) => void lines.push((JSON.parse(record) as { msg: string }).msg) })
  const build = fakeBuild(scratch, settings.behaviour)
  bridge = await startBridge({ config, configDirectory: '/', log, build, ...settings })
  return bridge
}

async function host(token?: string) {
  const opened = await openHost(bridge.address, token)
  open.push(opened)
  return opened
}

function control() {
  const opened = connect(bridge.address, 'ControlService')
  open.push(opened)
  return opened
}

afterEach(async () => {
  open.forEach((peer) => peer.close())
  open = []
  await bridge[Symbol.asyncDispose]()
  expect(existsSync(bridge.directory.path)).toBe(false)
})

it('lists its devices at Attach, in a private folder', async () => {
  await start()
  const { attached } = await host()
  expect(attached.devices).toEqual([
    expect.objectContaining({ handle: 1, name: 'gpio0', kind: 'DEVICE_KIND_MEM', base: '1136656384', size: '4096' }),
    expect.objectContaining({ handle: 2, name: 'gpio1', onError: 'ERROR_POLICY_ONES' }),
  ])
  expect(statSync(bridge.directory.path).mode & 0o777).toBe(0o700)
})

describe('an access', () => {
  const write = { operation: 'OPERATION_WRITE', widthBytes: 4, data: Buffer.from([0x2a, 0, 0, 0x80]) }

  it('reaches the device that it names', async () => {
    await start()
    const { access } = await host()
    await access({ ...write, device: 2, offset: 8 })
    expect((await access({ device: 1, offset: 0x1008 })).status).toBe('STATUS_DECERR')
    expect((await access({ device: 1, offset: 8 })).data).toEqual(Buffer.alloc(4))
    expect((await access({ device: 2, offset: 8 })).data).toEqual(write.data)
  })

  it('carries 64-bit offsets and data exactly', async () => {
    await start()
    const { access } = await host()
    const data = Buffer.from('ffffffffffffffff0100000000002000', 'hex')
    await access({ ...write, widthBytes: 16, data })
    expect((await access({ widthBytes: 16 })).data).toEqual(data)
    await access({ offset: '18446744073709551615', pc: '9007199254740993' })
    await bridge.monitor.settle()
    expect(lines.at(-1)).toMatch(/at gpio0\+0xffffffffffffffff .* pc 0x20000000000001:/)
  })

  it('is answered in order, many at once, across several hosts', async () => {
    await start()
    const hosts = [await host(), await host(), await host()]
    const answers = await Promise.all(
      hosts.flatMap(({ access }) => Array.from({ length: 200 }, (_, i) => access({ offset: (i % 32) * 4 }))),
    )
    const seqs = answers.map((answer) => Number(answer.seq))
    expect(seqs).toEqual(hosts.flatMap(() => Array.from({ length: 200 }, (_, i) => i + 1)))
    expect(bridge.monitor).toMatchObject({ reads: 600, writes: 0, errors: 0 })
  })

  it('that the bus refuses is reported with host, place and consequence', async () => {
    await start()
    const { access } = await host()
    const site = { module: '/bin/poke', moduleOffset: 0x123, instruction: 'mov [rax], ebx' }
    await access({ ...write, offset: 0xe0, pc: 0x5555, site })
    await access({ device: 2, offset: 0xe0, pc: 0x5555 })
    await bridge.monitor.settle()
    expect(lines.filter((line) => line.startsWith('SLVERR')).sort()).toEqual([
      'SLVERR on read of 4 bytes at gpio1+0xe0 (/dev/mem 0x43c100e0) by poke+0x123, pc 0x5555: the host reads all ones',
      'SLVERR on write of 4 bytes at gpio0+0xe0 (/dev/mem 0x43c000e0) by poke+0x123, pc 0x5555: the host gets SIGBUS',
    ])
  })

  it.each([
    [{ widthBytes: 4097 }, 'access 1: width_bytes 4097 is not 1 to 4096'],
    [{ device: 9 }, 'access 1: there is no device 9'],
    [{ operation: 'OPERATION_UNSPECIFIED' }, 'access 1: operation 0 is neither a read nor a write'],
  ])('that breaks the contract ends the stream: %j', async (access, details) => {
    await start()
    await expect((await host()).access(access)).rejects.toMatchObject({ code: 3, details })
  })
})

it('shows each access', async () => {
  await start({ shows: true })
  const { access } = await host()
  await access({ pc: 1, site: { instruction: 'mov eax, [rbx]' } })
  await access({ operation: 'OPERATION_WRITE', offset: 4, data: Buffer.from([1, 2, 3, 4]), pc: 2 })
  expect(lines.filter((line) => line.includes('→'))).toEqual([
    'test  mov eax, [rbx]             → read  gpio0+0x0 4 B  AR@21 R@23 (2 cycles) = 0x00000000',
    'test  0x2                        → write gpio0+0x4 4 B  AW@24 B@26 (2 cycles) = 0x04030201',
  ])
})

it('tells the model of a host that went away', async () => {
  await start()
  const first = await host()
  await first.access({})
  expect(bridge.sessions.open).toBe(1)
  first.close()
  const second = await host()
  await second.access({})
  await expect.poll(() => bridge.sessions.open).toBe(1)
})

describe('Attach is refused', () => {
  it('on another protocol version, naming both', async () => {
    await start()
    const rpc = connect(bridge.address, 'AgentService')
    open.push(rpc)
    const request = { protocolVersion: 2, agentVersion: '9.9' }
    await expect(rpc.call('attach', request)).rejects.toMatchObject({
      code: 9,
      details: expect.stringMatching(/version 2.*version 1/),
    })
  })

  it('on a wrong token', async () => {
    await start({ listen: '127.0.0.1:0', token: 'secret' })
    await expect(host('wrong')).rejects.toMatchObject({ code: 16 })
    expect((await host('secret')).attached.session).toBeDefined()
  })
})

describe('a model that', () => {
  it.each([
    ['crash', /^model gpio was killed by SIGKILL$/],
    ['fault', /^model gpio ended by \$fatal at fifo.sv:42, cycle 23, 230 ns: FIFO overflow$/],
    ['garbage', /^model gpio sent a message that can't be read/],
  ])('does %s answers its pending access DISCONNECTED and names the cause', async (behaviour, cause) => {
    const causes: string[] = []
    await start({ behaviour, onModelFailure: (sentence) => causes.push(sentence) })
    const { access } = await host()
    expect(await access({})).toMatchObject({ status: 'STATUS_DISCONNECTED', data: Buffer.alloc(0) })
    expect(await access({})).toMatchObject({ status: 'STATUS_DISCONNECTED' })
    await expect.poll(() => causes).toEqual([expect.stringMatching(cause)])
    expect(bridge.monitor.busFailed).toBe(true)
  })

  it.each([
    ['stillborn', /model gpio ended by itself with exit status 3/],
    ['old', /model gpio speaks version 9 of the model protocol, but this bridge speaks version 1/],
  ])('is %s can not be started', async (behaviour, message) => {
    await start({ behaviour })
    await expect(bridge.models.start('gpio')).rejects.toThrow(message)
  })

  it('hangs in an access is stopped all the same', async () => {
    await start({ behaviour: 'silent' })
    const { access } = await host()
    const pending = access({})
    await expect.poll(() => bridge.models.running.length).toBe(1)
    await bridge.models.stop(100)
    expect((await pending).status).toBe('STATUS_DISCONNECTED')
  })
})

describe('ControlService', () => {
  it('reads and writes while no host runs, 64 bits exactly', async () => {
    await start()
    const { call } = control()
    for (const value of ['18446744073709551615', '9007199254740993']) {
      await call('write', { device: 'gpio1', offset: 16, widthBytes: 8, value })
      expect(await call('read', { device: 'gpio1', offset: 16, widthBytes: 8 })).toMatchObject({ value })
    }
  })

  it('advances, resets, counts and lists', async () => {
    await start({ seed: 77 })
    const { call } = control()
    const before = await call('list')
    expect(before.models).toEqual([
      { name: 'gpio', running: false, cycle: '0', timePs: '0', seed: '77', interrupts: [] },
    ])
    const { cycle } = await call('start')
    expect((await call('advance', { cycles: '1000' })).cycle).toBe(String(Number(cycle) + 1000))
    expect((await call('reset')).cycle).toBe(String(Number(cycle) + 1016))
    await call('read', { device: 'gpio0' })
    expect((await call('getStatistics')).models).toEqual([expect.objectContaining({ model: 'gpio', reads: '1' })])
  })

  it.each([
    ['read', { device: 'uart' }, 5, 'there is no device uart; there are gpio0, gpio1'],
    ['read', {}, 5, 'name the device: there are gpio0, gpio1'],
    ['start', { model: 'uart' }, 5, 'there is no model uart; there are gpio'],
    ['read', { device: 'gpio0', widthBytes: 3 }, 3, 'width_bytes is 3; it must be 1, 2, 4 or 8'],
    ['write', { device: 'gpio0', widthBytes: 1, value: 256 }, 3, 'value 256 does not fit in 1 bytes'],
    ['advance', { cycles: 0 }, 3, 'cycles is 0; advance by 1 at least'],
    ['advance', { cycles: '18446744073709551615' }, 3, 'model gpio: cycles is 18446744073709551615, too many'],
    ['advance', { cycles: 1, untilInterrupt: 'bell' }, 5, 'there is no interrupt bell; there are none'],
    ['reset', { cycles: 4_294_967_295 }, 3, 'model gpio: cycles is 4294967295, too many'],
    ['trace', { on: true }, 9, 'model gpio: this model was built without tracing'],
  ])('refuses %s %j', async (method, request, code, details) => {
    await start()
    await expect(control().call(method, request)).rejects.toMatchObject({ code, details })
  })

  it('names the cause when the model ends, and starts it anew at the next call', async () => {
    await start({ behaviour: 'fault' })
    const { call } = control()
    const refused = { code: 14, details: expect.stringContaining('FIFO overflow') }
    await expect(call('read', { device: 'gpio0' })).rejects.toMatchObject(refused)
    expect(await call('start')).toMatchObject({ running: true })
  })

  it('stops the bridge on request', async () => {
    let stopped: () => void = () => undefined
    const stop = new Promise<void>((resolve) => (stopped = resolve))
    await start({ onStop: stopped })
    await control().call('stop')
    await stop
  })
})

it('listens on loopback only', async () => {
  await start({ listen: '127.0.0.1:0' })
  expect(bridge.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/)
  const elsewhere = startBridge({ config, configDirectory: '/', listen: '0.0.0.0:0', build: fakeBuild(scratch) })
  await expect(elsewhere).rejects.toThrow("can't listen on 0.0.0.0:0: only loopback is allowed")
})
