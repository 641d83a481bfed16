/**
 * Debian's own programs, untouched: `busybox devmem`, also the static one, `memtool` and `memtester` read and write
 * what exists only as RTL; `redis-server`, whose memory is jemalloc's, serves as ever.
 */
import { chmodSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { at, configOf, sampleModel } from '../support/configs.js'
import { isThere } from '../support/drivers.js'
import { asNobody, cacheOfNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { joined } from '../support/patterns.js'
import { sampleFolder, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline, toWords, type Options } from '../support/trapline.js'
import { unlessUnpacked, unpacked } from '../support/unpacked.js'

const regs = configOf(sampleModel('axil_regs', { Id: "32'hcafe0001" }))

/** One shell script; each of its commands is a program of its own. */
async function sh(...commands: string[]) {
  const ended = await runHost(makeScratch(), regs, ['sh', '-ec', commands.join('\n')])
  expect(ended.status, ended.stderr).toBe(0)
  return { lines: ended.stdout.trimEnd().split('\n'), accesses: ended.log.map(toWords), ...ended }
}

const widths = [
  { bits: 8, offset: 0x01, value: '0x5A' },
  { bits: 16, offset: 0x02, value: '0xBEEF' },
  { bits: 32, offset: 0x00, value: '0x12345678' },
  { bits: 64, offset: 0x10, value: '0x1122334455667788' },
]

async function expectDevmem(busybox: string, { bits, offset, value }: (typeof widths)[number]): Promise<void> {
  const { lines, accesses, stderr } = await sh(
    `${busybox} devmem ${at(offset)} ${bits} ${value}`,
    `${busybox} devmem ${at(offset)} ${bits}`,
  )
  const words = `dut+0x${offset.toString(16)} ${bits / 8} B = ${value.toLowerCase()}`
  expect(lines).toEqual([value])
  expect(accesses).toEqual([`write ${words}`, `read ${words}`])
  expect(stderr).not.toMatch(/without Trapline|qemu/)
}

it.each(widths)('devmem writes and reads back $bits bits', (width) => expectDevmem('busybox', width))

/** It conflicts with the other one. */
const staticBusybox = unpacked('busybox-static', 'bin/busybox')

describe.skipIf(staticBusybox === undefined)(`busybox-static${unlessUnpacked('busybox-static', staticBusybox)}`, () => {
  const busybox = staticBusybox ?? ''

  it.each(widths)('devmem writes and reads back $bits bits', (width) => expectDevmem(busybox, width))

  it('as the program of the run, whose shell is one of its own', async () => {
    const script = `devmem ${at(0)} 32 0x2a; devmem ${at(0)} 32; devmem ${at(4)} 32`
    const { status, stdout, stderr } = await runHost(makeScratch(), regs, [busybox, 'sh', '-ec', script])
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '0x0000002A\n0xCAFE0001\n' })
  })
})

it('devmem reads a parameter of the RTL', async () => {
  expect((await sh(`busybox devmem ${at(4)} 32`)).lines).toEqual(['0xCAFE0001'])
})

it('a byte write moves one strobe', async () => {
  const { lines } = await sh(
    `busybox devmem ${at(0)} 32 0x11223344`,
    `busybox devmem ${at(2)} 8 0xff`,
    `busybox devmem ${at(0)} 32`,
  )
  expect(lines).toEqual(['0x11FF3344'])
})

it('memtool md and mw give what the RTL holds', async () => {
  const { lines, accesses } = await sh(
    `memtool mw -l ${at(0x10)} 0xdeadbeef 0x600df00d`,
    `memtool md -l ${at(0x10)}+8`,
    `memtool md -w ${at(0x12)}+2`,
    `memtool md -b ${at(0x17)}+1`,
  )
  expect(lines[0]).toMatch(/^43c00010: deadbeef 600df00d/)
  expect(lines[1]).toMatch(/^43c00012: dead/)
  expect(lines[2]).toMatch(/^43c00017: 60/)
  expect(accesses).toEqual([
    'write dut+0x10 4 B = 0xdeadbeef',
    'write dut+0x14 4 B = 0x600df00d',
    'read dut+0x10 4 B = 0xdeadbeef',
    'read dut+0x14 4 B = 0x600df00d',
    'read dut+0x12 2 B = 0xdead',
    'read dut+0x17 1 B = 0x60',
  ])
})

