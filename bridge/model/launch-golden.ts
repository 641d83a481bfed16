/**
 * A golden model in the place of RTL: speaks the model protocol (proto/trapline/v1/model.proto) in this process, so that
 * the rest of the bridge can't tell. An access takes one cycle.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { duplexPair, type Duplex } from 'node:stream'
import { toHex, type Access, type Completion } from '../wire/access.js'
import { cutText } from '../wire/contract-limits.js'
import { FrameReader, largestModelMessage } from '../wire/framing.js'
import { decodeRequest, frameReply, type ModelRequest } from '../wire/wire.js'
import type { GoldenConfig } from '../config/schema.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { protocolVersion } from '../ground/version.js'
import { modelFiles } from '../run/layout.js'
import type { GoldenDevice } from './golden-device.js'
import { superviseModel, type ModelSettings, type RunningModel } from './running-model.js'

export interface GoldenSettings extends ModelSettings {
  config: GoldenConfig
  device: GoldenDevice
  writesLog: boolean
}

export function launchGolden(settings: GoldenSettings): Promise<RunningModel> {
  const [link, end] = duplexPair()
  const { rawLog } = modelFiles(settings.runDirectory, settings.name)
  const exited = new Promise<object>((resolve) => end.once('close', () => resolve({})))
  new GoldenServer(end, settings, settings.writesLog ? rawLog : undefined).greet()
  const kill = () => [link, end].forEach((side) => side.destroy())
  return superviseModel(settings, { link, pid: process.pid, rawLog, exited, kill })
}

interface OpenDevice {
  handle: number
  name: string
  port: number
  address: bigint
  size: bigint
}

/** As hdl/sim/model.cc takes them at once, and as 64 bits hold. */
const mostAdvanced = 0xffff_ffffn
const mostPs = (1n << 64n) - 1n
/** Of a run, in one turn of the event loop: signals and hosts are heard in between. */
const turnCycles = 100_000n

interface Run {
  id: number
  left: bigint
  untilInterrupt: boolean
}

class GoldenServer {
  #cycle = 0n
  #run: Run | undefined
  #counts = { accesses: 0, reads: 0, writes: 0, errors: 0 }
  readonly #frames = new FrameReader(largestModelMessage)
  readonly #sessions = new Map<number, { pid: number; devices: Map<number, OpenDevice> }>()
  readonly #levels = new Map<string, boolean>()
  readonly #lastCycle: bigint
  /** Of interrupts, so far. */
  #changes = 0

