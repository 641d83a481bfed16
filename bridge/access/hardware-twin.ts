/**
 * Silicon and RTL in lockstep: each access that a real device has answered is made on the model beside it, and its
 * program goes on when both answers are the same. The first difference ends the run, at that access.
 */
import { toAddress, type MappedDevice } from '../map/address-map.js'
import { toMessage } from '../ground/errors.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import { VolatileReads } from '../registers/volatile-reads.js'
import { toHex, toValue, type Access, type Completion } from '../wire/access.js'
import type { CodeBlame } from './blamed-code.js'
import type { Lockstep } from './lockstep.js'
import { askTwin } from './model-twin.js'
import { placeOf } from './named-access.js'
import type { Session } from './session.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'

export interface HardwareTwinSettings {
  lockstep: Lockstep
  codeBlame: CodeBlame
  registers: RegisterMaps
  /** Before a model is asked: its time passes when programs sleep. */
  onUse(model: string): void
  /** A process was killed in the midst of its access, which the model may not have seen. */
  onMissed(sentence: string): void
}

export class HardwareTwin {
  readonly #volatile: VolatileReads

  constructor(private readonly settings: HardwareTwinSettings) {
    this.#volatile = new VolatileReads(settings.registers)
  }

  /** What was not compared, if so. */
  get uncompared(): string | undefined {
    return this.#volatile.sentence
  }

  /** Whether the model beside the device answers an access of that session as the device did. */
  async isSame(session: Session | undefined, device: MappedDevice, bytes: Buffer, answer: Buffer): Promise<boolean> {
    const { lockstep, onUse } = this.settings
    const { model } = device.config
    if (lockstep.disagreement) return false
    if (model === '') return true
    onUse(model)
    const access = decodeAccess(bytes)
    const difference = session && (await this.#compare(session, device, access, { bytes, answer }))
    if (session && difference !== undefined && session.isOpen) {
      await this.#object(session, device, access, difference)
      return false
    }
    if (!session || difference !== undefined) this.#tellMissed(device, access, difference)
    return true
  }

  async #compare(
    session: Session,
    device: MappedDevice,
    access: Access,
    { bytes, answer }: { bytes: Buffer; answer: Buffer },
  ): Promise<string | undefined> {
    try {
      const completion = await askTwin(session, device.config.model, bytes)
      return this.#differenceOf(device, access, decodeCompletion(answer), completion)
    } catch (error) {
      return toMessage(error)
    }
  }

  /** Nobody is there who could be ended for it; what the model said may be due to that alone. */
  #tellMissed(device: MappedDevice, access: Access, difference = 'it was not compared'): void {
    this.settings.onMissed(
      `${toPlaceWords(device, access)} of a process that was killed meanwhile ends no run, and model ` +
        `${device.config.model} may have missed it: ${difference}`,
    )
  }

  #differenceOf(
    { name, config: { model } }: MappedDevice,
    access: Access,
    real: Completion,
    rtl: Completion,
  ): string | undefined {
    const isRead = access.operation === 'read'
    const isOkay = rtl.status === 'OKAY'
    if (isOkay && (!isRead || this.#volatile.areSame(name, placeOf(access), toValue(real.data), toValue(rtl.data))))
      return undefined
    const gives = isRead ? toHex(real.data) : 'OKAY'
    const cycles = `cycles ${rtl.cycleStart} to ${rtl.cycleEnd}`
    return `the real device gives ${gives}, model ${model} ${isOkay ? toHex(rtl.data) : rtl.status}, ${cycles}`
  }

  async #object({ code }: Session, device: MappedDevice, access: Access, difference: string): Promise<void> {
    const { codeBlame, lockstep } = this.settings
    const { operation, offset } = access
    await codeBlame.name(code.wayTo(access.pc, access.stack))
    const { symbol } = codeBlame.on(code, access)
    const by = symbol ? ` by ${symbol}` : ''
    lockstep.note({
      sentence: `lockstep: ${toPlaceWords(device, access)}${by}, pc ${toAddress(access.pc)}: ${difference}`,
      ...{ device: device.name, operation, offset, cycleStart: undefined },
    })
  }
}

function toPlaceWords({ name }: MappedDevice, { operation, widthBytes, offset }: Access): string {
  return `${operation} of ${widthBytes} bytes at ${name}+${toAddress(offset)}`
}