/** One of its tests besides that of the address lines: byte by byte. All of them take minutes. */
const memtester = `env MEMTESTER_TEST_MASK=${0x8000} /usr/sbin/memtester -p ${at(0)} -d /dev/mem 4K 1`.split(' ')

it('memtester finds nothing wrong with a RAM', async () => {
  const ram = configOf('axil_ram')
  const { status, stdout, stderr } = await runHost(makeScratch(), ram, memtester)
  expect(status, stdout + stderr).toBe(0)
  expect(stderr).toMatch(/[1-9]\d{4} accesses/)
})

it('memtester finds an address line that is stuck', async () => {
  const scratch = makeScratch()
  const good = "write_index = IndexBits'(write_word)"
  const text = readFileSync(sampleRtl('axil_ram'), 'utf8').replace(good, `${good} & ~IndexBits'(2)`)
  const ram = configOf({ top: 'axil_ram', sources: [scratch.write('ram.sv', text)], includeDirs: [sampleFolder] })
  const { status, stderr } = await runHost(scratch, ram, memtester)
  expect(status).not.toBe(0)
  expect(stderr).toContain('FAILURE: possible bad address line at physical address')
})

it('the run ends with a summary of accesses, cycles, simulated and wall time', async () => {
  const { sentences } = await sh(`busybox devmem ${at(0)} 32 1`, `busybox devmem ${at(0)} 32`)
  expect(sentences.at(-1)).toMatch(
    joined(
      /^2 accesses \(1 read, 1 write\), [1-9]\d* cycles, [1-9][\d.]* ns simulated, [\d.]+ s wall, p50 [\d.]+ us, /,
      /p99 [\d.]+ us per access, seed \d+$/,
    ),
  )
})

/** What Debian's `redis-server` is a link to; its package also starts one with the machine. */
const redis = '/usr/bin/redis-check-rdb'
const hasRedis = isThere(redis)

describe.skipIf(!hasRedis)(`redis-server${hasRedis ? '' : ' (needs redis-tools)'}`, () => {
  const other: Options = { wrapper: asNobody, owner: nobody, env: { TRAPLINE_CACHE: cacheOfNobody() } }

  it('serves, and saves by a child, as whoever runs this', () => expectRedis({}))
  it.skipIf(!canBecomeNobody)(`serves, and saves by a child, as another user (${needsNobody})`, () =>
    expectRedis(other),
  )
})

async function expectRedis(options: Options): Promise<void> {
  const scratch = makeScratch()
  chmodSync(scratch.path, 0o777)
  const [server, socket] = [join(scratch.path, 'redis-server'), join(scratch.path, 'socket')]
  symlinkSync(redis, server)
  const settings = `--port 0 --unixsocket ${socket} --unixsocketperm 777 --dir ${scratch.path}`.split(' ')
  const config = scratch.write('trapline.config.json', regs)
  const running = startTrapline(scratch, ['run', '--config', config, '--', server, ...settings], options)
  await running.untilStdout(/ready to accept connections/)
  const ask = async (...words: string[]) => (await execa('redis-cli', ['-s', socket, ...words])).stdout
  expect(await ask('ping')).toBe('PONG')
  expect(await ask('info', 'memory')).toMatch(/^mem_allocator:jemalloc/m)
  expect(await ask('set', 'register', '0x2a')).toBe('OK')
  expect(await ask('get', 'register')).toBe('0x2a')
  expect(await ask('bgsave')).toBe('Background saving started')
  await expect.poll(() => ask('info', 'persistence')).toMatch(/^rdb_bgsave_in_progress:0\r?$[^]*^rdb_saves:1\r?$/m)
  await ask('shutdown')
  const { status, stdout, stderr } = await running.ended
  expect(status, stderr).toBe(0)
  expect(stdout).toContain('ready to exit')
}
