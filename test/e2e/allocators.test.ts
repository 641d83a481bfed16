/**
 * Programs whose memory is another's: allocators that begin before the agent does, and those that write down or check
 * what a program does with its memory. Each reaches its devices, with the right values.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { hasProgram } from '../support/drivers.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const devices = ['/dev/sensor0', '/dev/uio0'] as const
const config: TraplineConfig = {
  models: {
    ram: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] },
    timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] },
  },
  devices: {
    sensor: { kind: 'char', path: devices[0], size: 0x1000, model: 'ram' },
    timer: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
  },
}

async function expectValues(scratch: Scratch, program: string[], outputOf = (stdout: string) => stdout): Promise<void> {
  const { status, stdout, stderr, log } = await runHost(scratch, config, [...program, ...devices])
  expect(outputOf(stdout), stderr).toBe('open ok\nwrite 4\nread 11223344\nmap 11223344\nwait 1\n')
  expect(status, stderr).toBe(0)
  expect(stderr).not.toMatch(/cannot be preloaded|ran without/)
  expect(log.map(toWords)).toEqual([
    'write sensor+0x0 4 B = 0x11223344',
    'read sensor+0x0 4 B = 0x11223344',
    'read sensor+0x0 4 B = 0x11223344',
    'write timer+0xc 4 B = 0x00000bb8',
    'write timer+0x0 4 B = 0x00000003',
  ])
}

function compile(scratch: Scratch, ...flags: string[]): string {
  const program = join(scratch.path, 'driver')
  const source = join(root, 'test/e2e/hosts/driver.c')
  execFileSync('gcc', ['-D_GNU_SOURCE', '-std=c17', '-g', '-o', program, source, '-Wl,--no-as-needed', ...flags])
  return program
}

const libraries = '/usr/lib/x86_64-linux-gnu'

describe.each(['libjemalloc.so.2', 'libtcmalloc_minimal.so.4', 'libmimalloc.so'])('%s', (name) => {
  const library = join(libraries, name)
  const isThere = existsSync(library)
  const reason = isThere ? '' : ` (needs ${library})`

  it.skipIf(!isThere)(`preloaded${reason}`, async () => {
    await expectValues(makeScratch(), ['env', `LD_PRELOAD=${library}`, host('driver')])
  })

  it.skipIf(!isThere)(`linked${reason}`, async () => {
    const scratch = makeScratch()
    await expectValues(scratch, [compile(scratch, library)])
  })
})

it.each(['address', 'thread', 'undefined', 'leak'])('the %s sanitizer', async (sanitizer) => {
  const scratch = makeScratch()
  await expectValues(scratch, [compile(scratch, `-fsanitize=${sanitizer}`)])
})

it.each([
  ['address', 'asan'],
  ['thread', 'tsan'],
  ['undefined', 'ubsan'],
])('the %s sanitizer, linked into the program', async (sanitizer, library) => {
  const scratch = makeScratch()
  await expectValues(scratch, [compile(scratch, `-fsanitize=${sanitizer}`, `-static-lib${library}`)])
})

const hasHeaptrack = hasProgram('heaptrack')

it.skipIf(!hasHeaptrack)(`heaptrack${hasHeaptrack ? '' : ' (needs heaptrack)'}`, async () => {
  const scratch = makeScratch()
  const heaptrack = ['heaptrack', '-o', join(scratch.path, 'heap'), host('driver')]
  await expectValues(
    scratch,
    heaptrack,
    (stdout) => /^open ok\n(?:(?:write|read|map|wait) .*\n)*/m.exec(stdout)?.[0] ?? '',
  )
})
