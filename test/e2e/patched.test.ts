/**
 * Instructions that are replaced once they have trapped often (`--patch`): a program sees what it saw before, but for
 * its own code, and so does whoever reads the log.
 */
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { base, configOf, sampleModel } from '../support/configs.js'
import { behaviours, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, type LoggedAccess, type Options } from '../support/trapline.js'

const regs = configOf('axil_regs')
const [count, traps] = [200, 3]
const [threads, generations, signals] = [8, 3, 10]

const variables = { TRAPLINE_LANE: 'shm', TRAPLINE_PATCH: '1', TRAPLINE_PATCH_AFTER: String(traps) }
const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]))
Object.assign(process.env, variables)
afterAll(() => {
  for (const [name, value] of Object.entries(before))
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
})

function patched(mode: string, config = regs, options?: Options) {
  return runHost(makeScratch(), config, [host('patched'), mode, '/dev/mem', String(base), String(count)], options)
}

/** What does not depend on where things lie in memory, or on how fast anything is. */
function toSeen({ seq, op, device, offset, widthBytes, data, status, cycleStart, cycleEnd, symbol }: LoggedAccess) {
  return { seq, op, device, offset, widthBytes, data, status, cycleStart, cycleEnd, symbol }
}

it('values, and the log of all accesses, are the same with it and without', async () => {
  const seeded = { ...regs, seed: 7 }
  const { status, stdout, stderr, log } = await patched('values', seeded)
  const lines = stdout.trimEnd().split('\n')
  expect(status, stderr).toBe(0)
  expect(lines).toHaveLength(8)
  for (const line of lines) expect(line).toMatch(/^\w+: device (\w+ \w+), memory \1, code (changed|kept)$/)
  // What has five bytes finds a place anywhere; what is shorter only where it is free.
  expect(lines.filter((line) => line.endsWith('changed')).map((line) => line.split(':')[0])).toEqual(
    expect.arrayContaining(['load_indexed', 'load_far', 'store_immediate', 'add_in_place', 'or_from']),
  )
  const plain = await patched('values', seeded, { env: { TRAPLINE_PATCH_AFTER: '1000000' } })
  expect(plain.stdout).toBe(stdout.replaceAll('changed', 'kept'))
  expect(log.map(toSeen)).toEqual(plain.log.map(toSeen))
})

it('threads patch one instruction at once', async () => {
  const { status, stdout, stderr, log } = await patched('threads')
  expect(stdout, stderr).toBe('threads: 0 wrong, code changed\n')
  expect(status).toBe(0)
  const reads = log.filter(({ op }) => op === 'read')
  const counts = [...new Set(reads.map(({ tid }) => tid))].map((tid) => reads.filter((r) => r.tid === tid).length)
  expect(counts).toEqual(Array(threads).fill(count))
})

it('signals come between accesses, and their handlers see all of the stack', async () => {
  const { status, stdout, stderr } = await patched('signals')
  expect(stdout, stderr).toBe('signals: 0 wrong, code changed\n')
  const [, ticks, short] = /^signals: (\d+) ticks, (\d+) walks of less than \d+ frames$/m.exec(stderr) ?? []
  expect(Number(ticks), stderr).toBeGreaterThanOrEqual(100)
  expect(Number(short), stderr).toBe(0)
  expect(status).toBe(0)
})

it('wherever in an access a signal comes, its handler sees all of the stack', async () => {
  const { status, stdout, stderr } = await patched('steps')
  expect(stdout, stderr).toBe('steps: 1020304 5060708, 0 lost, code changed\n')
  const [, steps] = /^steps: (\d+) of them$/m.exec(stderr) ?? []
  expect(Number(steps), stderr).toBeGreaterThan(100)
  expect(status).toBe(0)
})

it.each(['late', 'numbered', 'hidden'])('a first handler may come when all is patched: %s', async (mode) => {
  const { status, stdout, stderr } = await patched(mode)
  expect(stdout, stderr).toBe('late: 0 wrong, code changed, then 0 wrong\n')
  expect(status).toBe(0)
})

it('a handler that nobody could know of, and that comes in the midst of an access, ends the program', async () => {
  const { status, stdout, stderr } = await patched('hidden', regs, { env: { TRAPLINE_NET: '0' } })
  expect(stdout, stderr).toBe('late: 0 wrong, code changed, ')
  expect(stderr).toContain("a signal handler came in the midst of an access and makes one, too, which can't be")
  expect(status).not.toBe(0)
})

it('a first handler may come while threads read', async () => {
  const { status, stdout, stderr } = await patched('installs')
  expect(stdout, stderr).toBe(`installs: ${threads * signals} handled, 0 wrong, code changed\n`)
  expect(status).toBe(0)
})

it('a thread that is cancelled in the midst of an access leaves the bus to others', async () => {
  const { status, stdout, stderr } = await patched('cancel')
  expect(stdout, stderr).toBe('cancel: 20 cancelled, 0 wrong, code changed\n')
  expect(status).toBe(0)
})

it('a bus error is raised at the instruction, once for one access', async () => {
  const { status, stdout, stderr, log } = await patched('errors')
  const line = 'errors: at offset 0x40, pc its own, then 1020304, code changed\n'
  expect(stdout, stderr).toBe(line.repeat(2))
  expect(status).toBe(0)
  expect(log.filter((access) => access.status === 'SLVERR').map(({ offset }) => offset)).toEqual([0x40, 0x40])
})

it('threads patch a vector load, and one that asks for alignment says so still', async () => {
  const { status, stdout, stderr } = await patched('vectors')
  const lines = [
    'vectors: 0 wrong, code changed',
    'misaligned: code 128, address 0, pc its own, then 1020304, code changed',
    '',
  ]
  expect(stdout, stderr).toBe(lines.join('\n'))
  expect(status).toBe(0)
})

it('forks go on with what was patched', async () => {
  const { status, stdout, stderr, log } = await patched('fork')
  expect(stdout, stderr).toBe('fork: child 0, 0 wrong, code changed\n'.repeat(generations))
  expect(status).toBe(0)
  expect(new Set(log.map(({ pid }) => pid)).size).toBe(1 + generations)
  expect(log).toHaveLength(1 + count * (1 + 2 * generations))
})

it('a program that changes its code finds its own, and it stays', async () => {
  const { status, stdout, stderr } = await patched('writable')
  const lines = ['writable: code changed, then kept, at offset 4 54524150', 'writable: code 8b 87 04', '']
  expect(stdout, stderr).toBe(lines.join('\n'))
  expect(status).toBe(0)
})

const ram = configOf(sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }), { size: 0x2000 })

describe('what programs do around a device', () => {
  it.each(['handlers', 'masks', 'threads', 'processes', 'descriptors', 'taken', 'maps', 'remaps', 'buffers', 'idioms'])(
    '%s',
    async (family) => {
      const { status, stdout, stderr } = await runHost(makeScratch(), ram, [
        join(behaviours, family),
        '/dev/mem',
        `${base}`,
      ])
      const rows = stdout.split('\n').filter((line) => line !== '')
      expect(rows.length).toBeGreaterThan(5)
      expect(rows.filter((row) => !row.endsWith(': ok'))).toEqual([])
      expect(status, stderr).toBe(0)
    },
  )
})

describe('threads that lock, and copy', async () => {
  await import('./threads.test.js')
})
