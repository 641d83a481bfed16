/**
 * Eight threads on one device: the log is one total order without gaps, in which each thread's accesses stand in its
 * program's order. `BEHAVIOUR_ROUNDS=12500` makes it 100,000 accesses a thread.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { behaviours } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, type LoggedAccess } from '../support/trapline.js'

const ram = configOf('axil_ram')
const threads = 8
const rounds = process.env.BEHAVIOUR_ROUNDS ?? '250'
const env = { BEHAVIOUR_ROUNDS: rounds }
const longestMs = 200_000 + Number(rounds) * 100

/** What `mix` in behaviours/threads.c does in each round, at the thread's own words unless it says the counter. */
const round = [
  'write 0 8',
  'write 12 2',
  'write 15 1',
  'read counter',
  'write counter',
  'read 0 8',
  'read 12 2',
  'read 15 1',
]
const [privateStart, privateBytes, privateEnd] = [64, 64, 64 + 64 * threads]

function runRow(name: string) {
  return runHost(makeScratch(), ram, [join(behaviours, 'threads'), '/dev/mem', `${base}`, name], { env, longestMs })
}

function toStep({ op, offset, widthBytes }: LoggedAccess): string {
  return offset === 0 ? `${op} counter` : `${op} ${offset % privateBytes} ${widthBytes}`
}

function checkOrder(log: LoggedAccess[]): void {
  expect(log.every(({ seq }, i) => i === 0 || seq === (log[i - 1]?.seq ?? 0) + 1)).toBe(true)
  const isOwn = ({ offset }: LoggedAccess) => offset >= privateStart && offset < privateEnd
  const tids = [...new Set(log.filter(isOwn).map(({ tid }) => tid))]
  expect(tids).toHaveLength(threads)
  for (const tid of tids) {
    const steps = log.filter((access) => access.tid === tid).map(toStep)
    expect(steps.length).toBe(round.length * Number(rounds))
    expect(steps.findIndex((step, i) => step !== round[i % round.length])).toBe(-1)
  }
}

it(
  'on shared and private registers',
  async () => {
    const { status, stderr, log } = await runRow('8 threads on shared and private registers')
    expect(status, stderr).toBe(0)
    checkOrder(log)
  },
  longestMs,
)

it(
  'while another thread forks 100 times',
  async () => {
    const { status, stderr, log } = await runRow('8 threads, while another one forks 100 times')
    expect(status, stderr).toBe(0)
    checkOrder(log)
    expect(new Set(log.map(({ pid }) => pid)).size).toBe(1 + 100)
  },
  longestMs,
)
