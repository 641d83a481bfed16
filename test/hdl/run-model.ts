/**
 * Builds a model as the bridge does and runs its process alone, so that a test sees what the process says and how it
 * ends. Builds go to the user's cache: a second run of the tests compiles nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { type Access, type Completion, fromValue, toValue } from '../../bridge/wire/access.js'
import {
  decodeCompletion,
  encodeAccess,
  type DmaFault,
  type DmaRequest,
  type Fault,
  type InterruptChange,
} from '../../bridge/wire/wire.js'
import { configSchema, type VerilatorInput } from '../../bridge/config/schema.js'
import { verilatorModels } from '../../bridge/config/used-models.js'
import { type BuiltModel, buildModel } from '../../bridge/verilate/build-model.js'
import { ModelLink } from '../../bridge/model/model-link.js'
import { cacheDirectory, packageDirectory } from '../../bridge/ground/paths.js'

export const buildTimeoutMs = 600_000

const samples = join(packageDirectory, 'hdl', 'models')
const cores = join(import.meta.dirname, 'cores')

/** Samples and test cores that are more than one module. */
const partsOf: Record<string, string[]> = {
  axil_uart16550: ['uart16550_line'],
  native_buses: ['native_memory'],
  avalon_agents: ['native_memory', 'avalon_memory'],
  blocks: ['register_block', 'register_bank'],
}

type ModelInput = VerilatorInput

interface BuildSettings {
  inputs?: ModelInput['inputs']
  interrupts?: string[]
  /** All buses to be driven, if there are more than one. */
  ports?: ModelInput['ports']
  clock?: ModelInput['clock']
  /** Their periods are those of a run. */
  clocks?: ModelInput['clocks']
  verilatorArgs?: ModelInput['verilatorArgs']
  loopback?: ModelInput['loopback']
  trace?: boolean
}

/** A module of hdl/models or test/hdl/cores; the sample devices are there for the test cores to use. */
export async function buildCore(
  top: string,
  parameters: ModelInput['parameters'] = {},
  { trace = false, ...keys }: BuildSettings = {},
): Promise<BuiltModel> {
  const sample = join(samples, `${top}.sv`)
  const home = existsSync(sample) ? samples : cores
  const parts = (partsOf[top] ?? []).map((name) => join(home, `${name}.sv`))
  const sources = existsSync(sample)
    ? [...parts, sample]
    : [join(samples, 'axil_ram.sv'), join(samples, 'axi4_ram.sv'), ...parts, join(cores, `${top}.sv`)]
  const models = {
    core: { top, sources, parameters, ...keys },
  }
  const model = verilatorModels(configSchema.parse({ models, devices: {} }).models).core
  if (!model) throw new Error('the configuration lost its model')
  return buildModel(model, { name: top, configDir: packageDirectory, trace, cacheDir: cacheDirectory() })
}

export interface RunSettings {
  maxCycles?: number
  minCycles?: number
  resetCycles?: number
  periodPs?: number
  /** Of further clocks: period, phase, cycles of reset; those of the build's configuration if not said. */
  clocks?: [number, number, number][]
  seed?: number
  /** Writes an access log, and a waveform where the build can. */
  records?: boolean
  deviceSize?: number
  /** Which the device lies on; the first if not said. */
  port?: number
  /** Percent, for all channels or for some. */
  stall?: number | Record<string, number>
}

export interface Outcome {
  status: number | null
  output: string
  fault: Fault | undefined
}

/** Starts the model with one session, 1, and one device, `dut`, at bus address 0; ends it with the test. */
export async function runCore(built: BuiltModel, settings: RunSettings = {}): Promise<RunningCore> {
  const core = new RunningCore(built, settings)
  onTestFinished(() => core.close())
  await core.openSession(1, settings.deviceSize, settings.port)
  return core
}

export class RunningCore {
  readonly directory = mkdtempSync(join(tmpdir(), 'trapline-hdl-'))
  readonly trace = join(this.directory, 'wave.fst')
  readonly ended: Promise<Outcome>
  readonly #log = join(this.directory, 'access.jsonl')
  readonly #child: ChildProcess
  readonly #link: ModelLink
  #fault: Fault | undefined
  #seq = 0n
  /** What the interrupt lines have done. */
  readonly interrupts: InterruptChange[] = []
  readonly dmaFaults: DmaFault[] = []
  /** Memory that travels over the link, by its bus address. */
  readonly distant = new Map<bigint, Buffer>()
  readonly dmaRequests: { address: bigint; size: number; write: boolean }[] = []

