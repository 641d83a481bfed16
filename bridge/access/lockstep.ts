/**
 * RTL and golden models side by side: every access of a model goes to its golden model, too, in the order of the bus.
 * The first answer in which they differ is not given any more: the run ends there.
 */
import type { GoldenAnswer, GoldenDevice } from '../model/golden-device.js'
import { toHex, toValue, type Access, type Completion } from '../wire/access.js'
import type { MappedDevice } from '../map/address-map.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'

/** The access in which they differ. */
export interface Disagreement {
  sentence: string
  device: string
  operation: Access['operation']
  offset: bigint
  cycleStart: bigint
}

/** An access that has been answered by the RTL. */
interface AnsweredAccess {
  /** The message as it came. */
  readonly access: Buffer
  readonly device: MappedDevice
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

  /** @param goldens by the name of the model that each runs beside */
  constructor(
    goldens: Map<string, GoldenDevice>,
    private readonly onDisagreement: (disagreement: Disagreement) => void,
  ) {
    this.#twins = new Map([...goldens].map(([model, golden]) => [model, { golden, cycle: 0n }]))
  }

  /** Why an answer may not be given, if so. Called once per completion, in their order. */
  objectionTo(pending: AnsweredAccess, bytes: Buffer): string | undefined {
    const twin = this.#twins.get(pending.device.config.model)
    if (!twin || pending.device.config.stream) return undefined
    if (this.disagreement) return 'RTL and golden model have differed before'
    const access = decodeAccess(pending.access)
    const completion = decodeCompletion(bytes)
    const answer = this.#ask(twin, pending, access, completion)
    const difference = differenceOf(access, completion, answer)
    if (difference === undefined) return undefined
    const { name } = pending.device
    const place = `${access.operation} of ${access.widthBytes} bytes at ${name}+0x${access.offset.toString(16)}`
    this.disagreement = {
      sentence: `lockstep: ${place}, cycles ${completion.cycleStart} to ${completion.cycleEnd}: ${difference}`,
      ...{ device: name, operation: access.operation, offset: access.offset, cycleStart: completion.cycleStart },
    }
    this.onDisagreement(this.disagreement)
    return `lockstep: ${difference}`
  }

  /** The RTL has been reset. */
  reset(model: string): void {
    this.#twins.get(model)?.golden.reset()
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

function differenceOf({ operation }: Access, rtl: Completion, golden: GoldenAnswer): string | undefined {
  const isSameStatus = rtl.status === golden.status
  const value = toValue(rtl.data)
  const known = toValue(golden.known)
  if (isSameStatus && (operation === 'write' || rtl.status !== 'OKAY')) return undefined
  if (isSameStatus && (value & known) === (toValue(golden.data) & known)) return undefined
  const toAnswer = (status: string, data: Buffer) => (status === 'OKAY' && operation === 'read' ? toHex(data) : status)
  return `the RTL gives ${toAnswer(rtl.status, rtl.data)}, the golden model ${toAnswer(golden.status, golden.data)}`
}
