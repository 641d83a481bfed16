/**
 * The network between a bridge and its hosts is gone: packets vanish, and nothing is closed. Both ends notice, whether
 * the program makes accesses or computes; what it held is free, and the next host is served when the network is back.
 */
import { execa, execaSync } from 'execa'
import { expect, it, vi } from 'vitest'
import { at, base, configOf } from '../support/configs.js'
import { processesOf } from '../support/leftovers.js'
import { cache, host } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { startTrapline, type Running } from '../support/trapline.js'

/** A machine of its own as far as the network goes. */
async function makeNetwork() {
  const keeper = execa('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo up && exec cat'], { reject: false })
  await new Promise((resolve) => keeper.stdout.once('data', resolve))
  const wrapper = ['nsenter', '-t', String(keeper.pid), '-n', '--']
  const set = (state: 'up' | 'down') => execaSync('nsenter', [...wrapper.slice(1), 'ip', 'link', 'set', 'lo', state])
  return { wrapper, set, end: () => keeper.kill() }
}

const canMakeNetworks = execaSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up'], { reject: false }).exitCode === 0

/** How it is seen that each of them is under way: the first access starts the model. */
const programs = [
  {
    name: 'in the middle of accesses',
    command: [host('loop'), '/dev/mem', `${base}`, '0', '1000000000'],
    begin: (_run: Running, bridge: Running) =>
      vi.waitFor(
        () => expect(processesOf(bridge.temporary).map(({ executable }) => executable)).toContainEqual(inCache),
        {
          timeout: 300_000,
        },
      ),
  },
  {
    name: 'while the program computes',
    command: ['sh', '-c', 'echo here; while :; do :; done'],
    begin: (run: Running) => run.untilStdout(/here/),
  },
]
const inCache = expect.stringContaining(cache)

it.skipIf(!canMakeNetworks).concurrent.each(programs)('$name (needs root and ip)', async ({ command, begin }) => {
  const scratch = openScratch()
  const { wrapper, set, end } = await makeNetwork()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'], { wrapper })
  const [address] = await bridge.untilStdout(/^127.+$/m)
  const start = (program: string[]) =>
    startTrapline(scratch, ['run', '--bridge', address, '--', ...program], { wrapper })
  const run = start(command)
  await begin(run, bridge)
  const losses = bridge.untilStderr(/lost [^]*lost .*\n/)
  set('down')
  const { status, sentences } = await run.ended
  expect(status).toBe(125)
  expect(sentences).toContainEqual(expect.stringMatching(/^the bridge at \S+ has said nothing for 10 s; look whether/))
  await losses
  set('up')
  expect(await start(['busybox', 'devmem', at(4), '32']).ended).toMatchObject({ status: 0, stdout: '0x54524150\n' })
  bridge.kill('SIGTERM')
  const ended = await bridge.ended
  expect(ended.status).toBe(0)
  // In either order: one counts turns of the bridge, the other one the kernel's.
  expect(ended.sentences.filter((sentence) => sentence.startsWith('lost ')).sort()).toEqual([
    expect.stringMatching(
      /^lost 127\.0\.0\.1:\d+: neither it nor the network to it answers; what it held is free again$/,
    ),
    expect.stringMatching(
      /^lost the launcher at 127\.0\.0\.1:\d+: it has said nothing for 10 s; what its hosts held is free/,
    ),
  ])
  end()
  removeScratch(scratch)
})
