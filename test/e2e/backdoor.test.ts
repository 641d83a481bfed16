/** A device with a backdoor: the same contents as over the bus, without bus and time. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

const bytes = 0x1_0000

function configOf(dataWidth: number, backdoor = 'memory_q'): TraplineConfig {
  const parameters = { DataWidth: dataWidth, AddrWidth: 20, Depth: (8 * bytes) / dataWidth }
  const ram = { kind: 'char' as const, size: bytes, model: 'ram' }
  return {
    models: { ram: { top: 'axi4_ram', sources: [sampleRtl('axi4_ram')], parameters } },
    devices: { front: { ...ram, path: '/dev/front' }, back: { ...ram, path: '/dev/back', backdoor } },
  }
}

const image = Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 31 + (i >> 8)) & 0xff))

/** Copies the image into the RAM by one way and out of it by another. */
async function copy(dataWidth: number, into: string, outOf: string, flags: string[] = []) {
  const scratch = makeScratch()
  const [source, result] = ['source', 'result'].map((name) => join(scratch.path, name))
  if (!source || !result) throw new Error('two files are needed')
  writeFileSync(source, image)
  const script = `dd if=${source} of=${into} bs=8k status=none; dd if=${outOf} of=${result} bs=1000 status=none`
  const { status, stderr, log } = await runHost(scratch, configOf(dataWidth), ['sh', '-ec', script], { flags })
  expect(status, stderr).toBe(0)
  expect(readFileSync(result).equals(image)).toBe(true)
  return log
}

describe.each([32, 512])('a memory of words of %i bits', (dataWidth) => {
  it.each([
    ['/dev/back', '/dev/front'],
    ['/dev/front', '/dev/back'],
    ['/dev/back', '/dev/back'],
  ])('64 KiB into %s come out of %s', async (into, outOf) => {
    const log = await copy(dataWidth, into, outOf)
    const behind = log.filter(({ device }) => device === 'back')
    expect(behind.every(({ beats, cycleStart, cycleEnd }) => beats === 0 && cycleStart === cycleEnd)).toBe(true)
  })

  it('the front door leaves the same contents', async () => {
    const log = await copy(dataWidth, '/dev/back', '/dev/back', ['--frontdoor'])
    expect(log.every(({ beats, cycleStart, cycleEnd }) => beats > 0 && cycleEnd > cycleStart)).toBe(true)
  })
})

it('single bytes go where they belong, and an access beyond the memory is refused', async () => {
  const script = `
import os
back, front = (os.open(path, os.O_RDWR) for path in ('/dev/back', '/dev/front'))
os.pwrite(front, bytes(16), 32)
os.pwrite(back, b'abc', 37)
print(os.pread(front, 16, 32))
`
  const { stdout } = await runHost(makeScratch(), configOf(64), ['python3', '-c', script])
  expect(stdout).toBe(String.raw`b'\x00\x00\x00\x00\x00abc\x00\x00\x00\x00\x00\x00\x00\x00'` + '\n')
})

it.each([
  [
    'u_ram.memory',
    125,
    /axi4_ram has no memory that ends in u_ram; the key "backdoor" of a device must name one below/,
  ],
  ['memory_q; $finish', 125, /devices\.back\.backdoor is .*; it must be a hierarchical name/],
])('a name that leads nowhere: %s', async (name, exitStatus, sentence) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf(64, name))
  const { status, stderr } = await trapline(scratch, ['run', '--config', config, '--', 'true'])
  expect(status).toBe(exitStatus)
  expect(stderr).toMatch(sentence)
})
