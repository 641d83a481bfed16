/** Agent and bridge of different releases refuse each other over the real wire, naming both versions. */
import { Server, ServerCredentials, status as grpcStatus } from '@grpc/grpc-js'
import type { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { agentService } from '../../bridge/control/services.js'
import { connect } from '../support/bridge-client.js'
import { at, configOf } from '../support/configs.js'
import { agent } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

it('a bridge refuses an agent that speaks another version', async () => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'])
  const [address] = await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m)
  const rpc = connect(address, 'AgentService')
  await expect(rpc.call('attach', { protocolVersion: 2, agentVersion: '9.9.9', pid: 1 })).rejects.toMatchObject({
    code: grpcStatus.FAILED_PRECONDITION,
    details: expect.stringMatching(/agent \(9\.9\.9\) speaks protocol version 2, but this bridge .* speaks version 1/),
  })
  rpc.close()
  bridge.kill('SIGTERM')
  expect((await bridge.ended).status).toBe(0)
})

/** A bridge of some other release: refuses whoever attaches or watches. */
async function startForeignBridge(socket: string, details: string): Promise<Server> {
  const server = new Server()
  const refusal = { code: grpcStatus.FAILED_PRECONDITION, details }
  const attach = (_call: unknown, reply: (error: object) => void) => reply(refusal)
  const watch = (call: EventEmitter) => void call.emit('error', refusal)
  server.addService(agentService, { Attach: attach, Watch: watch, Transact: () => undefined })
  await new Promise<void>((resolve, reject) =>
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  )
  return server
}

const program = ['busybox', 'devmem', at(0)] as const

/** With our launcher, and with the agent alone, as in a container. */
it.each([
  [
    'a launcher',
    (scratch: Scratch, bridge: string) => trapline(scratch, ['run', '--bridge', bridge, '--', ...program]),
  ],
  [
    'an agent',
    async (scratch: Scratch, bridge: string) => {
      const env = { LD_PRELOAD: agent, TRAPLINE_BRIDGE: bridge, TRAPLINE_RUN_DIR: scratch.folder() }
      const { exitCode, stdout, stderr } = await execa(program[0], program.slice(1), { env, reject: false })
      return { status: exitCode, stdout, stderr }
    },
  ],
])('%s that is refused says why, and the host does not run without it', async (_name, run) => {
  const scratch = makeScratch()
  const socket = join(scratch.path, 'bridge.sock')
  const refusal = 'the agent speaks protocol version 1, but this bridge (9.9.9) speaks version 2'
  const server = await startForeignBridge(socket, refusal)
  const { status, stdout, stderr } = await run(scratch, `unix:${socket}`)
  server.forceShutdown()
  expect(stderr).toContain(refusal)
  expect(stdout).toBe('')
  expect(status).toBe(125)
})
