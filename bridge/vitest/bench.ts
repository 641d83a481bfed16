/**
 * A bench: fresh models for one test, and everything that the test does with them. Host programs run under Trapline as
 * they do by `trapline run`; the test itself reads, writes, lets time pass, resets, and waits for interrupts.
 */
import { Deferred } from '../ground/deferred.js'
import { fromValue, toValue } from '../wire/access.js'
import type { MappedDevice } from '../map/address-map.js'
import { OwnManager } from '../access/own-manager.js'
import { startBridge, type Bridge } from '../assembly/bridge.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { checkProgram } from '../host/check-program.js'
import { findFailedEnd } from '../host/bus-failure.js'
import { sayDetour } from '../host/emulated.js'
import { checkAgent } from '../host/launch-host.js'
import { killLeftovers } from '../host/leftovers.js'
import { createLog } from '../ground/log.js'
import { InterruptLines } from '../model/interrupt-lines.js'
import type { RunningModel } from '../model/running-model.js'
import type { LogRecord } from '../logs/log-record.js'
import { toHandles } from './register-handles.js'
import type { RegisteredDevice, RegistersOf } from './register-types.js'
import { CodeBlame } from '../access/blamed-code.js'
import { AccessRecorder } from './access-recorder.js'
import { HostRun, type HostOptions, type HostResult } from './host-run.js'
import { toLoadedConfig, type BenchOptions, type WarmBench } from './setup.js'
import { buildOncePerWorker, sharedSymbolizer, warmStartOf } from './worker-memory.js'

/** How many cycles `waitForInterrupt` lets pass at most, unless told otherwise. */
const interruptBudget = 1_000_000

/** A bench whose models start at their first need. */
export async function openBench(options: BenchOptions): Promise<Bench> {
  checkAgent()
  const loaded = await toLoadedConfig(options)
  const recorder = new AccessRecorder(new CodeBlame(sharedSymbolizer, loaded.config.skipFrames))
  const lines = new InterruptLines()
  const failed = new Deferred<string>()
  const bridge = await startBridge({
    config: loaded.config,
    configDirectory: loaded.directory,
    seed: options.seed,
    ...options.recording,
    traceFile: options.trace,
    writesLog: true,
    countsRegisters: true,
    lockstep: options.comparesGoldens,
    log: createLog((sentence) => recorder.noteOutput(`trapline: ${sentence}`)),
    symbolizer: sharedSymbolizer,
    build: buildOncePerWorker,
    warmStart: await warmStartOf(loaded, options, openBench),
    abort: options.signal,
    onAttach: (pid) => recorder.noteAttach(pid),
    onAccess: (pending) => recorder.note(pending),
    onInterrupt: (model, line, level) => lines.note(model, line, level),
    onModelOutput: (model, line) => recorder.noteOutput(`${model}: ${line}`),
    onModelFailure: failed.resolve,
    onDeadlock: failed.resolve,
  })
  recorder.registers = bridge.registers
  const bench = new Bench(bridge, { options, recorder, lines, failed: failed.promise })
  if (loaded.config.sandbox) await options.warmUp?.(bench)
  return bench
}

/** What a message can say; how many of them it takes is the model's to tell. */
function toCycles(cycles: bigint | number): string {
  const isWhole = typeof cycles === 'bigint' || Number.isSafeInteger(cycles)
  if (isWhole && cycles >= 0 && BigInt(cycles) < 1n << 64n) return String(cycles)
  throw new TraplineError('usage', `cycles is ${cycles}; it must be a whole number from 0 to 2^64 - 1`)
}

interface BenchAccess {
  operation: 'read' | 'write'
  offset: bigint | number
  widthBytes: number
  value?: bigint | number
}

interface BenchParts {
  options: BenchOptions
  recorder: AccessRecorder
  lines: InterruptLines
  /** Resolves with the cause when a model ends by itself, or every host waits for ever. */
  failed: Promise<string>
}

