/** One golden model at work: cuts accesses into registers and puts the answers together. Knows nothing of wires. */
import { resolve } from 'node:path'
import type { Operation, Status } from '../wire/access.js'
import type { Config, GoldenConfig } from '../config/schema.js'
import { speakingAs } from '../ground/authored-output.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { importAuthored } from '../ground/import-authored.js'
import type { RegisterNames } from '../registers/names-on-bus.js'
import { BusError, type GoldenAccess, type GoldenModel, type GoldenModelClass } from './golden-model.js'

export interface GoldenTransfer {
  operation: Operation
  port: string
  /** Bus address of the first byte. */
  address: bigint
  widthBytes: number
  /** Lowest address first. */
  data: Uint8Array
  /** Bit i is byte i; a register of which no byte is enabled is not touched. */
  byteEnables: bigint
}

export interface GoldenAnswer {
  status: Status
  /** The bytes that a read gives, 0 where not enabled. */
  data: Buffer
  /** 0xff in every byte that the model vouches for. */
  known: Buffer
  /** How many registers were touched, and how many the access reaches. */
  touched: number
  registers: number
  /** Bus address of the register that refused. */
  refusedAt: bigint | undefined
}

/** What an access has of one register. */
interface Piece {
  /** Bus address of its first byte. */
  register: bigint
  about: GoldenAccess
  /** Bytes of the register. */
  lanes: number[]
  /** From a byte of the register to that of the access. */
  shift: number
}

/** Loads the class of a file. Throws one sentence if there is none. */
export async function loadGolden(
  name: string,
  config: GoldenConfig,
  directory: string,
  names?: RegisterNames,
): Promise<GoldenDevice> {
  const file = resolve(directory, config.file)
  try {
    const Class = await speakingAs(name, () => importAuthored(file))
    if (typeof Class !== 'function') throw new TypeError('its default export is no class')
    const model = speakingAs(name, () => new (Class as GoldenModelClass)(config.parameters))
    return new GoldenDevice(name, model, config.registerBytes, names)
  } catch (error) {
    const problem = toMessage(error).split('\n')[0]
    throw new TraplineError('config', `the golden model ${name} can't be loaded from ${file}: ${problem}`, {
      cause: error,
    })
  }
}

/** The golden models that run in lockstep, by the models that they run beside, whose parameters they have too. */
export async function loadTwins(
  { models, goldens }: Config,
  directory: string,
  namesOn: (model: string) => RegisterNames,
): Promise<Map<string, GoldenDevice>> {
  const twins = new Map<string, GoldenDevice>()
  for (const [name, { lockstep, parameters }] of Object.entries(models)) {
    const golden = lockstep === undefined ? undefined : goldens[lockstep]
    if (lockstep === undefined || !golden) continue
    const same = { ...golden, parameters: { ...golden.parameters, ...parameters } }
    twins.set(name, await loadGolden(lockstep, same, directory, namesOn(name)))
  }
  return twins
}

export class GoldenDevice {
  constructor(
    private readonly name: string,
    private readonly model: GoldenModel,
    private readonly registerBytes: number,
    private readonly names: RegisterNames = () => undefined,
  ) {}

  get interrupts(): Record<string, boolean> {
    return speakingAs(this.name, () => this.model.interrupts) ?? {}
  }

  tick(cycles: bigint): void {
    if (cycles > 0n) speakingAs(this.name, () => this.model.tick?.(cycles))
  }

  reset(): void {
    speakingAs(this.name, () => this.model.reset?.())
  }

  /**
   * Register by register in ascending order, as beats on a bus: the first that refuses is the answer, and the last
   * touched.
   */
  transfer(access: GoldenTransfer): GoldenAnswer {
    return speakingAs(this.name, () => this.#transfer(access))
  }

  #transfer(access: GoldenTransfer): GoldenAnswer {
    const reached = this.#registersOf(access)
    const answer: GoldenAnswer = {
      status: 'OKAY',
      data: Buffer.alloc(access.widthBytes),
      known: Buffer.alloc(access.widthBytes, 0xff),
      ...{ touched: 0, registers: reached.length, refusedAt: undefined },
    }
    for (const { register, lanes } of reached) {
      if (answer.status !== 'OKAY') break
      this.#touch(register, lanes, access, answer)
    }
    return answer
  }

  /** The registers that an access reaches, with the bytes of each that are enabled. */
  #registersOf({ address, widthBytes, byteEnables }: GoldenTransfer): { register: bigint; lanes: number[] }[] {
    const size = BigInt(this.registerBytes)
    const first = address - (address % size)
    const count = Number((address + BigInt(widthBytes) - first + size - 1n) / size)
    const isEnabled = (byte: number) => byte >= 0 && byte < widthBytes && ((byteEnables >> BigInt(byte)) & 1n) === 1n
    const registers = Array.from({ length: count }, (_, i) => {
      const register = first + BigInt(i) * size
      const shift = Number(register - address)
      const lanes = Array.from({ length: this.registerBytes }, (__, lane) => lane)
      return { register, lanes: lanes.filter((lane) => isEnabled(lane + shift)) }
    })
    return registers.filter(({ lanes }) => lanes.length > 0)
  }

  #touch(register: bigint, lanes: number[], access: GoldenTransfer, answer: GoldenAnswer): void {
    const { port, operation } = access
    const named = this.names(port, { operation, offset: register, widthBytes: this.registerBytes })
    const about = { port, widthBytes: this.registerBytes, register: named }
    // Byte `lane` of the register is byte `lane + shift` of the access.
    const shift = Number(register - access.address)
    answer.touched++
    try {
      const piece = { register, about, lanes, shift }
      if (access.operation === 'read') this.#read(piece, answer)
      else this.#write(piece, access)
    } catch (error) {
      if (!(error instanceof Error && error.name === 'BusError')) throw error
      answer.status = (error as BusError).status
      answer.refusedAt = register > access.address ? register : access.address
    }
  }

  #read({ register, about, lanes, shift }: Piece, answer: GoldenAnswer): void {
    const value = this.model.read(register, about)
    for (const lane of lanes) {
      answer.data[lane + shift] = Number((BigInt(value ?? 0) >> BigInt(8 * lane)) & 0xffn)
      if (value === undefined) answer.known[lane + shift] = 0
    }
  }

  #write({ register, about, lanes, shift }: Piece, { data }: GoldenTransfer): void {
    let [value, mask] = [0n, 0n]
    for (const lane of lanes) {
      value |= BigInt(data[lane + shift] ?? 0) << BigInt(8 * lane)
      mask |= 0xffn << BigInt(8 * lane)
    }
    this.model.write(register, value, mask, about)
  }
}
