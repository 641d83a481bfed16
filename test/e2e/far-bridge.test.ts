/**
 * A bridge that was started elsewhere gives hosts whole devices: files of /sys, interrupts, time, and memory that the
 * RTL reaches, whether its run directory can be seen from where they run or not.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { processesOf } from '../support/leftovers.js'
import { asNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { joined } from '../support/patterns.js'
import { host, root, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, type Options } from '../support/trapline.js'

const config: TraplineConfig = {
  models: { dma: { top: 'axi_dma', sources: [sampleRtl('axi_dma')] } },
  devices: {
    dma0: { kind: 'uio', model: 'dma', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
    udmabuf0: { kind: 'u-dma-buf', size: 1 << 20 },
  },
}
/** May not look into the run directory of another's bridge. */
const stranger: Options = { wrapper: asNobody, owner: nobody }

/** A bridge, and how programs run on it. */
async function serve(options: Options = {}) {
  const scratch = makeScratch()
  chmodSync(scratch.path, 0o777)
  const file = scratch.write('c.json', config)
  // Strangers have no mailbox, which a line would say.
  const lane = options === stranger ? ['--lane', 'grpc'] : []
  const bridge = startTrapline(scratch, ['serve', '--config', file, '--listen', '127.0.0.1:0', ...lane])
  onTestFinished(async () => {
    bridge.kill('SIGINT')
    expect([0, 137]).toContain((await bridge.ended).status)
  })
  const [address] = await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
  const start = (...program: string[]) =>
    startTrapline(scratch, ['run', '--bridge', address, '--', ...program], { ...options, cwd: root })
  return { scratch, bridge, start, run: (...program: string[]) => start(...program).ended }
}

const copy = [host('dma_copy'), '/dev/uio0', 'udmabuf0', '65536']

describe.each([
  ['on the same files', {}, false],
  [`on mirrored ones (${needsNobody})`, stranger, !canBecomeNobody],
])('%s', (_name, options, isSkipped) => {
  it.skipIf(isSkipped)('a driver copies by DMA and interrupt, again and again', async () => {
    const { run } = await serve(options)
    for (let round = 1; round <= 2; round++) {
      const { status, stdout, sentences } = await run(...copy)
      expect([status, sentences]).toEqual([0, [expect.stringMatching(/^\d+ accesses, p50 [\d.]+ us, p99 [\d.]+ us/)]])
      expect(stdout).toBe(`started\ninterrupt ${round}, status 2, 1 of 1 descriptors, same\n`)
    }
  })

  it.skipIf(isSkipped)('files of /sys follow the device', async () => {
    const { run } = await serve(options)
    const files = ['uio/uio0/maps/map0/size', 'u-dma-buf/udmabuf0/phys_addr', 'uio/uio0/event']
    const read = await run('cat', ...files.map((file) => `/sys/class/${file}`))
    expect(read.stdout).toBe('0x0000000000001000\n0x0000000010000000\n0\n')
    await run(...copy)
    expect((await run('cat', '/sys/class/uio/uio0/event')).stdout).toBe('1\n')
  })

  it.skipIf(isSkipped)('programs that make no access end as ever', async () => {
    const { run } = await serve(options)
    const { status, sentences } = await run('sh', '-c', 'exit 3')
    expect([status, sentences]).toEqual([3, []])
    const without = await run('busybox', 'sh', '-c', 'unset LD_PRELOAD; exec env -i true')
    expect([without.status, without.sentences]).toEqual([0, []])
  })

  it.skipIf(isSkipped)('a host ends with its bridge', async () => {
    const { bridge, start } = await serve(options)
    const running = start('sh', '-c', 'echo here; exec sleep 1000')
    await running.untilStdout(/here/)
    bridge.kill('SIGKILL')
    const { status, sentences } = await running.ended
    expect(status).toBe(125)
    // The program that `sh` becomes may have words of its own.
    expect(sentences).toContainEqual(
      expect.stringMatching(
        joined(
          /^the bridge at 127\.0\.0\.1:\d+ was killed, or the connection to it broke \(.+\); look whether it is /,
          /still there$/,
        ),
      ),
    )
  })
})

it.skipIf(!canBecomeNobody)(`mirrored memory is with one host at a time (${needsNobody})`, async () => {
  const { scratch, start, run } = await serve(stranger)
  execaSync('mkfifo', ['-m', '666', join(scratch.path, 'gone')])
  const first = start('sh', '-c', `echo here; read -r _ < ${join(scratch.path, 'gone')}`)
  await first.untilStdout(/here/)
  const second = await run('true')
  expect([second.status, second.sentences]).toEqual([
    125,
    [expect.stringMatching(/DMA memory of this bridge is with a host of another machine; end that first$/)],
  ])
  scratch.write('gone', 'now\n')
  expect((await first.ended).status).toBe(0)
  expect((await run(...copy)).status).toBe(0)
})

it('a launcher that is stopped with its host, as by Ctrl-Z, for too long is given up, and told so', async () => {
  const { bridge, start, run } = await serve()
  const stopped = start('sh', '-c', 'echo here; while :; do :; done')
  await stopped.untilStdout(/here/)
  const loss = bridge.untilStderr(/^trapline: lost the launcher at 127\.0\.0\.1:\d+: it has said nothing for 10 s/m)
  const running = processesOf(stopped.temporary).filter(({ command }) => command.startsWith('sh -c echo'))
  expect(running).toHaveLength(1)
  for (const { pid } of running) process.kill(pid, 'SIGSTOP')
  stopped.kill('SIGSTOP')
  await loss
  expect((await run(...copy)).status).toBe(0)
  stopped.kill('SIGCONT')
  const { status, sentences } = await stopped.ended
  expect(status).toBe(125)
  expect(sentences.at(-1)).toMatch(/can't be used: it took us for lost, for we had said nothing for 10 s$/)
})

it('SIGINT ends a bridge while hosts are there', async () => {
  const { bridge, start } = await serve()
  const running = start('sh', '-c', 'echo here; exec sleep 1000')
  await running.untilStdout(/here/)
  bridge.kill('SIGINT')
  expect((await bridge.ended).status).toBe(0)
  expect((await running.ended).status).toBe(125)
})