export class Bench implements WarmBench, AsyncDisposable {
  readonly #manager: OwnManager
  readonly #runs = new Set<HostRun>()
  /** Why a model ended by itself; absent while all are well. */
  failure: string | undefined
  /** A call of the test has thrown: whatever there is to know of models and bus, the test can know. */
  #isNoticed = false
  /** Before the bench was stopped: that cuts accesses off, too. */
  #busFailed: boolean | undefined

  /** Made by `openBench`. */
  constructor(
    readonly bridge: Bridge,
    private readonly parts: BenchParts,
  ) {
    this.#manager = new OwnManager(bridge.sessions)
    void parts.failed.then((cause) => (this.failure ??= cause))
  }

  /** Power-up state, idle lanes and stalls follow from it. */
  get seed(): number {
    return this.bridge.seed
  }

  /** Every access that hosts have made so far, in the order of their answers. */
  get accesses(): readonly LogRecord[] {
    return this.parts.recorder.records
  }

  /** What hosts and models have printed so far. */
  get output(): string {
    return this.parts.recorder.output
  }

  /**
   * Runs a host program to its end: execa's result, which never throws for an exit status, and the accesses that the
   * program and its children made. Throws if it can't be trapped, or if a model ends meanwhile.
   */
  async run(program: string, args: readonly string[] = [], options: HostOptions = {}): Promise<HostResult> {
    return (await this.start(program, args, options)).ended
  }

