/**
 * A `trapline serve`, by each way on which a launcher can reach it, with a network in between that a test can break.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { credentials, Metadata, type ChannelCredentials } from '@grpc/grpc-js'
import { onTestFinished } from 'vitest'
import { connect } from './bridge-client.js'
import type { Authority, Certificate } from './certificates.js'
import { root } from './places.js'
import type { Scratch } from './scratch.js'
import { startTrapline, type Options, type Running } from './trapline.js'

export const ways = ['unix', 'tcp', 'tls'] as const
export type Way = (typeof ways)[number]

export interface Served {
  readonly way: Way
  readonly bridge: Running
  /** The process that is the network; undefined on a UNIX socket. */
  readonly relay: number | undefined
  /** Of the bridge itself, beside the network. */
  readonly address: string
  /** Starts a program, over the network or beside it. */
  start(program: string[], address?: string): Running
  /** How many processes the bridge knows. */
  countSessions(): Promise<number>
  endRelay(): void
}

const listenOn = { unix: [], tcp: ['--listen', '127.0.0.1:0'], tls: ['--listen', '127.0.0.1:0'] }
const printed = { unix: /^unix:.+$/m, tcp: /^127.+$/m, tls: /^127.+$/m }
export const token = 'correct-horse-battery'

export interface Identities {
  ca: Authority
  bridge: Certificate
  host: Certificate
}

export async function serve(scratch: Scratch, config: object, way: Way, identities: Identities): Promise<Served> {
  const isTrusting = way !== 'tls'
  const options: Options = { cwd: root, env: isTrusting ? {} : { TRAPLINE_TOKEN: token } }
  const flagsOf = ({ cert, key }: Certificate) =>
    isTrusting ? [] : ['--tls-cert', cert, '--tls-key', key, '--tls-ca', identities.ca.cert]
  const file = scratch.write('c.json', config)
  const flags = [...listenOn[way], ...flagsOf(identities.bridge)]
  const bridge = startTrapline(scratch, ['serve', '--config', file, ...flags], options)
  const [address] = await bridge.untilStdout(printed[way])
  const relay = way === 'unix' ? undefined : await startRelay(address)
  onTestFinished(() => {
    bridge.kill('SIGKILL')
    relay?.end()
  })
  const far = relay?.address ?? address
  const trust = isTrusting ? credentials.createInsecure() : toTrust(identities)
  return {
    way,
    bridge,
    address,
    relay: relay?.pid,
    start: (program, at = far) =>
      startTrapline(scratch, ['run', '--bridge', at, ...flagsOf(identities.host), '--', ...program], options),
    async countSessions() {
      const control = connect(address, 'ControlService', trust)
      const { sessions } = await control.call('getStatistics').finally(() => control.close())
      return sessions as number
    },
    endRelay: () => relay?.end(),
  }
}

async function startRelay(address: string) {
  const child = spawn(process.execPath, [join(root, 'test/support/relay.mjs'), ...address.split(':')])
  const port = await new Promise((resolve) => child.stdout.once('data', (line) => resolve(String(line).trim())))
  return { pid: child.pid, address: `127.0.0.1:${port}`, end: () => child.kill('SIGKILL') }
}

function toTrust({ ca, host }: Identities): ChannelCredentials {
  const [authority, key, cert] = [ca.cert, host.key, host.cert].map((file) => readFileSync(file))
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${token}`)
  return credentials.combineChannelCredentials(
    credentials.createSsl(authority, key, cert),
    credentials.createFromMetadataGenerator((_context, give) => give(null, metadata)),
  )
}
