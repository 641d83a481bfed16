/** One bridge serves many runs: hosts come and go, the model stays as they leave it. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connect, openHost } from '../support/bridge-client.js'
import { at, base, configOf } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { parseLog, startTrapline, toWords, trapline } from '../support/trapline.js'

it('what one run writes the next one reads', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'])
  const [address] = await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
  const run = (...program: string[]) => trapline(scratch, ['run', '--bridge', address, '--', ...program])
  expect(await run('busybox', 'devmem', at(0), '32', '0x5eed')).toMatchObject({ status: 0 })
  expect(await run('busybox', 'devmem', at(0), '32')).toMatchObject({ status: 0, stdout: '0x00005EED\n' })
  expect(await run('busybox', 'devmem', at(0x40), '32')).toMatchObject({ status: 135, stdout: '' })
  bridge.kill('SIGINT')
  expect((await bridge.ended).status).toBe(0)
})

it('the first host sees the same bursts as every later one', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axi4_ram'))
  const bridge = startTrapline(scratch, ['serve', '--config', config])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const dd = ['dd', 'if=/dev/mem', 'bs=256', 'count=1', `skip=${base / 256}`, 'status=none', 'of=/dev/null']
  const counts: string[] = []
  for (let host = 1; host <= 3; host++) {
    const { status, sentences } = await trapline(scratch, ['run', '--bridge', address, '--', ...dd])
    counts.push(`${status}: ${sentences.at(-1)?.replace(/, p50.*/, '')}`)
  }
  expect(counts).toEqual(Array(3).fill('0: 1 access'))
  bridge.kill('SIGINT')
  expect((await bridge.ended).status).toBe(0)
})

const source = (name: string) => `
  #include <fcntl.h>
  #include <sys/mman.h>
  volatile unsigned *device;
  __attribute__((noinline)) unsigned ${name}(void) { return device[0x40 / 4]; }
  int main(void) {
    device = mmap(0, 4096, PROT_READ, MAP_SHARED, open("/dev/mem", O_RDWR), ${base});
    return ${name}() & 0;
  }`

it('the place of an access is named by the file that its host has, not by another of that path here', async () => {
  const scratch = makeScratch()
  const [program, other] = ['poke_led', 'fly_to_the_moon'].map((name) => {
    execFileSync('gcc', ['-g', '-x', 'c', '-', '-o', join(scratch.path, name)], { input: source(name) })
    return join(scratch.path, name)
  }) as [string, string]
  const config = scratch.write('c.json', configOf('axil_regs'))
  const serveIn = async (wrapper: string[]) => {
    const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'], { wrapper })
    const [address] = await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
    expect(await trapline(scratch, ['run', '--bridge', address, '--', program])).toMatchObject({ status: 135 })
    bridge.kill('SIGTERM')
    return (await bridge.ended).sentences.find((sentence) => /^\w+ on read/.test(sentence))
  }
  expect(await serveIn([])).toMatch(/ by poke_led \(.*:5\), pc /)
  if (process.getuid?.() !== 0) return // Only root can put another file in its place for the bridge alone.
  const elsewhere = ['unshare', '-m', 'sh', '-c', `mount --bind ${other} ${program} && exec "$@"`, 'sh']
  expect(await serveIn(elsewhere)).toMatch(/ by poke_led\+0x[0-9a-f]+, pc /)
})

it('a place in a FIFO does not stop the bridge', async () => {
  const scratch = makeScratch()
  execFileSync('mkfifo', [join(scratch.path, 'fifo')])
  const bridge = startTrapline(scratch, ['serve', '--config', scratch.write('c.json', configOf('axil_regs'))])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const [host, control] = [await openHost(address), connect(address, 'ControlService')]
  const site = { module: join(scratch.path, 'fifo'), moduleOffset: 4096, instruction: 'mov eax, [rax]\x1b[2J' }
  await host.access({ offset: 0x10000, pc: 0x1234, site: { ...site, buildId: Buffer.alloc(20, 1) } })
  expect(await control.call('list')).toMatchObject({ devices: [{ name: 'dut' }] })
  host.close()
  control.close()
  bridge.kill('SIGTERM')
  const { status, sentences } = await bridge.ended
  expect([status, sentences.at(-1)]).toEqual([
    0,
    expect.stringMatching(/^DECERR on read .* by fifo\+0x1000, pc 0x1234:/),
  ])
})

it('a model that can not be built is out of reach, and no more than that', async () => {
  const scratch = makeScratch()
  const { models, devices } = configOf('axil_regs')
  const broken = { top: 'broken', sources: [scratch.write('broken.v', 'module broken (input clk; endmodule\n')] }
  const config = scratch.write('c.json', {
    models: { ...models, broken },
    devices: {
      ...devices,
      other: { kind: 'mem', path: '/dev/mem', base: base + 0x1000, size: 0x1000, model: 'broken' },
    },
  })
  const bridge = startTrapline(scratch, ['serve', '--config', config])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const read = (offset: number) =>
    trapline(scratch, ['run', '--bridge', address, '--', 'busybox', 'devmem', at(offset), '32'])
  expect(await read(4)).toMatchObject({ status: 0, stdout: '0x54524150\n' })
  const { status, stderr } = await read(0x1000)
  expect(status).toBe(125)
  expect(stderr).toMatch(/Verilator refused broken at .*broken\.v:1/)
  bridge.kill('SIGINT')
  expect((await bridge.ended).status).toBe(0)
})

it('lets time pass until an interrupt, and leaves the log of it all', async () => {
  const scratch = makeScratch()
  const [config, log] = [scratch.write('c.json', configOf('axil_timer')), join(scratch.path, 'accesses.jsonl')]
  const bridge = startTrapline(scratch, ['serve', '--config', config, '--log', log])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const { call, close } = connect(address, 'ControlService')
  const wait = (cycles: number) => call('advance', { cycles, untilInterrupt: 'irq_o' })
  expect(await wait(1000)).toMatchObject({ interrupts: [] })
  await call('write', { offset: 0xc, value: 5000 })
  await call('write', { offset: 0, value: 3 })
  const before = await call('start')
  const { interrupts, cycle } = await wait(1_000_000)
  expect(interrupts).toEqual(['irq_o'])
  expect(cycle - before.cycle).toBeGreaterThanOrEqual(4980)
  expect(cycle - before.cycle).toBeLessThan(5100)
  expect((await wait(1_000_000)).cycle).toBe(cycle)
  await call('stop')
  close()
  expect((await bridge.ended).status).toBe(0)
  expect(parseLog(readFileSync(log, 'utf8')).map(toWords)).toEqual([
    'write dut+0xc 4 B = 0x00001388',
    'write dut+0x0 4 B = 0x00000003',
  ])
})
