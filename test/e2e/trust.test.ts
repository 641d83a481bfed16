/**
 * A bridge that others can reach lets nobody in who does not belong, tells them nothing, and notes each attempt once.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { credentials, Metadata } from '@grpc/grpc-js'
import { expect, it, onTestFinished } from 'vitest'
import { connect, openHost, type Message } from '../support/bridge-client.js'
import { makeAuthority, type Authority, type Certificate } from '../support/certificates.js'
import { at, configOf, sampleModel } from '../support/configs.js'
import { processesOf } from '../support/leftovers.js'
import { host, root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

const token = 'correct-horse-battery'
const model = sampleModel('axil_regs', { Id: "32'hcafe0001" })

function toFlags({ cert, key }: Certificate, ca: Authority): string[] {
  return ['--tls-cert', cert, '--tls-key', key, '--tls-ca', ca.cert]
}

interface Served {
  scratch: Scratch
  ca: Authority
  /** On loopback, where the certificate's names lead. */
  address: string
  /** Ends the bridge; what it said about those who were refused, without their ports. */
  refusals(): Promise<string[]>
}

/** A bridge that every interface of the machine leads to. */
async function serve(): Promise<Served> {
  const scratch = makeScratch()
  const ca = makeAuthority(scratch)
  const config = scratch.write('c.json', configOf(model))
  const listen = ['--listen', '0.0.0.0:0', ...toFlags(ca.sign('bridge'), ca)]
  const bridge = startTrapline(scratch, ['serve', '--config', config, ...listen], { env: { TRAPLINE_TOKEN: token } })
  onTestFinished(async () => {
    bridge.kill('SIGTERM')
    await bridge.ended
  })
  const [, port] = await bridge.untilStdout(/^0\.0\.0\.0:(\d+)$/m)
  const refusals = async () => {
    bridge.kill('SIGTERM')
    const { status, sentences } = await bridge.ended
    expect(status).toBe(0)
    const refused = sentences.filter((sentence) => sentence.startsWith('refused '))
    return refused.map((sentence) => sentence.replace(/^(refused 127\.0\.0\.1):\d+/, '$1'))
  }
  return { scratch, ca, address: `127.0.0.1:${port}`, refusals }
}

function run({ scratch, address, ca }: Served, who: Certificate, options: { token?: string; program?: string[] } = {}) {
  const { program = ['busybox', 'devmem', at(4), '32'] } = options
  const env = { TRAPLINE_TOKEN: options.token ?? token }
  return trapline(scratch, ['run', '--bridge', address, ...toFlags(who, ca), '--', ...program], { env })
}

/** Bytes that the bridge sends to whoever connects so and says nothing, until it closes the connection. */
async function bytesFor(address: string, options: ConnectionOptions): Promise<number> {
  const [hostname, port] = address.split(':')
  const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false, ...options })
  let count = 0
  socket.on('data', (bytes) => (count += bytes.length)).on('error', () => undefined)
  await new Promise((resolve) => socket.on('close', resolve))
  return count
}

function load({ cert, key }: Certificate): ConnectionOptions {
  return { cert: readFileSync(cert), key: readFileSync(key) }
}

it('of all that runs for a bridge, only the host has the token', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf(model))
  const env = { TRAPLINE_TOKEN: token }
  const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'], { env })
  const [address] = await bridge.untilStdout(/^127.*$/m)
  const program = ['sh', '-c', `busybox devmem ${at(4)}; echo "$TRAPLINE_TOKEN"; exec sleep 1000`]
  const run = startTrapline(scratch, ['run', '--bridge', address, '--', ...program], { env })
  await run.untilStdout(new RegExp(`^${token}$`, 'm'))
  const others = processesOf(bridge.temporary).filter(({ pid }) => pid !== bridge.pid)
  expect(others.map(({ executable }) => executable)).toContainEqual(expect.stringMatching(/\/model$/))
  expect(others.filter(({ pid }) => readFileSync(`/proc/${pid}/environ`).includes(token))).toEqual([])
  for (const { kill, ended } of [run, bridge]) {
    kill('SIGTERM')
    await ended
  }
})

