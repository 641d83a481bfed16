/**
 * Tells models that write a waveform what it shows of software beside each bus: the program that makes an access, the
 * line to blame, and the register that it reaches (model.proto, NameCode and NamePlace).
 */
import { basename } from 'node:path'
import type { MappedDevice } from '../map/address-map.js'
import type { ModelLink } from '../model/model-link.js'
import type { RunningModel } from '../model/running-model.js'
import type { Place } from '../registers/register-map.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import { mostTextBytes } from '../wire/contract-limits.js'
import { decodeAccess } from '../wire/wire.js'
import type { CodeBlame } from './blamed-code.js'
import type { HostCode } from './host-code.js'
import { placeOf } from './named-access.js'

/** Who made an access, where a log says it. */
export interface LoggedSoftware {
  pid: number
  symbol: string
  /** Of the access; its `pc` when it is made again. */
  seq: bigint
}

export interface SoftwareNamesSettings {
  codeBlame: CodeBlame
  registers: RegisterMaps
  /** Whether a model can write a waveform, and has a file for it. */
  traces(model: string): boolean
}

/** Of a session. */
interface Maker {
  readonly id: number
  readonly exe: string
  readonly code: HostCode
}

type MadeAccess = { access: Buffer; device: MappedDevice }

export class SoftwareNames {
  readonly #named = new Set<string>()
  /** What each model was told, by its key. */
  readonly #told = new WeakMap<ModelLink, Set<string>>()

  constructor(private readonly settings: SoftwareNamesSettings) {}

  /** Resolves when the line of an access is known; undefined if it is, or if nobody wants to know. */
  naming(session: Maker, { access, device }: MadeAccess): Promise<void> | undefined {
    if (!this.#isShown(device)) return undefined
    const { pc, stack } = decodeAccess(access)
    const key = `${session.id} ${pc} ${stack}`
    if (this.#named.has(key)) return undefined
    this.#named.add(key)
    return this.settings.codeBlame.name(session.code.wayTo(pc, stack))
  }

  /** Before the access goes to its model. */
  tell({ link }: RunningModel, session: Maker, { access, device }: MadeAccess): void {
    if (!this.#isShown(device)) return
    const decoded = decodeAccess(access)
    const { pc, stack } = decoded
    this.#once(link, `code ${session.id} ${pc} ${stack}`, () => {
      const { symbol } = this.settings.codeBlame.on(session.code, decoded)
      const program = toAscii(basename(session.exe), 'NameCode.program')
      return { nameCode: { session: session.id, pc, stack, program, function: toAscii(symbol, 'NameCode.function') } }
    })
    this.#tellPlace(link, session.id, device, placeOf(decoded))
  }

  /** Before an access of a log is made again, by a session of our own. */
  tellAgain({ link }: RunningModel, session: number, device: MappedDevice, made: Place, from: LoggedSoftware): void {
    if (!this.#isShown(device)) return
    const [program, name] = [`pid ${from.pid}`, toAscii(from.symbol, 'NameCode.function')]
    send(link, { nameCode: { session, pc: from.seq, program, function: name, number: from.seq } })
    this.#tellPlace(link, session, device, made)
  }

  #tellPlace(link: ModelLink, session: number, device: MappedDevice, place: Place): void {
    const { offset, widthBytes, byteEnables = 0n } = place
    // An instruction that reads and writes is told of but once where its accesses go by mailboxes.
    for (const operation of ['read', 'write'] as const)
      this.#once(link, `place ${session} ${device.handle} ${offset} ${operation} ${widthBytes} ${byteEnables}`, () => {
        const register = this.settings.registers.name(device.name, { ...place, operation }, undefined)?.register
        const name = toAscii(`${device.name}.${register}`, 'NamePlace.name')
        const where = { session, device: device.handle, offset, widthBytes, byteEnables }
        const way = `OPERATION_${operation.toUpperCase()}`
        return register === undefined ? undefined : { namePlace: { ...where, operation: way, name } }
      })
  }

  #isShown({ config }: MappedDevice): boolean {
    return !config.stream && this.settings.traces(config.model)
  }

  #once(link: ModelLink, key: string, request: () => Record<string, object> | undefined): void {
    const told = this.#told.get(link) ?? new Set<string>()
    this.#told.set(link, told)
    if (told.has(key)) return
    told.add(key)
    const made = request()
    if (made) send(link, made)
  }
}

/** A model that is gone says so when it is asked for the access. */
function send(link: ModelLink, request: Record<string, object>): void {
  link.call(request, 'done').catch(() => undefined)
}

/** Of a long text its end, which has the line. */
function toAscii(text: string, field: string): string {
  const most = mostTextBytes(field)
  const ascii = text.replace(/[^\x20-\x7e]/g, '?')
  return ascii.length <= most ? ascii : `~${ascii.slice(1 - most)}`
}
