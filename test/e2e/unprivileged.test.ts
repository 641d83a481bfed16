/** All of it works for a normal user: no root, no device files, a cache and a temporary folder of their own. */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at } from '../support/configs.js'
import { asNobody, cacheOfNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const core = join(import.meta.dirname, 'cores/plain.v')
const program = ['sh', '-ec', `id -u; busybox devmem ${at(4)} 32 0x89abcdef; busybox devmem ${at(4)} 32`]
const flags = ['--rtl', core, '--top', 'plain', '--map', `/dev/mem@${at(0)}+0x1000`]

const timer: TraplineConfig = {
  models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}

const sensor: TraplineConfig = {
  models: { ram: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] } },
  devices: { sensor0: { kind: 'char', path: '/dev/sensor0', model: 'ram', size: 0x1000 } },
}

// Without root, every test runs without privileges anyway.
it.skipIf(!canBecomeNobody).each([
  ['builds and runs a core', () => flags, program, `${nobody}\n0x89ABCDEF\n`],
  [
    'waits for interrupts',
    (scratch: Scratch) => ['--config', scratch.write('c.json', timer)],
    [host('uio_wait'), '/dev/uio0', 'poll', '5'],
    'poll: interrupts 1 to 5\n',
  ],
  [
    'reaches a device past libc',
    (scratch: Scratch) => ['--config', scratch.write('c.json', sensor)],
    [host('past_libc'), 'handle', '/dev/sensor0'],
    'read 4: a1b2c3d4\nsyscall 4: a1b2c3d4\n',
  ],
])(`nobody %s (${needsNobody})`, async (_name, flagsIn, command, output) => {
  const scratch = makeScratch()
  chmodSync(scratch.path, 0o777)
  const { status, stdout, stderr } = await trapline(scratch, ['run', ...flagsIn(scratch), '--', ...command], {
    wrapper: asNobody,
    env: { TRAPLINE_CACHE: cacheOfNobody(), HOME: scratch.path },
    cwd: root,
    owner: nobody,
  })
  expect(stderr).not.toMatch(/EACCES|denied/)
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: output })
})

it.skipIf(!canBecomeNobody)(`a machine whose /dev/null is root's alone is told of (${needsNobody})`, async () => {
  const scratch = makeScratch()
  chmodSync(scratch.path, 0o777)
  const rootsOwn = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount --bind "$0" /dev/null && exec "$@"',
    scratch.write('null', ''),
  ]
  const { status, sentences } = await trapline(scratch, ['run', ...flags, '--', 'true'], {
    wrapper: [...rootsOwn, ...asNobody],
    env: { TRAPLINE_CACHE: cacheOfNobody(), HOME: scratch.path },
    cwd: root,
    owner: nobody,
  })
  expect(sentences.at(-1)).toMatch(/^the reaper that ends what Trapline starts can't be started \(spawn .* EACCES\)$/)
  expect(status).toBe(125)
})