it('hosts with certificate and token work, children and all', async () => {
  const served = await serve()
  const script = `busybox devmem ${at(0)} 32 0x5eed; busybox devmem ${at(0)} 32; busybox devmem ${at(4)} 32`
  const ended = await run(served, served.ca.sign('host'), { program: ['sh', '-ec', script] })
  expect(ended).toMatchObject({ status: 0, stdout: '0x00005EED\n0xCAFE0001\n' })
  expect(ended.sentences).toEqual([expect.stringMatching(/^3 accesses, p50 /)])
  expect(await served.refusals()).toEqual([])
})

it('nothing is told to who shows no valid certificate', async () => {
  const { ca, scratch, address, refusals } = await serve()
  const stranger = makeAuthority(scratch, 'stranger')
  expect(await bytesFor(address, {})).toBe(0)
  expect(await bytesFor(address, load(ca.sign('late', 0)))).toBe(0)
  expect(await bytesFor(address, load(stranger.sign('forged')))).toBe(0)
  expect(await refusals()).toEqual([
    'refused 127.0.0.1: it shows no certificate',
    'refused 127.0.0.1: its certificate (late) is not valid: CERT_HAS_EXPIRED',
    expect.stringMatching(/^refused 127\.0\.0\.1: its certificate \(forged\) is not valid: UNABLE_TO_/),
  ])
})

it('nothing is told to who speaks no TLS', async () => {
  const { address, refusals } = await serve()
  const [hostname, port] = address.split(':')
  const socket = connectPlain({ host: hostname, port: Number(port) })
  let answer = Buffer.alloc(0)
  socket.on('data', (bytes) => (answer = Buffer.concat([answer, bytes]))).on('error', () => undefined)
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  await new Promise((resolve) => socket.on('close', resolve))
  expect(answer.length).toBeLessThan(16) // at most an alert of TLS
  expect(await refusals()).toEqual([expect.stringMatching(/^refused 127\.0\.0\.1: no TLS connection: /)])
})

