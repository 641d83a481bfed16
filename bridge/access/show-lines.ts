/**
 * The lines of `--show`, one for each access, in columns that are as wide as what has come so far: nothing is held back
 * to be aligned.
 */
import { basename } from 'node:path'
import type { PortProtocol } from '../config/schema.js'
import { toAddress } from '../map/address-map.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import { toRegisterWords } from '../registers/words.js'
import { movedBytes, toHex, type Operation } from '../wire/access.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'
import { nameAccess } from './named-access.js'
import type { EndedAccess } from './session.js'

/** Of program, instruction, place and handshakes: how wide they are at first, and at most for what comes later. */
const widths = [
  { first: 0, most: 16 },
  { first: 25, most: 40 },
  { first: 0, most: 40 },
  { first: 21, most: 40 },
]

export class ShowLines {
  readonly #widths = widths.map(({ first }) => first)

  constructor(private readonly registers: RegisterMaps) {}

  /** `protocol` is that of its bus, where it lies on one. */
  of(pending: EndedAccess, protocol: PortProtocol | undefined): string {
    const { code, way, spent, result } = pending.device.config.stream
      ? toStreamPieces(pending)
      : toPieces(pending, protocol, this.registers)
    const [program, instruction, place, cycles] = [basename(pending.session.exe), code, way, spent].map((text, i) => {
      const width = Math.min(Math.max(this.#widths[i] ?? 0, text.length), widths[i]?.most ?? 0)
      this.#widths[i] = width
      return text.padEnd(width)
    })
    return `${program}  ${instruction}  → ${place}  ${cycles}${result}`.trimEnd()
  }
}

/** What stands in the columns, and behind them. */
interface Pieces {
  /** The instruction or the call. */
  code: string
  way: string
  spent: string
  result: string
}

/** `read gpio0+0x10 4 B`, with all operations equally wide. */
function toWay(operation: Operation, place: string, widthBytes: number): string {
  return `${operation.padEnd('write'.length)} ${place} ${widthBytes} B`
}

/** What begins and what ends a transfer, in the words of its bus. */
function handshakesOf(protocol: PortProtocol | undefined, operation: Operation): [string, string] {
  if (protocol === 'apb4') return ['PSEL', 'PREADY']
  if (protocol?.startsWith('wishbone')) return ['STB', 'ACK']
  if (protocol === 'ahb-lite') return ['HTRANS', 'HREADY']
  if (protocol === 'tilelink-ul') return ['A', 'D']
  if (protocol === 'native') return ['CS', 'READY']
  if (protocol === 'avalon') return operation === 'read' ? ['READ', 'READDATA'] : ['WRITE', 'WAITREQUEST']
  return operation === 'read' ? ['AR', 'R'] : ['AW', 'B']
}

/** `cat  read()  → read  rx 10 B  T@120 T@124 (3 beats, packet ends) = 00112233445566778899`: in the stream's order. */
function toStreamPieces(pending: EndedAccess): Pieces {
  const { operation, data: written, packetEnd: endsWritten, pc } = decodeAccess(pending.access)
  const {
    cycleStart,
    cycleEnd,
    beats,
    status,
    data: given,
    takenBytes,
    packetEnd,
  } = decodeCompletion(pending.completion ?? Buffer.alloc(0))
  const data = operation === 'read' ? given : written.subarray(0, takenBytes)
  const ends = operation === 'read' ? packetEnd : endsWritten && takenBytes === written.length
  return {
    code: pending.session.sites.get(pc)?.instruction ?? toAddress(pc),
    way: toWay(operation, pending.device.name, data.length),
    spent: `T@${cycleStart} T@${cycleEnd} (${beats} ${beats === 1 ? 'beat' : 'beats'}${ends ? ', packet ends' : ''})`,
    result: ` = ${data.toString('hex')}${status === 'OKAY' ? '' : `  ${status}`}`,
  }
}

/** `busybox  mov eax, [rbx]  → read  gpio0+0x0 4 B  AR@21 R@23 (2 cycles) = 0x0000002a  STATUS.BUSY=0` */
function toPieces(pending: EndedAccess, protocol: PortProtocol | undefined, registers: RegisterMaps): Pieces {
  const access = decodeAccess(pending.access)
  const completion = decodeCompletion(pending.completion ?? Buffer.alloc(0))
  const [first, last] = handshakesOf(protocol, access.operation)
  const { cycleStart, cycleEnd, beats } = completion
  const spent = `${cycleEnd - cycleStart} ${cycleEnd - cycleStart === 1n ? 'cycle' : 'cycles'}`
  const split = beats > 1 ? `, ${beats} beats` : ''
  const data = movedBytes(access, completion.data)
  const value = completion.status === 'OKAY' || access.operation === 'write' ? ` = ${toHex(data)}` : ''
  const status = completion.status === 'OKAY' ? '' : `  ${completion.status}`
  const named = nameAccess(registers, pending.device.name, access, completion)
  return {
    code: pending.session.sites.get(access.pc)?.instruction ?? toAddress(access.pc),
    way: toWay(access.operation, `${pending.device.name}+${toAddress(access.offset)}`, access.widthBytes),
    spent: pending.device.config.hardware ? '' : `${first}@${cycleStart} ${last}@${cycleEnd} (${spent}${split})`,
    result: value + (named ? `  ${toRegisterWords(named)}` : '') + status,
  }
}
