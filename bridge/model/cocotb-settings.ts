/**
 * What a simulation under cocotb is told: the file of TRAPLINE_MODEL, which `trapline.Bridge` reads, and that of
 * `trapline.simulate`, which starts it. Only texts; nobody else knows their keys.
 */
import type { Config } from '../config/schema.js'
import type { BuiltCocotb, CocotbRun } from '../cocotb/build-cocotb.js'
import type { CocotbClock, CocotbReset } from '../cocotb/cocotb-ports.js'
import type { modelFiles } from '../run/layout.js'
import type { ModelRecording } from '../run/recording.js'

export interface BenchSettings {
  name: string
  built: BuiltCocotb
  seed: number
  maxCycles: number
  minCyclesPerAccess: number
  /** Percent, by channel. */
  stall: Config['stall']
  recording: ModelRecording
}

type Files = ReturnType<typeof modelFiles>

export function toBenchSettings(settings: BenchSettings, files: Pick<Files, 'link' | 'rawLog'>): string {
  const { name, built, seed, maxCycles, minCyclesPerAccess, stall, recording } = settings
  const { clock, furtherClocks, reset, ports, managers, interrupts, inputs } = built.cocotb
  return JSON.stringify({
    ...{ name, link: files.link, seed, maxCycles, minCyclesPerAccess, stall },
    log: recording.writesLog ? files.rawLog : null,
    events: recording.eventsFile ?? null,
    trace: recording.traceFile ?? null,
    ...(clock && { clock: { port: clock.port, others: clock.others, periodPs: clock.periodPs } }),
    clocks: Object.fromEntries(furtherClocks.map((further) => [further.port, toFurtherClock(further)])),
    reset: reset ? toReset(reset) : null,
    ports,
    managers,
    ...(interrupts && { interrupts }),
    inputs,
  })
}

function toFurtherClock({ periodPs, phasePs, others, reset }: CocotbClock): object {
  return { periodPs, phasePs, others, reset: reset ? toReset(reset) : null }
}

function toReset({ port, active, others, cycles }: CocotbReset): object {
  return { port, active, others, ...(cycles !== undefined && { cycles }) }
}

export interface SimulateSettings {
  run: CocotbRun
  top: string
  seed: number
  workingDirectory: string
  traceFile: string | undefined
}

export function toSimulateSpec(
  { run, top, seed, workingDirectory, traceFile }: SimulateSettings,
  { results, verdict }: Pick<Files, 'results' | 'verdict'>,
): string {
  const { simulator, language, buildDir, parameters, buildArgs, testArgs, module, path, test } = run
  return JSON.stringify({
    ...{ simulator, top, language, buildDir, parameters, buildArgs, testArgs, module, path, seed, results, verdict },
    test: test ?? null,
    directory: workingDirectory,
    waves: traceFile ?? null,
  })
}
