/**
 * RTL and golden models side by side: every access of a model goes to its golden model, too, in the order of the bus.
 * The first answer in which they differ is not given any more: the run ends there.
 */
import type { GoldenAnswer, GoldenDevice } from '../model/golden-device.js'
import { toHex, toValue, type Access, type Completion } from '../wire/access.js'
import type { MappedDevice } from '../map/address-map.js'
import { toMessage } from '../ground/errors.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'
import type { ModelTwin, TwinSession } from './model-twin.js'

/** The access in which they differ. */
export interface Disagreement {
  sentence: string
  device: string
  operation: Access['operation']
  offset: bigint
  /** Absent of a real device. */
  cycleStart: bigint | undefined
}

/** An access that has been answered by the RTL. */
interface AnsweredAccess {
  /** The message as it came. */
  readonly access: Buffer
  readonly device: MappedDevice
  readonly session: TwinSession
}

interface Twin {
  golden: GoldenDevice
  /** The golden model has been told of time up to this cycle. */
  cycle: bigint
}

export class Lockstep {
  /** The first one; absent while all agree. */
  disagreement: Disagreement | undefined
  readonly #twins: Map<string, Twin>
  /** Models of RTL that run beside models. */
  readonly #models: Map<string, ModelTwin>

  /** @param goldens by the name of the model that each runs beside */
  constructor(
    goldens: Map<string, GoldenDevice>,
    models: ModelTwin[],
    private readonly onDisagreement: (disagreement: Disagreement) => void,
  ) {
    this.#twins = new Map([...goldens].map(([model, golden]) => [model, { golden, cycle: 0n }]))
    this.#models = new Map(models.map((twin) => [twin.model, twin]))
  }

  /** Why an answer may not be given, if so. Called once per completion, in their order. */
  objectionTo(pending: AnsweredAccess, bytes: Buffer): string | undefined | Promise<string | undefined> {
    const { model, stream } = pending.device.config
    const [twin, beside] = [this.#twins.get(model), this.#models.get(model)]
    if (stream || (!twin && !beside)) return undefined
    if (this.disagreement) return 'the models have differed before'
    const access = decodeAccess(pending.access)
    const completion = decodeCompletion(bytes)
    if (beside) return this.#askModel(beside, pending, access, completion)
    const answer = this.#ask(twin as Twin, pending, access, completion)
    return this.#judge(pending, access, completion, differenceOf(access, completion, answer, 'the golden model'))
  }

  async #askModel(
    twin: ModelTwin,
    pending: AnsweredAccess,
    access: Access,
    completion: Completion,
  ): Promise<string | undefined> {
    try {
      const { status, data } = await twin.answer(pending.session, pending.access, completion)
      const answer = { status, data, known: Buffer.alloc(data.length, 0xff) }
      return this.#judge(pending, access, completion, differenceOf(access, completion, answer, `model ${twin.name}`))
    } catch (error) {
      return this.#judge(pending, access, completion, toMessage(error))
    }
  }

  #judge(
    pending: AnsweredAccess,
    access: Access,
    completion: Completion,
    difference: string | undefined,
  ): string | undefined {
    if (difference === undefined) return undefined
    if (this.disagreement) return 'the models have differed before'
    const { name } = pending.device
    const place = `${access.operation} of ${access.widthBytes} bytes at ${name}+0x${access.offset.toString(16)}`
    this.note({
      sentence: `lockstep: ${place}, cycles ${completion.cycleStart} to ${completion.cycleEnd}: ${difference}`,
      ...{ device: name, operation: access.operation, offset: access.offset, cycleStart: completion.cycleStart },
    })
    return `lockstep: ${difference}`
  }

  /** The run ends. */
  note(disagreement: Disagreement): void {
    this.disagreement ??= disagreement
    this.onDisagreement(this.disagreement)
  }

  /** The RTL has been reset. */
  reset(model: string): void {
    this.#twins.get(model)?.golden.reset()
    this.#models.get(model)?.reset()
  }

  #ask(twin: Twin, pending: AnsweredAccess, access: Access, { cycleStart }: Completion): GoldenAnswer {
    twin.golden.tick(cycleStart - twin.cycle)
    twin.cycle = cycleStart
    const { operation, widthBytes, data, offset } = access
    const address = pending.device.config.address + offset
    const byteEnables = access.byteEnables || (1n << BigInt(widthBytes)) - 1n
    return twin.golden.transfer({
      operation,
      port: pending.device.config.port ?? '',
      address,
      widthBytes,
      data,
      byteEnables,
    })
  }
}

function differenceOf(
  { operation }: Access,
  rtl: Completion,
  golden: Pick<GoldenAnswer, 'data' | 'known'> & { status: string },
  who: string,
): string | undefined {
  const isSameStatus = rtl.status === golden.status
  const value = toValue(rtl.data)
  const known = toValue(golden.known)
  if (isSameStatus && (operation === 'write' || rtl.status !== 'OKAY')) return undefined
  if (isSameStatus && (value & known) === (toValue(golden.data) & known)) return undefined
  const toAnswer = (status: string, data: Buffer) => (status === 'OKAY' && operation === 'read' ? toHex(data) : status)
  return `the RTL gives ${toAnswer(rtl.status, rtl.data)}, ${who} ${toAnswer(golden.status, golden.data)}`
}
