/**
 * `AgentService`: processes check in and make accesses. Every message of `Transact` passes as bytes (see `wire.ts`),
 * on a stream that is not grpc-js's.
 */
import { status, type handleUnaryCall } from '@grpc/grpc-js'
import { portsPath } from '../ground/ports-path.js'
import { memoryPath, placesOf, type MappedDevice } from '../map/address-map.js'
import type { Sessions } from '../access/sessions.js'
import { wrongToken, type Gate } from './gate.js'
import { toMessage } from '../ground/errors.js'
import { toPrintable } from '../ground/printable.js'
import { protocolVersion, version } from '../ground/version.js'
import type { DeviceMessage, TimeMessage } from '../wire/attach-messages.js'
import { excessOf } from '../wire/contract-limits.js'
import { attachReply } from './services.js'
import type { TransactStream } from './transact-stream.js'

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
/** Bytes of a program's path that are kept, for people. */
const longestExe = 4_096

interface AttachReply extends TimeMessage {
  session: string
  devices: DeviceMessage[]
  takesBuildIds: boolean
  callStacks: string
  /** The file by which accesses to real devices are told; empty: there are none. */
  hardwareRing: string
  /** Counted from 1; 0: none. */
  laneSlot: number
  laneSession: number
}

type TransferShape = Pick<DeviceMessage, 'widthBytes' | 'burstBytes' | 'stringBytes'>

/** A real device is there by its own file and, if it has a physical address, by /dev/mem. */
export function toHardwareMessages({ handle, name, config }: MappedDevice, widthBytes: number): DeviceMessage[] {
  const shape = { widthBytes, burstBytes: 0, stringBytes: 0 }
  const own = { ...toDeviceMessage({ handle, name, config }, shape), hardware: true }
  const offset = { hardwareOffset: String(config.hardware?.offset ?? 0n) }
  return placesOf(config).map(({ path, base }) => ({
    ...{ ...own, ...offset, path, base: String(base) },
    kind: kindsOfPaths[path] ?? (config.hardware?.uio ? 'DEVICE_KIND_HARDWARE_UIO' : own.kind),
  }))
}

const kindsOfPaths: Record<string, string> = { [memoryPath]: 'DEVICE_KIND_MEM', [portsPath]: 'DEVICE_KIND_PORT' }

export function toDeviceMessage({ handle, name, config }: MappedDevice, shape: TransferShape): DeviceMessage {
  return {
    handle,
    name,
    kind: `DEVICE_KIND_${config.kind.toUpperCase()}`,
    path: config.path,
    base: String(config.base),
    size: String(config.size),
    onError: `ERROR_POLICY_${config.onError.toUpperCase()}`,
    posted: config.posted ?? false,
    ...shape,
  }
}

export interface AgentServiceSettings {
  sessions: Sessions
  /** All devices, in the order of their handles. */
  devices(): DeviceMessage[]
  time: TimeMessage
  /** Of the configuration. */
  callStacks: boolean | undefined
  /** The name of the file by which accesses to real devices are told, if there are some. */
  hardwareRing(): string | undefined
  gate: Gate
  /** Resolves when the devices' shapes are known; with the models of which they won't be. */
  describeModels(): Promise<ReadonlyMap<string, unknown>>
  /** What every process is told, as an AttachReply that has nothing of a session. */
  publish(reply: Buffer): void
  /** A process has come; it is attached as soon as the models are described. */
  onAttach?(pid: number, pidNamespace: string): void
}

type Attach = handleUnaryCall<AttachRequest, AttachReply>
type AttachCall = Parameters<Attach>[0]
type Refuse = (code: status, details: string) => void

export function createAgentService(settings: AgentServiceSettings) {
  return {
    attach: ((call, reply) => attach(settings, call, reply)) satisfies Attach,
  }
}

function attach(settings: AgentServiceSettings, call: AttachCall, reply: Parameters<Attach>[1]): void {
  const { request } = call
  const refuse: Refuse = (code, details) => reply({ code, details })
  if (!settings.gate.admits(request.token, call.getPeer())) return refuse(status.UNAUTHENTICATED, wrongToken)
  if (request.protocolVersion !== protocolVersion)
    return refuse(
      status.FAILED_PRECONDITION,
      `the agent (${request.agentVersion}) speaks protocol version ${request.protocolVersion}, but this bridge ` +
        `(${version}) speaks version ${protocolVersion}; use an agent and a bridge of one release`,
    )
  settings.onAttach?.(request.pid, request.pidNamespace)
  void admit(settings, call, refuse).then((admitted) => admitted && reply(null, admitted))
}

function toCallStacks(wanted: boolean | undefined): string {
  if (wanted === undefined) return 'CALL_STACKS_BY_GRPC'
  return wanted ? 'CALL_STACKS_ALL' : 'CALL_STACKS_UNSPECIFIED'
}

/** Every host is told the same of the devices, also one that comes while a model is built for the first time. */
async function admit(
  { sessions, devices, time, callStacks, hardwareRing, describeModels, publish }: AgentServiceSettings,
  call: AttachCall,
  refuse: Refuse,
): Promise<AttachReply | undefined> {
  const { pid, exe, pidNamespace } = call.request
  const unknown = await describeModels()
  if (call.cancelled) return undefined
  try {
    const session = sessions.attach({ pid, exe: toPrintable(exe, longestExe), pidNamespace, unknown })
    const stacks = toCallStacks(callStacks)
    const common = {
      ...time,
      takesBuildIds: true,
      callStacks: stacks,
      hardwareRing: hardwareRing() ?? '',
      devices: devices(),
    }
    const answer = {
      ...{ ...common, session: String(session.key) },
      devices: common.devices.map((device) => ({ ...device, lane: session.laneFileOf(device.handle) ?? '' })),
      ...{ laneSlot: (session.lane?.slot ?? -1) + 1, laneSession: session.id },
    }
    const excess = excessOf(attachReply, answer)
    if (excess === undefined) {
      publish(Buffer.from(attachReply.encode(attachReply.fromObject(common)).finish()))
      return answer
    }
    sessions.end(session)
    return void refuse(status.INTERNAL, `agents can't be told ${excess}; say it shorter`)
  } catch (error) {
    refuse(status.RESOURCE_EXHAUSTED, toMessage(error))
    return undefined
  }
}

/** The way of the accesses of a session that was attached. */
export function transact(
  { sessions, gate }: Pick<AgentServiceSettings, 'sessions' | 'gate'>,
  call: TransactStream,
): void {
  const session = sessions.find(call.key)
  if (!session || session.isTransacting) {
    const problem = session ? 'already has a Transact stream' : 'is not open'
    if (!session) gate.refuse(call.peer, `session '${call.key}' is not open`)
    return call.fail(status.FAILED_PRECONDITION, `session '${call.key}' ${problem}; Attach first`)
  }
  session.begin(
    (completion) => call.send(completion),
    (reason) => call.fail(status.DEADLINE_EXCEEDED, reason),
  )
  call.onMessage = (access) => {
    const unread = call.unsent > mostUnread ? `${mostUnread} completions were left unread` : undefined
    const problem = session.isOpen ? (unread ?? session.access(access)) : undefined
    if (problem === undefined) return
    // What comes behind a bad access has nobody to be carried out for.
    call.fail(status.INVALID_ARGUMENT, problem)
    sessions.end(session)
  }
  call.onEnd = () => sessions.end(session)
  call.begin()
}
