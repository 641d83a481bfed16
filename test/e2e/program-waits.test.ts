/** What the summary calls an access's time is what the program waited for it, wherever the time went. */
import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

/** A bucket of the agent's is 3 % wide, one of the bridge's 2 %. */
const roundUp = 1.06
const device = ['/dev/mem', `${base}`]

interface Times {
  accesses: number
  p50Us: number
  p99Us: number
  bridgeP50Us: number
  bridgeP99Us: number
}

async function runTimed(flags: string[]) {
  const scratch = makeScratch()
  const [config, report] = [scratch.write('c.json', configOf('axil_regs')), join(scratch.path, 'report.json')]
  const program = [host('stopwatch'), ...device, '300']
  const { status, stdout, sentences } = await trapline(scratch, [
    // What goes past the bridge has no time there.
    ...['run', '--config', config, '--report', report, '--lane', 'grpc', ...flags, '--', ...program],
  ])
  const times = JSON.parse(readFileSync(report, 'utf8')) as Times
  expect({ status, accesses: times.accesses }).toEqual({ status: 0, accesses: 300 })
  expect(sentences.at(-1)).toContain(`p50 ${times.p50Us} us, p99 ${times.p99Us} us per access`)
  return { own: stdout.split(' ').map((ns) => Number(ns) / 1000), times }
}

it('lies between what the program measures itself and what the bridge sees', async () => {
  const { own, times } = await runTimed([])
  const [p50 = 0, p99 = 0] = own
  expect(times.p50Us).toBeLessThan(p50 * roundUp)
  expect(times.p99Us).toBeLessThan(p99 * roundUp)
  expect(times.bridgeP50Us).toBeLessThan(times.p50Us * roundUp)
  expect(times.bridgeP99Us).toBeLessThan(times.p99Us * roundUp)
})

it('is real time, also where the clocks of the program are not', async () => {
  const { times } = await runTimed(['--time', 'virtual'])
  expect(times.bridgeP50Us).toBeGreaterThan(0)
  expect(times.bridgeP50Us).toBeLessThan(times.p50Us * roundUp)
})

const delayMs = 20

/** A network that holds back whatever comes. */
async function makeSlowWay(address: string): Promise<string> {
  const [hostname = '', port] = address.split(':')
  const pass = (from: Socket, to: Socket) => {
    from.on('data', (data) => setTimeout(() => to.write(data), delayMs + 1))
    from.on('error', () => to.destroy())
    from.on('end', () => setTimeout(() => to.end(), delayMs + 1))
  }
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    pass(near, far)
    pass(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

it('has the way to a bridge that is elsewhere, and is known of each access, of a killed program, too', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axi4_ram'))
  const way = ['--listen', '127.0.0.1:0', '--lane', 'grpc']
  const bridge = startTrapline(scratch, ['serve', '--config', config, ...way, '--show'])
  const [address] = await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
  const slow = await makeSlowWay(address)
  const killed = await trapline(scratch, ['run', '--bridge', slow, '--', host('stopwatch'), ...device, '7', 'die'])
  const [, p50] = /^7 accesses, p50 ([\d.]+) us, p99 [\d.]+ us per access$/.exec(killed.sentences.at(-1) ?? '') ?? []
  expect({ status: killed.status, isLong: Number(p50) > 2000 * delayMs }).toEqual({ status: 137, isLong: true })
  const script = `${host('threads')} ${device.join(' ')} 4 20; ${host('stopwatch')} ${device.join(' ')} 5 > /dev/null`
  const several = await trapline(scratch, ['run', '--bridge', address, '--', 'sh', '-c', script])
  bridge.kill('SIGTERM')
  const seen = (await bridge.ended).sentences.filter((sentence) => / (read|write) /.test(sentence)).length
  expect(seen).toBeGreaterThan(80)
  expect(several.sentences.at(-1)).toMatch(new RegExp(`^${seen - 7} accesses, p50 `))
})
