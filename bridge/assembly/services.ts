/** What a bridge offers to hosts, launchers and tools, on one address. */
import { createAgentService, toDeviceMessage, toHardwareMessages, transact } from '../control/agent-service.js'
import { createControlService } from '../control/control-service.js'
import { Gate } from '../control/gate.js'
import { startGrpcServer } from '../control/grpc-server.js'
import type { Listener } from '../control/listener.js'
import type { TransactStream } from '../control/transact-stream.js'
import { WatchService } from '../control/watch-service.js'
import type { DeviceMessage } from '../wire/attach-messages.js'
import type { Parts } from './parts.js'
import type { Foundation } from './foundation.js'

export interface Serving {
  server: Listener
  watches: WatchService
}

/** Resolves when hosts can come. */
export async function serve(foundation: Foundation, parts: Parts): Promise<Serving> {
  const { settings, directory, log } = foundation
  const { hostTime, memory, sessions, models, lines, lockstep, hardware } = parts
  const gate = new Gate(settings.token ?? '', log)
  const watches = new WatchService({
    ...{ ...foundation, memory, gate, directory: directory.path },
    sockets: () => hostTime.sockets,
  })
  const services = {
    agent: { ...makeAgentService(foundation, parts, { gate, watches }), watch: watches.watch },
    transact: (call: TransactStream) => transact({ sessions, gate }, call),
    control: createControlService({
      ...{ sessions, models, lines, lockstep, hardware, isOfOneRun: settings.hasOneRun ?? false },
      onStop: () => settings.onStop?.(),
    }),
  }
  await hostTime.listen()
  const address = settings.listen ?? `unix:${directory.socketPath}`
  const server = await startGrpcServer({ address, tls: settings.tls, gate, services }).catch((error) => {
    hostTime.close()
    memory.close()
    throw error
  })
  watches.listen(server)
  return { server, watches }
}

function makeAgentService(
  { settings, config, residents }: Foundation,
  parts: Parts,
  { gate, watches }: { gate: Gate; watches: WatchService },
) {
  const { hostTime, memory, sessions, models, monitor, hardware } = parts
  const messages = (): DeviceMessage[] =>
    hardware.told.flatMap((device) => {
      if (device.config.hardware) return toHardwareMessages(device, models.registerWidthOf(device))
      const connection = { ...hostTime.uio.connectionOf(device), ...hostTime.streams.connectionOf(device) }
      return { ...toDeviceMessage(device, models.shapeOf(device)), ...connection }
    })
  return createAgentService({
    ...{ sessions, gate, time: hostTime.message, callStacks: config.callStacks },
    hardwareRing: () => hardware.recorder?.name,
    devices: () => [...messages(), ...memory.messages],
    describeModels: () => models.describe(),
    publish: (reply) => residents?.publish(reply),
    onAttach: (pid, pidNamespace) => {
      monitor.noteAttach()
      settings.onAttach?.(pid)
      watches.noteCheckIn(pid, pidNamespace)
    },
  })
}
