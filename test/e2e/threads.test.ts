/** Threads and processes of one host share the device: every one has its own data, and the log has every access. */
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { roundsOf } from '../support/simulators.js'
import { runHost, toWords, type LoggedAccess } from '../support/trapline.js'

const ram = configOf('axil_ram')
const [threads, rounds] = [8, roundsOf(200, 20)]
/** Four stores, four loads, and a locked addition that reads and writes. */
const accessesPerRound = 10

it(`${threads} threads`, async () => {
  const program = [host('threads'), '/dev/mem', `${base}`, `${threads}`, `${rounds}`]
  const { status, stdout, stderr, log } = await runHost(makeScratch(), ram, program)
  expect(stdout, stderr).toBe(`threads: ${threads} threads, ${rounds} rounds, 0 errors, counter ${threads * rounds}\n`)
  expect(status).toBe(0)
  const [first, last] = [log[0], log.at(-1)]
  expect([first, last].map((access) => access && toWords(access))).toEqual([
    'write dut+0x0 4 B = 0x00000000',
    `read dut+0x0 4 B = 0x${(threads * rounds).toString(16).padStart(8, '0')}`,
  ])
  const inner = log.slice(1, -1)
  const tids = [...new Set(inner.map(({ tid }) => tid))]
  const counts = tids.map((tid) => inner.filter((access) => access.tid === tid).length)
  expect(counts).toEqual(Array(threads).fill(rounds * accessesPerRound))
})

it('a locked addition is never torn apart by another thread', async () => {
  const { log } = await runHost(makeScratch(), ram, [host('threads'), '/dev/mem', `${base}`, '4', '50'])
  const inner = log.slice(1, -1)
  const reads = inner.flatMap((access, i) => (isCounter(access) && access.op === 'read' ? [i] : []))
  expect(reads.length).toBe(200)
  for (const i of reads) {
    expect(inner[i + 1]).toMatchObject({ op: 'write', offset: 0, tid: inner[i]?.tid })
    expect(Number(inner[i + 1]?.data)).toBe(Number(inner[i]?.data) + 1)
  }
})

function isCounter({ offset, widthBytes }: LoggedAccess): boolean {
  return offset === 0 && widthBytes === 4
}

it('children that are forked while another thread meets new instructions', async () => {
  const { status, stdout, stderr } = await runHost(makeScratch(), ram, [
    ...[host('first_times'), '/dev/mem', `${base}`, '300'],
  ])
  expect([status, stdout], stderr).toEqual([0, '300 of 300 children well\n'])
})

it('both sides of a fork', async () => {
  const { status, stdout, log } = await runHost(makeScratch(), ram, [host('forker'), '/dev/mem', `${base}`])
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'forker: child well, parent read 0xc411d0e5\n' })
  expect(log.map(toWords)).toEqual([
    'write dut+0x0 4 B = 0x600dcafe',
    'write dut+0x8 4 B = 0x00000000',
    'read dut+0x0 4 B = 0x600dcafe',
    'write dut+0x8 4 B = 0xc411d0e5',
    'read dut+0x8 4 B = 0xc411d0e5',
  ])
  const [parent, , child] = log
  expect(log.map(({ pid }) => pid)).toEqual([parent?.pid, parent?.pid, child?.pid, child?.pid, parent?.pid])
  expect(child?.pid).not.toBe(parent?.pid)
})
