/** The ring by which agents tell of accesses to real devices, between the agent's code and the bridge's. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { HardwareRing } from '../../bridge/model/hardware-ring.js'
import { readRingLayout } from '../../bridge/wire/ring-layout.js'
import { root } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const scratch = openScratch()
const writer = join(scratch.path, 'writer')
const { RECORDS } = readRingLayout()
const more = 4_321

beforeAll(() => {
  execFileSync('make', ['--silent', '-C', join(root, 'trap'), 'core'])
  const parts = [join(root, 'test/trap/ring/writer.c'), join(root, 'build/trap/libcore.a')]
  const libraries = ['-lZydis', '-l:libprotobuf-nanopb.a']
  const includes = [`-I${join(root, 'trap')}`, `-I${join(root, 'proto')}`]
  execFileSync('gcc', ['-std=c17', '-O2', '-D_GNU_SOURCE', ...includes, '-o', writer, ...parts, ...libraries])
})
afterAll(() => removeScratch(scratch))

function start(name: string) {
  const folder = join(scratch.path, name)
  mkdirSync(folder)
  const ring = new HardwareRing(folder)
  const file = join(folder, ring.name)
  return { ring, file, writing: execa(writer, [file, `${RECORDS + more}`]) }
}

/** It sleeps between two looks at the ring, which no other part of it does. */
async function untilItWaits(pid: number | undefined): Promise<void> {
  while (!readFileSync(`/proc/${pid}/syscall`, 'utf8').startsWith('35 ')) await new Promise(setImmediate)
}

it('a program waits where all is unread, and nothing is lost or written over', async () => {
  const { ring, writing } = start('full')
  await untilItWaits(writing.pid)
  // It has the ring meanwhile, and has begun nothing: what it would begin has no place.
  expect(ring.holder).toEqual({ session: 7, begun: undefined })
  const offsets: bigint[] = []
  while (offsets.length < RECORDS + more) {
    offsets.push(...ring.take().map(({ offset }) => offset))
    await new Promise(setImmediate)
  }
  expect(offsets.every((offset, i) => offset === BigInt(i))).toBe(true)
  expect((await writing).stdout).toBe(`${RECORDS + more} told`)
  expect(ring.take()).toEqual([])
  ring.close()
})

it('a program waits no more where nobody will read', async () => {
  const { ring, file, writing } = start('lost')
  await untilItWaits(writing.pid)
  rmSync(file)
  expect((await writing).stdout).toBe(`${RECORDS} told`)
  expect(ring.holder).toBeUndefined()
  ring.close()
})
