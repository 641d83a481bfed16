/** As much as the contract holds reaches a host; one more is refused at start, in a sentence with the number. */
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { sampleModel } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline, trapline } from '../support/trapline.js'

type Devices = TraplineConfig['devices']

const models = { ram: sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }) }
const register = (base: number) => ({ kind: 'mem' as const, base, size: 0x10, model: 'ram' })
const buffer = { kind: 'u-dma-buf' as const, size: 0x1000 }
const long = (bytes: number, letter: string) => letter.repeat(bytes)

/** The last one lies in /dev/mem, under a name that is short. */
function devices(count: number): Devices {
  const path = `/dev/${long(250, 'p')}`
  const entries = Array.from({ length: count }, (_, i) => [
    i.toString().padStart(63, 'n'),
    i < count - 1 ? { ...register(i * 0x10), path } : register(0x1000),
  ])
  return Object.fromEntries(entries) as Devices
}

it('63 devices and a buffer, with the longest names and paths, reach their host', async () => {
  const config = { models, devices: { ...devices(63), [long(63, 'b')]: buffer } }
  const script = `busybox devmem 0x1000 32 0x2a && busybox devmem 0x1000 32 && ls /dev/${long(63, 'b')}`
  const { status, stdout, stderr } = await runHost(makeScratch(), config, ['sh', '-c', script])
  expect(stdout, stderr).toBe(`0x0000002A\n/dev/${long(63, 'b')}\n`)
  expect(status).toBe(0)
})

it.each<[string, Devices, string]>([
  [
    'one device more',
    { ...devices(64), buffer },
    'the configuration has 65 devices, memories and each map of a UIO device counted, and 64 is the limit; ' +
      'leave some out, or join those that lie side by side',
  ],
  [
    'a name of a buffer',
    { d: register(0x1000), [long(40, 'ä')]: buffer },
    `device ${long(40, 'ä')}: its name has 80 bytes, and 63 is the limit; give it a shorter one`,
  ],
  [
    'a path of reserved memory',
    { d: register(0x1000), r: { kind: 'reserved', path: `/${long(300, 'x')}`, base: 0x10_0000, size: 0x1000 } },
    `device r: its path /${long(300, 'x')} has 301 bytes, and 255 is the limit; give it a shorter one`,
  ],
])('refused at start: %s', async (_what, more, sentence) => {
  const scratch = makeScratch()
  const file = scratch.write('c.json', { models, devices: more })
  const { status, sentences } = await trapline(scratch, ['run', '--config', file, '--', 'busybox', 'devmem', '0x1000'])
  expect(sentences).toEqual([sentence])
  expect(status).toBe(125)
})

it('a reason that is longer than an answer holds is cut, and its host can read it', async () => {
  const scratch = makeScratch()
  const missing = { top: long(600, 't'), sources: models.ram.sources }
  const file = scratch.write('c.json', {
    models: { missing },
    devices: { d: { ...register(0x1000), model: 'missing' } },
  })
  const bridge = startTrapline(scratch, ['serve', '--config', file])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const { status, stderr } = await trapline(scratch, ['run', '--bridge', address, '--', 'busybox', 'devmem', '0x1000'])
  expect(stderr).toMatch(/t{100,}….*\n/)
  expect(stderr).not.toMatch(/can't be read/)
  expect(status).not.toBe(0)
  bridge.kill('SIGTERM')
  await bridge.ended
})
