/**
 * `AgentService`: processes check in and make accesses. Every message of `Transact` passes as bytes (see `wire.ts`),
 * so its method is defined here without protobuf.
 */
import { Metadata, status, type handleUnaryCall, type ServerDuplexStream } from '@grpc/grpc-js'
import type { MappedDevice } from '../map/address-map.js'
import type { Sessions } from '../access/sessions.js'
import { wrongToken, type Gate } from './gate.js'
import { toMessage } from '../ground/errors.js'
import { toPrintable } from '../ground/printable.js'
import { protocolVersion, version } from '../ground/version.js'
import type { DeviceMessage, TimeMessage } from '../wire/attach-messages.js'
import { excessOf } from '../wire/contract-limits.js'
import { attachReply } from './services.js'

interface AttachRequest {
  protocolVersion: number
  agentVersion: string
  pid: number
  exe: string
  token: string
  pidNamespace: string
}

/** Completions to a client that takes none. */
const mostUnread = 4_096
/** Of the path of a program, for people. */
const longestExe = 4_096

interface AttachReply extends TimeMessage {
  session: string
  devices: DeviceMessage[]
  takesBuildIds: boolean
}

export function toDeviceMessage(
  { handle, name, config }: MappedDevice,
  shape: { widthBytes: number; burstBytes: number },
): DeviceMessage {
  return {
    handle,
    name,
    kind: `DEVICE_KIND_${config.kind.toUpperCase()}`,
    path: config.path,
    base: String(config.base),
    size: String(config.size),
    onError: `ERROR_POLICY_${config.onError.toUpperCase()}`,
    ...shape,
  }
}

export interface AgentServiceSettings {
  sessions: Sessions
  /** In the order of their handles. */
  devices(): DeviceMessage[]
  time: TimeMessage
  gate: Gate
  /** Resolves when the devices' shapes are known; with the models of which they won't be. */
  describeModels(): Promise<ReadonlyMap<string, unknown>>
  /** A process has come; it is attached as soon as the models are described. */
  onAttach?(pid: number, pidNamespace: string): void
}

export function createAgentService({ sessions, devices, time, gate, ...settings }: AgentServiceSettings) {
  const attach: handleUnaryCall<AttachRequest, AttachReply> = (call, reply) => {
    const { request } = call
    const refuse = (code: status, details: string) => reply({ code, details })
    if (!gate.admits(request.token, call.getPeer())) return refuse(status.UNAUTHENTICATED, wrongToken)
    if (request.protocolVersion !== protocolVersion)
      return refuse(
        status.FAILED_PRECONDITION,
        `the agent (${request.agentVersion}) speaks protocol version ${request.protocolVersion}, but this bridge ` +
          `(${version}) speaks version ${protocolVersion}; use an agent and a bridge of one release`,
      )
    settings.onAttach?.(request.pid, request.pidNamespace)
    void admit(call, refuse, reply)
  }

  /** Every host is told the same of the devices, also one that comes while a model is built for the first time. */
  async function admit(
    call: Parameters<typeof attach>[0],
    refuse: (code: status, details: string) => void,
    reply: Parameters<typeof attach>[1],
  ): Promise<void> {
    const { request } = call
    const unknown = await settings.describeModels()
    if (call.cancelled) return
    try {
      const told = { devices: devices(), ...time, takesBuildIds: true }
      const excess = excessOf(attachReply, told)
      if (excess !== undefined) return refuse(status.INTERNAL, `agents can't be told ${excess}; say it shorter`)
      const session = sessions.attach(request.pid, toPrintable(request.exe, longestExe), unknown, request.pidNamespace)
      reply(null, { session: String(session.key), ...told })
    } catch (error) {
      refuse(status.RESOURCE_EXHAUSTED, toMessage(error))
    }
  }

  function transact(call: ServerDuplexStream<Buffer, Buffer>): void {
    const fail = (code: status, details: string) => call.emit('error', { code, details })
    const id = String(call.metadata.get('trapline-session')[0] ?? '')
    const session = sessions.find(id)
    if (!session || session.isTransacting) {
      const problem = session ? 'already has a Transact stream' : 'is not open'
      if (!session) gate.refuse(call.getPeer(), `session '${id}' is not open`)
      return void fail(status.FAILED_PRECONDITION, `session '${id}' ${problem}; Attach first`)
    }
    session.begin(
      (completion) => call.write(completion),
      (reason) => fail(status.DEADLINE_EXCEEDED, reason),
    )
    call.on('data', (access: Buffer) => {
      // What comes behind a bad access has nobody to be carried out for.
      const unread = call.writableLength > mostUnread ? `${mostUnread} completions were left unread` : undefined
      const problem = session.isOpen ? (unread ?? session.access(access)) : undefined
      if (problem === undefined) return
      fail(status.INVALID_ARGUMENT, problem)
      sessions.end(session)
    })
    call.on('end', () => {
      sessions.end(session)
      call.end()
    })
    call.on('cancelled', () => sessions.end(session))
    // Its connection may have ended before anybody listened.
    if (call.cancelled) return sessions.end(session)
    call.sendMetadata(new Metadata())
  }

  return { attach, transact }
}