  constructor(built: BuiltModel, settings: RunSettings) {
    this.#child = spawn(built.executable, this.#toArguments(built, settings), {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (text) => (output += text))
    const exited = new Promise<number | null>((resolve) => this.#child.on('close', resolve))
    let closeLink: () => void
    const linkClosed = new Promise<void>((resolve) => (closeLink = resolve))
    this.#link = new ModelLink('core', this.#child.stdio[3] as Duplex, {
      onHello: () => undefined,
      onProgress: () => undefined,
      onFault: (fault) => (this.#fault = fault),
      onInterrupt: (change) => this.interrupts.push(change),
      onDmaFault: (fault) => this.dmaFaults.push(fault),
      onDmaRequest: async (request) => this.#serveDma(request),
      onClose: () => closeLink(),
      onOwnFailure: () => closeLink(),
    })
    this.ended = Promise.all([exited, linkClosed]).then(([status]) => ({ status, output, fault: this.#fault }))
  }

  #toArguments(built: BuiltModel, settings: RunSettings): string[] {
    const flags = {
      '--link-fd': 3,
      '--seed': settings.seed ?? 1,
      '--max-cycles': settings.maxCycles ?? 1000,
      '--min-cycles': settings.minCycles ?? 0,
      '--reset-cycles': settings.resetCycles ?? 16,
      '--period-ps': settings.periodPs ?? built.clock.periodPs,
    }
    const ofBuild = built.furtherClocks.map((clock) => [clock.periodPs, clock.phasePs, clock.resetCycles])
    return [
      ...Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]),
      ...(settings.clocks ?? ofBuild).flatMap((clock) => ['--clock', clock.join(',')]),
      ...built.ports.flatMap(({ name }) => ['--port', name]),
      ...built.managers.flatMap((name) => ['--manager', name]),
      ...built.streams.flatMap(({ name }) => ['--stream', `${name}=4096`]),
      ...toStalls(settings.stall).flatMap((stall) => ['--stall', stall]),
      ...built.interrupts.flatMap((name) => ['--interrupt', name]),
      ...(settings.records ? ['--log', this.#log] : []),
      ...(settings.records && built.trace ? ['--trace', this.trace, '--trace-at-start'] : []),
    ]
  }

  #serveDma({ address, size, data }: DmaRequest): Buffer {
    this.dmaRequests.push({ address, size, write: data.length > 0 })
    for (const [start, bytes] of this.distant) {
      const offset = Number(address - start)
      if (offset < 0 || offset >= bytes.length) continue
      data.copy(bytes, offset)
      return data.length > 0 ? Buffer.alloc(0) : bytes.subarray(offset, offset + size)
    }
    throw new Error(`nobody mapped 0x${address.toString(16)}`)
  }

  /** Host memory in a file that the model maps, or kept here if it has none. */
  async map(address: bigint, bytes: Buffer, path = '', writable = true): Promise<void> {
    if (path) writeFileSync(path, bytes)
    else this.distant.set(address, bytes)
    await this.#link.call({ mapMemory: { address, size: bytes.length, path, writable } }, 'done')
  }

  async unmap(address: bigint): Promise<void> {
    await this.#link.call({ unmapMemory: { address } }, 'done')
  }

  async openSession(session: number, size = 0x1000, port = 0): Promise<void> {
    const device = { handle: 1, name: 'dut', port, address: 0, size }
    await this.#link.call({ openSession: { session, pid: 7, devices: [device] } }, 'done')
  }

  /** Resolves with undefined if the model went away without an answer. */
  access(access: Partial<Access>, session = 1): Promise<Completion | undefined> {
    const encoded = encodeAccess({ seq: ++this.#seq, device: 1, ...access })
    return new Promise((resolve) =>
      this.#link.sendAccess(session, encoded, {
        complete: (completion) => resolve(completion && decodeCompletion(completion)),
      }),
    )
  }

  /** An access that must get an answer. */
  async answered(access: Partial<Access>, session = 1): Promise<Completion> {
    const completion = await this.access(access, session)
    if (!completion) throw new Error(`no answer: ${JSON.stringify(await this.ended)}`)
    return completion
  }

  read(offset: number, widthBytes = 4): Promise<Completion> {
    return this.answered({ operation: 'read', offset: BigInt(offset), widthBytes })
  }

  async value(offset: number, widthBytes = 4): Promise<bigint> {
    return toValue((await this.read(offset, widthBytes)).data)
  }

  write(offset: number, value: bigint | number, widthBytes = 4): Promise<Completion> {
    const data = fromValue(BigInt(value), widthBytes)
    return this.answered({ operation: 'write', offset: BigInt(offset), widthBytes, data })
  }

  async advance(cycles: bigint | number): Promise<bigint> {
    return (await this.#link.call({ advance: { cycles } }, 'done')).done.cycle
  }

  /** Lets time run as for a host that waits. Resolves with the cycle of its end. */
  async run(cycles: bigint | number, untilInterrupt = false): Promise<bigint> {
    return (await this.#link.call({ run: { cycles, untilInterrupt } }, 'done')).done.cycle
  }

  async reset(cycles = 0): Promise<bigint> {
    return (await this.#link.call({ reset: { cycles } }, 'done')).done.cycle
  }

  /** What the manager ports wait for from the design. */
  async dmaWaits(): Promise<string[]> {
    return (await this.#link.call({ statistics: {} }, 'statistics')).statistics.dmaWaits
  }

  async stop(): Promise<Outcome> {
    await this.#link.call({ stop: {} }, 'done')
    return this.ended
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  terminate(): Promise<Outcome> {
    this.signal('SIGTERM')
    return this.ended
  }

  /** Gives up the link. */
  hangUp(): Promise<Outcome> {
    this.#link.close()
    return this.ended
  }

  /** The access log without the wall clock. Read it after the end. */
  logLines(): Record<string, unknown>[] {
    const lines = readFileSync(this.#log, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => ({ ...JSON.parse(line), wallNs: undefined }))
  }

  async close(): Promise<void> {
    await this.hangUp()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function toStalls(stall: RunSettings['stall']): string[] {
  if (typeof stall === 'number') return [String(stall)]
  return Object.entries(stall ?? {}).map(([channel, percent]) => `${channel}=${percent}`)
}

/** Whether the file is a whole FST: the header block knows when the trace ends. Returns that time, 0 if not. */
export function traceEndTime(file: string): bigint {
  const headerBlock = 0
  const bytes = readFileSync(file)
  return bytes[0] === headerBlock ? bytes.readBigUInt64BE(17) : 0n
}