it.each([
  ['TLS 1.3', { minVersion: 'TLSv1.3' }, 'data'],
  ['TLS 1.2 with an AEAD cipher', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, 'data'],
  [
    'TLS 1.2 with CBC',
    { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA' },
    'refused',
  ],
  ['TLS 1.2 without forward secrecy', { maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, 'refused'],
  ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, 'refused'],
] as [string, ConnectionOptions, string][])('a client that speaks %s', async (_name, options, answer) => {
  const { ca, address, refusals } = await serve()
  const [hostname, port] = address.split(':')
  const who = { ...load(ca.sign('host')), ca: readFileSync(ca.cert) }
  const socket = connectTls({ host: hostname, port: Number(port), ALPNProtocols: ['h2'], ...who, ...options })
  const first = await new Promise((resolve) => {
    socket.once('data', () => resolve('data')).once('error', () => resolve('refused'))
  })
  socket.destroy()
  expect(first).toBe(answer)
  const noted = answer === 'data' ? [] : [expect.stringMatching(/^refused 127\.0\.0\.1: no TLS connection: /)]
  expect(await refusals()).toEqual(noted)
})

it('certificates of make-certificates.sh serve a bridge and its hosts; no host can pose as the bridge', async () => {
  const scratch = makeScratch()
  execFileSync(join(root, 'docker/make-certificates.sh'), [scratch.path])
  const config = scratch.write('c.json', configOf(model))
  const filesOf = (name: string) =>
    Object.entries({ cert: `${name}.pem`, key: `${name}.key`, ca: 'ca.pem' }).flatMap(([flag, file]) => [
      `--tls-${flag}`,
      join(scratch.path, file),
    ])
  const env = { TRAPLINE_TOKEN: token }
  const served = (name: string) => {
    const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0', ...filesOf(name)], {
      env,
    })
    onTestFinished(async () => {
      bridge.kill('SIGTERM')
      await bridge.ended
    })
    return bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
  }
  const runOn = (address: string) =>
    trapline(scratch, ['run', '--bridge', address, ...filesOf('host'), '--', 'busybox', 'devmem', at(4), '32'], { env })
  const [bridge] = await served('bridge')
  expect(await runOn(bridge)).toMatchObject({ status: 0, stdout: '0xCAFE0001\n' })
  const [impostor] = await served('host')
  const ended = await runOn(impostor)
  expect(ended).toMatchObject({ status: 125, stdout: '' })
  expect(ended.sentences).toEqual([expect.stringMatching(/can't be used: unsuitable certificate purpose$/)])
})

it('who connects and says nothing does not keep the bridge', async () => {
  const { address, refusals } = await serve()
  const [hostname, port] = address.split(':')
  const socket = connectPlain({ host: hostname, port: Number(port) }).on('error', () => undefined)
  await new Promise((resolve) => socket.on('connect', resolve))
  const closed = new Promise((resolve) => socket.on('close', resolve))
  expect(await refusals()).toEqual([])
  await closed
})

it('who goes away in the middle of a handshake is noted, too', async () => {
  const { address, refusals } = await serve()
  const [hostname, port] = address.split(':')
  const socket = connectPlain({ host: hostname, port: Number(port) })
  await new Promise((resolve) => socket.on('connect', resolve))
  socket.destroy()
  // The bridge has heard of the first one's end when it greets the second.
  expect(await bytesFor(address, {})).toBe(0)
  expect((await refusals()).sort()).toEqual([
    'refused 127.0.0.1: it shows no certificate',
    'refused 127.0.0.1: no TLS connection: it went away',
  ])
})

it('a run without TLS is told what may be missing', async () => {
  const { scratch, address, refusals } = await serve()
  const ended = await trapline(scratch, ['run', '--bridge', address, '--', 'echo', 'started'])
  expect(ended).toMatchObject({ status: 125, stdout: '' })
  expect(ended.sentences).toEqual([
    expect.stringMatching(/can't be used: it closed the connection, and its log says why; it may want TLS/),
  ])
  expect(await refusals()).toEqual([expect.stringMatching(/^refused 127\.0\.0\.1: no TLS connection: /)])
})

it.each([
  ['a certificate that has expired', 0, token, /is not valid: CERT_HAS_EXPIRED$/, /it closed the connection|socket/],
  ['no token', 1, '', /: it shows no token$/, /token is not the one of this bridge; set TRAPLINE_TOKEN to it$/],
  ['another token', 1, 'guess', /: its token is not the one of this bridge$/, /token is not the one of this bridge/],
])('a run with %s ends before its program starts', async (_name, days, shown, refusal, sentence) => {
  const served = await serve()
  const ended = await run(served, served.ca.sign('host', days), { token: shown, program: ['echo', 'started'] })
  expect(ended).toMatchObject({ status: 125, stdout: '' })
  expect(ended.sentences).toEqual([expect.stringMatching(sentence)])
  expect(await served.refusals()).toEqual([expect.stringMatching(refusal)])
})

it('without the token no call of any service is answered', async () => {
  const { ca, address, refusals } = await serve()
  const { cert, key } = ca.sign('host')
  const files = [ca.cert, key, cert].map((file) => readFileSync(file))
  const tls = credentials.createSsl(...(files as [Buffer, Buffer, Buffer]))
  const control = connect(address, 'ControlService', tls)
  const agent = connect(address, 'AgentService', tls)
  onTestFinished(() => [control, agent].forEach((rpc) => rpc.close()))
  const refused = { code: 16, details: expect.stringContaining('set TRAPLINE_TOKEN') }
  await expect(control.call('list')).rejects.toMatchObject(refused)
  for (const shown of ['Bearer guess', token.slice(0, -1)])
    await expect(callWith(control.client, shown)).rejects.toMatchObject(refused)
  await expect(agent.call('attach', { protocolVersion: 1 })).rejects.toMatchObject(refused)
  for (const path of ['/grpc.health.v1.Health/Check', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'])
    await expect(callRaw(control.client, path)).rejects.toMatchObject(refused)
  for (const session of ['1', '0', '', '-1']) {
    const guess = new Metadata()
    guess.set('trapline-session', session)
    await expect(endOf(agent.client.transact(guess))).rejects.toMatchObject({ code: 9 })
  }
  const { devices } = await callWith(control.client, `Bearer ${token}`)
  expect(devices).toHaveLength(1)
  expect((await refusals()).map((sentence) => sentence.replace(/^.*?: /, ''))).toEqual([
    'it shows no token',
    ...Array<string>(2).fill('its token is not the one of this bridge'),
    ...Array<string>(3).fill('it shows no token'),
    ...['1', '0', '', '-1'].map((session) => `session '${session}' is not open`),
  ])
})

function callWith(client: Message, authorization: string): Promise<Message> {
  const metadata = new Metadata()
  metadata.set('authorization', authorization)
  return new Promise((resolve, reject) =>
    client.list({}, metadata, (error: Error | null, reply: Message) => (error ? reject(error) : resolve(reply))),
  )
}

function callRaw(client: Message, path: string): Promise<unknown> {
  const same = (bytes: Buffer) => bytes
  return endOf(client.makeBidiStreamRequest(path, same, same))
}

function endOf(stream: Message): Promise<unknown> {
  return new Promise((resolve, reject) => stream.on('error', reject).on('end', resolve).on('data', resolve))
}

it('on a UNIX socket a token is asked for as well, and a number of a session is not to be guessed', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf(model))
  const bridge = startTrapline(scratch, ['serve', '--config', config], { env: { TRAPLINE_TOKEN: token } })
  onTestFinished(async () => {
    bridge.kill('SIGTERM')
    await bridge.ended
  })
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const control = connect(address, 'ControlService')
  const [one, other] = [await openHost(address, token), await openHost(address, token)]
  onTestFinished(() => [control, one, other].forEach((peer) => peer.close()))
  await expect(control.call('list')).rejects.toMatchObject({ code: 16 })
  const [a, b] = [one, other].map(({ attached }) => BigInt(attached.session))
  expect((a as bigint) > 2n ** 32n && (b as bigint) > 2n ** 32n && a !== b).toBe(true)
  bridge.kill('SIGTERM')
  expect((await bridge.ended).sentences).toContain('refused a process on the UNIX socket: it shows no token')
})

it.each([
  ['no files', [], token, /only loopback is allowed without TLS and token/],
  ['no token', 'all', '', /only loopback is allowed without TLS and token/],
  ['half the files', ['--tls-cert', '/dev/null'], token, /give --tls-key and --tls-ca too$/],
  [
    'files that are none',
    Array.from(['cert', 'key', 'ca'], (name) => [`--tls-${name}`, '/dev/null']).flat(),
    token,
    /PEM/,
  ],
  ['a token with a space', 'all', 'two words', /^TRAPLINE_TOKEN: a token has 1 to 255 printable/],
])('%s: nothing is listened to', async (_name, flags, shown, sentence) => {
  const scratch = makeScratch()
  const ca = makeAuthority(scratch)
  const config = scratch.write('c.json', configOf(model))
  const tls = flags === 'all' ? toFlags(ca.sign('bridge'), ca) : (flags as string[])
  const ended = await trapline(scratch, ['serve', '--config', config, '--listen', '0.0.0.0:0', ...tls], {
    env: { TRAPLINE_TOKEN: shown },
  })
  expect(ended).toMatchObject({ status: 125, stdout: '', sentences: [expect.stringMatching(sentence)] })
})

it('a bridge whose certificate names another host is not trusted', async () => {
  const served = await serve()
  const elsewhere = { ...served, address: served.address.replace('127.0.0.1', '127.0.0.2') }
  const ended = await run(elsewhere, served.ca.sign('host'), { program: [host('uio_wait')] })
  expect(ended.status).toBe(125)
  expect(ended.sentences).toEqual([expect.stringMatching(/can't be used: .*127\.0\.0\.2/)])
  await served.refusals()
})
