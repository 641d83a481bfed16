/** What a test says of its bench: which configuration, and what is different for this test. */
import { isLaneName, laneNames } from '../config/lane-names.js'
import { loadConfig, parseConfig, type LoadedConfig } from '../config/load-config.js'
import { applyOverrides, type Overrides } from '../config/overrides.js'
import { TraplineError } from '../ground/errors.js'
import type { RecordingWishes } from '../run/recording.js'
import type { RegisteredDevice, RegistersOf } from './register-types.js'
import type { TraplineConfig } from '../config/schema.js'

/** What can be done with models before they are copied. */
export interface WarmBench {
  read(device: string, offset: bigint | number, widthBytes?: number): Promise<bigint>
  write(device: string, offset: bigint | number, value: bigint | number, widthBytes?: number): Promise<void>
  reg<Device extends RegisteredDevice>(device: Device): RegistersOf<Device>
  advance(cycles: bigint | number, model?: string): Promise<void>
  reset(model?: string, cycles?: bigint | number): Promise<void>
  cycle(model?: string): Promise<bigint>
  waitForInterrupt(line: string, options?: { model?: string; cycles?: number }): Promise<void>
}

export interface BenchSetup {
  /** A file, or what would be in it. `trapline.config.ts` or `.json` of the current directory when absent. */
  config?: string | TraplineConfig
  /** Models that take the place of others: `{ uart: 'uart_buggy' }`. */
  models?: Record<string, string>
  /** Verilog parameters: `{ Depth: 4 }`, or `{ 'uart.Depth': 4 }` where there are several models. */
  parameters?: Record<string, string | number | boolean>
  /**
   * Golden models to run beside models: `{ uart: 'uart_golden' }`. The test fails at the first access they differ in.
   */
  lockstep?: Record<string, string>
  /** Derived from the master seed and the test when absent. */
  seed?: number
  /** How accesses travel; as TRAPLINE_LANE says when absent. */
  lane?: Overrides['lane']
  /** Whose time the clocks of hosts follow. */
  time?: Overrides['time']
  /** Percent of cycles in which all bus channels are held back, or by channel. */
  stall?: number | Record<string, number>
  /** Models run in a sandbox. */
  sandbox?: boolean
  /** What programs do with devices and Trapline can't fails no test. */
  tolerant?: boolean
  /** Cycle budget of each handshake. */
  maxCycles?: number
  /** Waveforms of the whole test into this file (FST), failed or not. */
  trace?: string
  /** Counts what of the RTL is reached; files lie with the results. On for all tests with TRAPLINE_COVERAGE=1. */
  coverage?: boolean
  /**
   * Sets the models up once; each test then starts from a fork of what this leaves. Tests of one worker that name the
   * same function and the same models share it.
   */
  warmUp?: (bench: WarmBench) => Promise<void>
}

export interface BenchOptions extends BenchSetup {
  /** Ends host programs when the test is over before they are. */
  signal?: AbortSignal
  /** What is written beside the waveform of `trace`, and when that begins. */
  recording?: Omit<RecordingWishes, 'traceFile'>
  /** False: no golden model runs beside a model. */
  comparesGoldens?: boolean
}

/** Of all tests where the variable says so. */
export function countsCoverage({ coverage }: BenchSetup): boolean {
  return coverage ?? Boolean(process.env.TRAPLINE_COVERAGE)
}

export async function toLoadedConfig(setup: BenchSetup): Promise<LoadedConfig> {
  const overrides = toOverrides(setup)
  if (typeof setup.config !== 'object') return loadConfig(setup.config, overrides)
  const config = applyOverrides(parseConfig('the configuration of the test', setup.config), overrides)
  return { config, directory: process.cwd(), source: 'the configuration of the test' }
}

function toOverrides({
  models = {},
  parameters = {},
  lockstep = {},
  lane,
  seed,
  time,
  sandbox,
  tolerant,
  stall,
  maxCycles,
}: BenchSetup): Overrides {
  const stalls = typeof stall === 'number' ? [String(stall)] : toPairs(stall ?? {})
  return {
    model: toPairs(models),
    set: toPairs(parameters),
    lockstep: toPairs(lockstep),
    lane: lane ?? laneOfEnvironment(),
    seed,
    time,
    sandbox,
    tolerant,
    stall: stalls,
    maxCycles,
  }
}

/** `TRAPLINE_LANE`, as for `trapline run`. */
function laneOfEnvironment(): Overrides['lane'] {
  const { TRAPLINE_LANE: lane } = process.env
  if (lane === undefined || isLaneName(lane)) return lane
  throw new TraplineError('usage', `TRAPLINE_LANE is '${lane}'; it must be ${laneNames.join(' or ')}`)
}

function toPairs(record: Record<string, unknown>): string[] {
  return Object.entries(record).map(([key, value]) => `${key}=${String(value)}`)
}
