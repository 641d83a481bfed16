/** Code that comes while a program runs, and makes system calls by instructions of its own: none passes the net. */
import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configOf } from '../support/configs.js'
import { host, root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const path = '/dev/sensor0'
const { models } = configOf('axil_ram')
const config = { models, devices: { sensor: { kind: 'char' as const, path, size: 0x1000, model: 'dut' } } }

async function lateCode(way: string, env: Record<string, string> = {}, program = host('late_code')) {
  const { stdout, stderr, log } = await runHost(makeScratch(), config, [program, way, path], { env })
  return { stdout, stderr, log: log.map(toWords) }
}

const once = ['write sensor+0x8 4 B = 0x0badcafe', 'read sensor+0x8 4 B = 0x0badcafe']

describe('code that is made at run time, in memory', () => {
  it.each([
    ['that can be written and run', 'in place'],
    ['that is shut before it runs', 'shut'],
    ['that another mapping writes', 'two views'],
    ['that another mapping writes when it can be run', 'two views, later'],
    ['that a handle of libc has made runnable', 'handle'],
    ['that an instruction of the program has made runnable', 'instructions'],
  ])('%s', async (_name, way) => {
    const { stdout, stderr, log } = await lateCode(way)
    expect(stdout, stderr).toBe('reached\n')
    expect(log).toEqual(once)
  })

  it('of a large range, in many pieces', async () => {
    const { stdout, stderr } = await lateCode('pieces')
    expect(stdout).toBe('200 of 200 reached\n')
    expect(stderr).not.toMatch(/more than/)
  })

  it('by threads at once', async () => {
    expect((await lateCode('threads')).stdout).toBe('100 of 100 reached\n')
  })

  it('by a child', async () => {
    expect((await lateCode('children')).stdout).toBe('child 1 25\nparent 1 25\n')
  })

  it.each(['in place', 'shut', 'two views', 'instructions'])('by a static program, %s', async (way) => {
    const program = join(makeScratch().path, 'late_code')
    const source = join(root, 'test/e2e/hosts/late_code.c')
    execFileSync('gcc', ['-static', '-D_GNU_SOURCE', '-O2', '-o', program, source], { stdio: 'pipe' })
    expect((await lateCode(way, {}, program)).stdout).toBe('reached\n')
  })

  it('in places without number ends with a line', async () => {
    const { stdout, stderr } = await lateCode('places')
    expect(stdout).toBe('the first reached\n')
    expect(stderr.match(/makes code at run time in more than 16 places/g)).toHaveLength(1)
  })
})

describe('the constructor of a library', () => {
  const library = host('at_start.so')
  it('that the program loads, also when it has gone and comes again', async () => {
    const { stdout, log } = await lateCode('library', { LIBRARY: library })
    expect(stdout).toBe('4 4: badcafe\nloaded\n'.repeat(2))
    expect(log).toEqual([...once, ...once])
  })

  it('that another one loads from where it lies itself', async () => {
    const env = { LIBRARY: basename(library), FINDER: host('finder.so') }
    const { stdout, log } = await lateCode('library of another', env)
    expect(stdout).toBe('4 4: badcafe\nloaded\n')
    expect(log).toEqual(once)
  })
})

describe('a second libc', () => {
  it('reaches the device', async () => {
    const { stdout, log } = await lateCode('other libc')
    expect(stdout).toBe('reached\n')
    expect(log).toEqual(once)
  })

  it('starts threads and programs', async () => {
    const { stdout } = await lateCode('all of another libc')
    expect(stdout).toBe('thread 0 1\n 0badcafe\nspawned 0, ended 0,  0badcafe\nsystem 0\n')
  })
})

it('a library with more such instructions than a filter has room for', async () => {
  const { stdout, stderr, log } = await lateCode('library', { LIBRARY: host('many_calls.so') })
  expect(stdout, stderr).toBe('4 4: badcafe\nloaded\n'.repeat(2))
  expect(log).toEqual([...once, ...once])
})

it('one that came with the program', async () => {
  const env = { LD_PRELOAD: host('many_calls.so') }
  expect((await lateCode('preloaded', env)).log).toEqual(once)
})
