/** The way of accesses through a bridge: sessions, who may hold an answer back, and who looks on. */
import { Lockstep } from '../access/lockstep.js'
import { ModelTwin } from '../access/model-twin.js'
import { Monitor } from '../access/monitor.js'
import { PollAccelerator } from '../access/poll-accelerator.js'
import type { LaneWishes, WholeStrings } from '../access/session.js'
import { Sessions } from '../access/sessions.js'
import { CodeBlame } from '../access/blamed-code.js'
import { SoftwareNames } from '../access/software-names.js'
import { Symbolizer } from '../access/symbols.js'
import { Lint } from '../access/lint.js'
import type { MappedDevice } from '../map/address-map.js'
import { loadTwins } from '../model/golden-device.js'
import type { Lanes } from '../model/lanes.js'
import type { ModelPool } from '../model/model-pool.js'
import { namesOnBus } from '../registers/names-on-bus.js'
import { RegisterCounters } from '../registers/coverage.js'
import type { Foundation } from './foundation.js'

export interface AccessParts extends Observers {
  software: SoftwareNames
  sessions: Sessions
  polls: PollAccelerator | undefined
  lockstep: Lockstep
}

interface Observers {
  monitor: Monitor
  codeBlame: CodeBlame
  lint: Lint | undefined
  coverage: RegisterCounters | undefined
}

export async function makeAccesses(
  foundation: Foundation,
  models: ModelPool,
  lanes: Lanes | undefined,
): Promise<AccessParts> {
  const { settings, config, configDirectory, devices, registers, recording, log } = foundation
  const observers = makeObservers(foundation, models, lanes)
  const polls = config.pollAcceleration > 0 ? makePolls(config.pollAcceleration, lanes) : undefined
  const twins =
    settings.lockstep === false
      ? new Map<string, never>()
      : await loadTwins(config, configDirectory, (model) => namesOnBus(devices, registers, model))
  const besides = settings.lockstep === false ? [] : toModelTwins(foundation, models)
  const lockstep = new Lockstep(twins, besides, ({ sentence }) => settings.onModelFailure?.(sentence))
  const software = new SoftwareNames({
    ...{ codeBlame: observers.codeBlame, registers: foundation.registers },
    traces: (model) => recording.of(model).traceFile !== undefined && models.built(model)?.trace === true,
  })
  const sessions = new Sessions({
    ...{ devices, models, observer: observers.monitor, keepsSites: recording.writesLog },
    lanes: lanes && { files: lanes, wishes: toWishes(foundation, models) },
    hooks: { polls, software, ...((twins.size > 0 || besides.length > 0) && { lockstep }) },
    ...(twins.size + besides.length === 0 && { mayBeWhole: toWholeStrings(foundation, models) }),
    ...(settings.holdSeconds !== undefined && { holdSeconds: settings.holdSeconds }),
    onHeld: (sentence) => log.warn(sentence),
  })
  return { ...observers, software, sessions, polls, lockstep }
}

function makePolls(bound: number, lanes: Lanes | undefined): PollAccelerator {
  return new PollAccelerator(bound, lanes && (() => lanes.counts))
}

/**
 * Which strings may go to their model in one piece: those of which nobody wants to see the elements. The lint wants
 * them where they differ: those that are aligned, and no wider than the bus, are all alike.
 */
function toWholeStrings(
  { settings: { shows, lints, countsRegisters, onAccess }, registers }: Foundation,
  models: ModelPool,
): WholeStrings | undefined {
  if ((shows ?? false) || onAccess) return undefined
  return (device, { offset, widthBytes }) => {
    if ((lints || countsRegisters) && registers.of(device.name)) return false
    const busBytes = (models.portOf(device)?.dataWidth ?? 0) / 8
    return !lints || (offset % BigInt(widthBytes) === 0n && widthBytes <= busBytes)
  }
}

/** What is to be heard of accesses that pass by. */
function toWishes(
  { settings: { shows, lints, countsRegisters, onAccess }, registers }: Foundation,
  models: ModelPool,
): LaneWishes {
  const looksAtEach = (lints || countsRegisters) && registers.all.length > 0
  const registerBytesOf = (device: MappedDevice) => models.registerWidthOf(device)
  return { observesAll: (shows ?? false) || looksAtEach || onAccess !== undefined, ...(lints && { registerBytesOf }) }
}

/** Models of RTL, of any kind, that run beside models in use. */
function toModelTwins({ config }: Foundation, models: ModelPool): ModelTwin[] {
  return Object.entries(config.models).flatMap(([name, { lockstep }]) =>
    lockstep !== undefined && config.models[lockstep] ? [new ModelTwin(name, lockstep, models)] : [],
  )
}

function makeObservers(
  { settings, config, registers, log }: Foundation,
  models: ModelPool,
  lanes: Lanes | undefined,
): Observers {
  const { symbolizer = new Symbolizer(settings.hurry), onAccess } = settings
  const codeBlame = new CodeBlame(symbolizer, config.skipFrames)
  const widthsOf = (device: MappedDevice) => ({
    registerBytes: models.registerWidthOf(device),
    busBytes: (models.portOf(device)?.dataWidth ?? Infinity) / 8,
  })
  const lint = settings.lints ? new Lint(codeBlame, registers, widthsOf) : undefined
  const coverage = settings.countsRegisters ? new RegisterCounters(registers) : undefined
  const monitor = new Monitor(log, {
    ...{ codeBlame, lint, coverage, registers },
    shows: settings.shows ?? false,
    showsCode: config.callStacks ?? false,
    protocolOf: (device) => models.portOf(device)?.protocol,
    heldClocksOf: (device) => models.built(device.config.model)?.heldClocks ?? [],
    ...(lanes && { passedBy: () => lanes.counts }),
    ...(onAccess && { onAccess: (pending) => onAccess.call(settings, pending) }),
  })
  return { monitor, codeBlame, lint, coverage }
}