  constructor(
    private readonly link: Duplex,
    private readonly settings: GoldenSettings,
    private readonly rawLog: string | undefined,
  ) {
    this.#lastCycle = mostPs / BigInt(settings.config.periodPs)
    if (rawLog) writeFileSync(rawLog, '')
    link.on('data', (chunk: Buffer) => this.#receive(chunk))
    link.on('end', () => link.destroy())
  }

  greet(): void {
    const { ports, config } = this.settings
    this.#send(0, {
      hello: {
        protocolVersion,
        verilatorVersion: '',
        ports,
        interrupts: config.interrupts,
        pid: process.pid,
        memories: [],
      },
    })
  }

  #receive(chunk: Buffer): void {
    this.#frames.add(chunk)
    for (let bytes = this.#frames.next(); bytes; bytes = this.#frames.next()) this.#serve(decodeRequest(bytes))
  }

  #serve(request: ModelRequest): void {
    const { id } = request
    if (!this.link.writable) return
    this.#orFail(() => {
      if (request.body === 'access') return this.#send(id, { completion: this.#access(request.access) })
      if (request.body === 'statistics') return this.#send(id, { statistics: { ...this.#now(), ...this.#counts } })
      if (request.body === 'run') return this.#beginRun(id, request.run)
      const message = request.body === 'advance' ? this.#refusalOf(BigInt(request.advance.cycles)) : undefined
      if (message !== undefined) return this.#send(id, { refusal: { message } })
      this.#obey(request)
      this.#send(id, { done: this.#now() })
      if (request.body === 'stop') this.#leave()
    })
  }

  /** What the class throws ends it. */
  #orFail(work: () => void): void {
    try {
      work()
    } catch (error) {
      const words = error instanceof TraplineError ? error.message : `the golden model threw: ${toMessage(error)}`
      const message = cutText(words, 'Fault.message')
      this.#send(0, { fault: { kind: 'golden', message, file: '', line: 0, ...this.#now() } })
      this.#leave()
    }
  }

  /** The other end of a pair hears of an end, not of a destroyed stream. */
  #leave(): void {
    this.#run = undefined
    this.link.end(() => this.link.destroy())
  }

  #obey(request: ModelRequest): void {
    if (request.body === 'openSession') this.#openSession(request.openSession)
    else if (request.body === 'closeSession') this.#sessions.delete(request.closeSession.session)
    else if (request.body === 'advance') this.#pass(BigInt(request.advance.cycles))
    else if (request.body === 'reset') this.settings.device.reset()
    else if (request.body === 'stop') this.#endRun()
  }

  get #cyclesLeft(): bigint {
    return this.#lastCycle - this.#cycle
  }

  #refusalOf(cycles: bigint): string | undefined {
    if (cycles > mostAdvanced) return `cycles is ${cycles}; advance by at most ${mostAdvanced} at once`
    if (cycles <= this.#cyclesLeft) return undefined
    return `cycles is ${cycles}; until the end of simulated time there are only ${this.#cyclesLeft}`
  }

  #openSession({ session, pid, devices }: Extract<ModelRequest, { body: 'openSession' }>['openSession']): void {
    const open = devices.map((device) => ({ ...device, address: BigInt(device.address), size: BigInt(device.size) }))
    this.#sessions.set(session, { pid, devices: new Map(open.map((device) => [device.handle, device])) })
  }

  #access({ session, access }: { session: number; access: Access }): Partial<Completion> {
    const { pid, devices } = this.#sessions.get(session) ?? { pid: 0, devices: new Map<number, OpenDevice>() }
    const device = devices.get(access.device)
    this.#pass(1n)
    const { seq, operation, offset, widthBytes, data } = access
    const outside = !device || offset < 0n || offset + BigInt(widthBytes) > device.size
    const port = this.settings.ports[device?.port ?? 0] ?? ''
    const byteEnables = access.byteEnables || (1n << BigInt(widthBytes)) - 1n
    const answer = outside
      ? { status: 'DECERR' as const, data: Buffer.alloc(0) }
      : this.settings.device.transfer({
          operation,
          port,
          address: device.address + offset,
          widthBytes,
          data,
          byteEnables,
        })
    const isRead = operation === 'read'
    const { cycle, timePs } = this.#now()
    const completion: Partial<Completion> = {
      ...{ seq, status: answer.status, cycleStart: this.#cycle, cycleEnd: this.#cycle, timePs, beats: 1, detail: '' },
      data: isRead && answer.status === 'OKAY' ? answer.data : Buffer.alloc(0),
    }
    this.#count(isRead, answer.status === 'OKAY')
    this.#log(
      `"cycleStart":${cycle},"cycleEnd":${cycle},"timePs":${timePs}`,
      session,
      pid,
      device?.name ?? '',
      access,
      completion,
    )
    this.#tellInterrupts()
    return completion
  }

  #count(isRead: boolean, isOkay: boolean): void {
    this.#counts.accesses++
    if (isRead) this.#counts.reads++
    else this.#counts.writes++
    if (!isOkay) this.#counts.errors++
  }

  #pass(cycles: bigint): void {
    if (cycles > this.#cyclesLeft)
      throw new TraplineError('model', 'simulated time is at its end, for 64 bits hold no more of it')
    this.#cycle += cycles
    this.settings.device.tick(cycles)
    this.#tellInterrupts()
  }

  /** A new one ends the one before. */
  #beginRun(id: number, { cycles, untilInterrupt }: { cycles: string; untilInterrupt: boolean }): void {
    this.#endRun()
    this.#run = { id, left: BigInt(cycles), untilInterrupt }
    this.#runOn(this.#run)
  }

  /** Cycle by cycle, for an interrupt may come in any of them. */
  #runOn(run: Run): void {
    for (let i = 0n; i < turnCycles && run.left > 0n; i++, run.left--) {
      const before = this.#changes
      this.#pass(1n)
      if (this.#changes !== before && run.untilInterrupt) return this.#endRun()
    }
    if (run.left === 0n) return this.#endRun()
    setImmediate(() => {
      if (this.#run === run && this.link.writable) this.#orFail(() => this.#runOn(run))
    })
  }

  #endRun(): void {
    if (this.#run) this.#send(this.#run.id, { done: this.#now() })
    this.#run = undefined
  }

  #tellInterrupts(): void {
    const { config, device } = this.settings
    const levels = device.interrupts
    const changed = config.interrupts.filter((line) => (levels[line] ?? false) !== (this.#levels.get(line) ?? false))
    for (const name of changed) {
      const level = levels[name] ?? false
      this.#levels.set(name, level)
      this.#send(0, { interrupt: { line: config.interrupts.indexOf(name), level, ...this.#now() } })
    }
    this.#changes += changed.length
  }

  #now() {
    return { cycle: this.#cycle, timePs: this.#cycle * BigInt(this.settings.config.periodPs) }
  }

  #send(id: number, reply: Record<string, object>): void {
    if (this.link.writable) this.link.write(frameReply({ id, ...reply }))
  }

  /** As hdl/sim/access_log.cc has it. */
  #log(
    time: string,
    session: number,
    pid: number,
    device: string,
    access: Access,
    completion: Partial<Completion>,
  ): void {
    if (!this.rawLog) return
    const bytes = access.operation === 'write' ? access.data : (completion.data ?? Buffer.alloc(0))
    const data = bytes.length > 0 ? toHex(bytes) : ''
    const line =
      `{"seq":${this.#counts.accesses},${time},"op":"${access.operation}","device":${JSON.stringify(device)},` +
      `"offset":${access.offset},"widthBytes":${access.widthBytes},"data":"${data}","status":"${completion.status}",` +
      `"beats":1,"bursts":1,"pid":${pid},"tid":${access.tid},"pc":"0x${access.pc.toString(16)}","session":${session},` +
      `"wallNs":${BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6))}}\n`
    try {
      appendFileSync(this.rawLog, line)
    } catch (error) {
      throw new TraplineError('output', `${this.rawLog} can't be written (${toMessage(error)})`, { cause: error })
    }
  }
}
