/** What one client can take of a bridge is limited. */
import { connect as connectSocket, type Socket } from 'node:net'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startBridge, type Bridge } from '../../../bridge/bridge.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { connect, openHost } from '../../support/bridge-client.js'
import { fakeBuild } from '../../support/fake-build.js'
import { openScratch, removeScratch, type Scratch } from '../../support/scratch.js'

const config = parseConfig('f.json', {
  models: { gpio: { top: 'gpio', sources: ['gpio.sv'] } },
  devices: { gpio0: { kind: 'mem', base: 0, size: 64, model: 'gpio' } },
})

let scratch: Scratch
let bridge: Bridge
let lines: string[] = []
const sockets: Socket[] = []

beforeEach(async () => {
  scratch = openScratch()
  lines = []
  const log = pino({}, { write: (record: string) => void lines.push((JSON.parse(record) as { msg: string }).msg) })
  const settings = { config, configDirectory: '/', listen: '127.0.0.1:0', log, build: fakeBuild(scratch) }
  bridge = await startBridge(settings)
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await bridge[Symbol.asyncDispose]()
  removeScratch(scratch)
})

/** What comes first on a new connection: data, or its end. */
async function greet(): Promise<'data' | 'close'> {
  const socket = connectSocket(Number(bridge.address.split(':')[1]), '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  return new Promise((resolve) => socket.once('data', () => resolve('data')).once('close', () => resolve('close')))
}

it('a message of more than 128 KiB is refused, and the connection goes on', async () => {
  const agent = connect(bridge.address, 'AgentService')
  const request = { protocolVersion: 1, pid: 1, exe: 'x'.repeat(128 * 1024) }
  await expect(agent.call('attach', request)).rejects.toMatchObject({ code: 8 })
  expect(await agent.call('attach', { ...request, exe: '/bin/true' })).toHaveProperty('devices')
  agent.close()
})

it('connections beyond 2048 are closed, each with a line; who is there stays', async () => {
  const early = await openHost(bridge.address)
  const answers: string[] = []
  // In small groups: the kernel's own queue of new connections is limited, too.
  for (let group = 0; group < 41; group++) answers.push(...(await Promise.all(Array.from({ length: 50 }, greet))))
  expect(answers.filter((answer) => answer === 'close')).toHaveLength(3)
  expect(lines.map((line) => line.replace(/:\d+:/, ':'))).toEqual(
    Array<string>(3).fill('refused 127.0.0.1: there are 2048 connections already'),
  )
  expect(await early.access({})).toMatchObject({ status: 'STATUS_OKAY' })
  early.close()
})
