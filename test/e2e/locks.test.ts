/**
 * Devices are files: what programs do to have one for themselves works, in one process, among many, and among hosts.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, sampleModel } from '../support/configs.js'
import { behaviours, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline } from '../support/trapline.js'

/** One memory behind every kind of device, and a buffer. */
const config: TraplineConfig = {
  models: { ram: sampleModel('axil_ram', { AddrWidth: 13, Depth: 1024 }) },
  devices: {
    mem0: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'ram' },
    char0: { kind: 'char', path: '/dev/ram0', size: 0x1000, model: 'ram' },
    uio0: { kind: 'uio', index: 0, maps: [{ size: 0x1000 }], model: 'ram' },
    uio1: { kind: 'uio', index: 1, maps: [{ size: 0x1000 }], model: 'ram' },
    udmabuf0: { kind: 'u-dma-buf', size: 0x1000 },
  },
}
const families = ['locks', 'record_locks'].map((family) => join(behaviours, family))
const names = await Promise.all(families.map((family) => execa(family, ['rows'])))
const everyRow = names.flatMap(({ stdout }) => stdout.split('\n')).map((name) => `${name}: ok`)
const bothOn = (path: string, offset: number) => [
  'sh',
  '-c',
  families.map((family) => `${family} ${path} ${offset}`).join('; '),
]

it('what the rows say is so of a file', async () => {
  const memory = join(makeScratch().path, 'memory')
  writeFileSync(memory, Buffer.alloc(0x1000))
  const [shell = '', ...args] = bothOn(memory, 0)
  const { stdout, stderr } = await execa(shell, args, { reject: false })
  expect(stdout.split('\n'), stderr).toEqual(everyRow)
})

it.each([
  ['a UIO device', '/dev/uio0', 0],
  ['physical memory', '/dev/mem', base],
  ['a character device', '/dev/ram0', 0],
  ['a DMA buffer', '/dev/udmabuf0', 0],
])('and of %s', async (_kind, path, offset) => {
  const { status, stdout, stderr } = await runHost(makeScratch(), config, bothOn(path, offset))
  expect(stdout.trimEnd().split('\n'), stderr).toEqual(everyRow)
  expect(status).toBe(0)
})

it('a message brings descriptors of a UIO device as it brings those of a file', async () => {
  const scratch = makeScratch()
  const file = await execa(host('messages'), [scratch.write('memory', Buffer.alloc(0x1000))])
  const { status, stdout, stderr } = await runHost(scratch, config, [host('messages'), '/dev/uio0'])
  expect(status, stderr).toBe(0)
  expect(stdout.trimEnd().split('\n')).toEqual(file.stdout.split('\n'))
})

it('a lock of one host excludes another host of the bridge, and each device is another file', async () => {
  const scratch = makeScratch()
  const bridge = startTrapline(scratch, ['serve', '--config', scratch.write('c.json', config)])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const run = (script: string) => startTrapline(scratch, ['run', '--bridge', address, '--', 'sh', '-c', script])
  const holder = run('exec 9<>/dev/uio0; flock -x 9; mkfifo end; echo locked; read -r _ < end')
  await holder.untilStdout(/locked/)
  const other = run('for n in uio0 uio1 mem ram0; do flock -n /dev/$n true; echo $n $?; done; stat -c %d:%i /dev/uio0')
  const { stdout } = await other.ended
  expect(stdout).toMatch(/^uio0 1\nuio1 0\nmem 0\nram0 0\n/)
  writeFileSync(join(scratch.path, 'end'), 'now\n')
  expect((await holder.ended).status).toBe(0)
  const last = await run('flock -n /dev/uio0 stat -c %d:%i /dev/uio0 /dev/uio1 /dev/mem /dev/ram0').ended
  const identities = last.stdout.trimEnd().split('\n')
  expect(identities[0]).toBe(stdout.trimEnd().split('\n').at(-1))
  expect(new Set(identities).size).toBe(4)
  const listing = await run(
    'exec 9<>/dev/uio0; ls -l /dev/uio0 /dev/ram0 && readlink /proc/$$/fd/9 && ls -lL /dev/fd/9',
  ).ended
  expect(listing.stdout, listing.stderr).toMatch(
    /^crw.*\/dev\/ram0\ncrw.*\/dev\/uio0\n\/dev\/uio0\ncrw.*\/dev\/fd\/9\n$/,
  )
  expect([listing.status, listing.stderr]).toEqual([0, expect.not.stringContaining('ls:')])
  bridge.kill('SIGINT')
  await bridge.ended
})