  /** Starts a host program; `ended` resolves with what `run` gives. It is killed with the test. */
  async start(program: string, args: readonly string[] = [], options: HostOptions = {}): Promise<HostRun> {
    const environment = { ...process.env, ...options.env }
    const path = await checkProgram(program, environment)
    const emulated = sayDetour(program, path, environment.TRAPLINE_NET !== '0')
    if (emulated !== undefined) this.parts.recorder.noteOutput(`trapline: ${emulated}`)
    const { models } = this.bridge
    await Promise.all(models.used.map((name) => models.start(name)))
    const run = new HostRun({
      ...this.parts,
      path,
      program,
      args,
      options,
      signal: this.parts.options.signal,
      bridge: this.bridge,
      onNoticed: () => (this.#isNoticed = true),
    })
    this.#runs.add(run)
    return run
  }

  /** Reads a register: `widthBytes` is 1, 2, 4 or 8. Throws if the bus answers with an error. */
  async read(device: string, offset: bigint | number, widthBytes = 4): Promise<bigint> {
    const completion = await this.#noticing(() => this.#access(device, { operation: 'read', offset, widthBytes }))
    return toValue(completion.data)
  }

  /** Writes a register; see `read`. */
  async write(device: string, offset: bigint | number, value: bigint | number, widthBytes = 4): Promise<void> {
    await this.#noticing(() => this.#access(device, { operation: 'write', offset, widthBytes, value }))
  }

  /**
   * The registers of a device by their names: `bench.reg('uart0').LCR.read()`. Throws if they are not described, or if
   * there is none of a name.
   */
  reg<Device extends RegisteredDevice>(device: Device): RegistersOf<Device> {
    const { name } = this.#device(device)
    const map = this.bridge.registers.of(name)
    if (!map)
      throw new TraplineError('usage', `nothing describes the registers of ${name}; say what by its key "registers"`)
    return toHandles(name, map, {
      read: (offset, widthBytes) => this.read(name, offset, widthBytes),
      write: (offset, value, widthBytes) => this.write(name, offset, value, widthBytes),
    }) as RegistersOf<Device>
  }

  /**
   * Lets simulated time pass. The model may be left out if there is only one. Throws what it says to more than it takes
   * at once.
   */
  async advance(cycles: bigint | number, model?: string): Promise<void> {
    const advance = { cycles: toCycles(cycles) }
    const { link } = await this.#model(model)
    await this.#noticing(() => link.call({ advance }, 'done'))
  }

  /** Asserts reset; for as many cycles as at power-up unless told. Throws as `advance` does. */
  async reset(model?: string, cycles: bigint | number = 0): Promise<void> {
    const reset = { cycles: toCycles(cycles) }
    const { link, name } = await this.#model(model)
    await this.#noticing(() => link.call({ reset }, 'done'))
    this.bridge.lockstep.reset(name)
  }

  /** Cycles since power-up. */
  async cycle(model?: string): Promise<bigint> {
    const { link } = await this.#model(model)
    const answer = await this.#noticing(() => link.call({ statistics: {} }, 'statistics'))
    return BigInt(answer.statistics.cycle)
  }

  /** Lets time pass until the interrupt output is high; at once if it is. Throws when it stays low for `cycles`. */
  async waitForInterrupt(
    line: string,
    { model, cycles = interruptBudget }: { model?: string; cycles?: number } = {},
  ): Promise<void> {
    const running = await this.#model(model)
    const end = (await this.cycle(running.name)) + BigInt(toCycles(cycles))
    while (!this.parts.lines.isHigh(running.name, line)) {
      const left = end - (await this.cycle(running.name))
      if (left <= 0n) throw new TraplineError('model', `model ${running.name}: ${line} stayed low for ${cycles} cycles`)
      const run = { cycles: String(left), untilInterrupt: true }
      await this.#noticing(() => running.link.call({ run }, 'done'))
    }
  }

  /** Ends the bench's own session; the models stand still. */
  settle(): Promise<void> {
    return this.#manager.end()
  }

  /** Ends host programs that still run, then the models. The run directory with the raw logs stays until `dispose`. */
  async stop(): Promise<void> {
    this.#busFailed ??= this.bridge.monitor.busFailed
    for (const run of this.#runs) run.kill()
    for (const left of killLeftovers(this.bridge.directory.path))
      this.parts.recorder.noteOutput(`trapline: ${left} was ended by Trapline with its bench`)
    await Promise.allSettled([...this.#runs].map((run) => run.unnoticed()))
    await this.bridge.stop()
  }

  /**
   * What went wrong with programs, models or bus while no call of the test has thrown: a program that nobody waited
   * for, an assertion of the RTL after the last access. The bench has been stopped.
   */
  async unnoticed(): Promise<TraplineError | undefined> {
    for (const run of this.#runs) {
      const problem = await run.unnoticed()
      if (problem !== undefined) return new TraplineError('model', toMessage(problem), { cause: problem })
    }
    if (this.#isNoticed) return undefined
    const { monitor, models } = this.bridge
    const fatal = this.#busFailed ? monitor.fatal?.message : undefined
    const cause = fatal ?? this.failure ?? (await findFailedEnd(models))
    return cause === undefined ? undefined : new TraplineError('model', cause)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    this.bridge.directory.dispose()
  }

  async #access(name: string, { operation, offset, widthBytes, value = 0 }: BenchAccess) {
    const device = this.#device(name)
    const data = operation === 'write' ? fromValue(BigInt(value), widthBytes) : Buffer.alloc(0)
    const access = { device: device.handle, operation, offset: BigInt(offset), widthBytes, data }
    const completion = await Promise.race([this.#manager.access(access), this.#rejectOnFailure()])
    if (completion.status === 'OKAY') return completion
    const { status, detail } = completion
    const what = `${operation} ${name}+0x${offset.toString(16)} was answered with ${status}`
    throw new TraplineError('bus', status === 'SLVERR' || status === 'DECERR' ? what : `${what}: ${detail}`)
  }

  async #noticing<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      this.#isNoticed = true
      throw error
    }
  }

  async #rejectOnFailure(): Promise<never> {
    throw new TraplineError('model', await this.parts.failed)
  }

  #device(name: string): MappedDevice {
    const { devices } = this.bridge.sessions
    const found = devices.find((device) => device.name === name)
    if (found) return found
    const names = devices.map((device) => device.name).join(', ')
    throw new TraplineError('usage', `there is no device ${name}; there are ${names}`)
  }

  #model(name?: string): Promise<RunningModel> {
    const { names, used } = this.bridge.models
    const [only] = used
    if (name === undefined && used.length === 1 && only) return this.bridge.models.start(only)
    if (name !== undefined && names.includes(name)) return this.bridge.models.start(name)
    const problem = name === undefined ? 'name the model' : `there is no model ${name}`
    throw new TraplineError('usage', `${problem}; there are ${names.join(', ')}`)
  }
}
