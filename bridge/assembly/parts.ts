/** The parts of a bridge: made one after the other, then told of each other. */
import { DmaFaults } from '../access/dma-faults.js'
import type { DmaMemory } from '../access/dma-memory.js'
import { InterruptLines } from '../model/interrupt-lines.js'
import type { Lanes } from '../model/lanes.js'
import type { ModelPool } from '../model/model-pool.js'
import { HostTime } from '../time/host-time.js'
import { decodeCompletion } from '../wire/wire.js'
import { makeAccesses, type AccessParts } from './accesses.js'
import { makeHardware } from './hardware.js'
import { makeModels } from './models.js'
import type { Foundation } from './foundation.js'
import type { RealDevices } from './real-devices.js'

export interface Parts extends AccessParts {
  memory: DmaMemory
  lanes: Lanes | undefined
  dmaFaults: DmaFaults
  models: ModelPool
  lines: InterruptLines
  hostTime: HostTime
  hardware: RealDevices
}

/** Each knows those that were made before it. What they have to tell those that come later waits for `connect`. */
export async function makeParts(foundation: Foundation): Promise<Parts> {
  const { settings, log } = foundation
  const { models, memory, lanes } = makeModels(foundation)
  const dmaFaults = new DmaFaults(log, (model) => memory.describe(model))
  const accesses = await makeAccesses(foundation, models, lanes)
  const hostTime = new HostTime({
    ...{ ...foundation, ...accesses, models },
    onDeadlock: (sentence) => settings.onDeadlock?.(sentence),
  })
  const hardware = makeHardware(foundation, accesses, (model) => hostTime.noteUse(model))
  return { ...accesses, memory, lanes, dmaFaults, models, lines: new InterruptLines(), hostTime, hardware }
}

/** Before anything starts or listens. */
export function connect({ settings, log }: Foundation, parts: Parts): void {
  const { models, lines, sessions, hostTime, dmaFaults, hardware } = parts
  models.listen({
    onOutput: (model, line) => {
      if (settings.onModelOutput) settings.onModelOutput(model, line)
      else log.info(`${model}: ${line}`)
    },
    onInterrupt: (model, line, level) => {
      lines.note(model, line, level)
      hostTime.uio.change(model, line, level)
      settings.onInterrupt?.(model, line, level)
    },
    onStreamReadable: (model, stream) => hostTime.streams.change(model, stream),
    onDmaFault: (model, fault) => dmaFaults.note(model, fault),
    onObserved: ({ session, access, completion }) => sessions.observe(session, access, completion),
    // Hosts may be waiting for its time.
    onStart: () => hostTime.clock.resume(),
    onEnd: ({ name }, { cause }) => {
      lines.forget(name)
      if (cause) settings.onModelFailure?.(cause)
    },
  })
  sessions.listen({
    onUse: (model) => hostTime.noteUse(model),
    onEnd: (session) => hardware.recorder?.noteEnd(session),
    onStreamAnswer: (device, completion) =>
      hostTime.streams.noteAnswer(device, decodeCompletion(completion).isReadable),
  })
}
