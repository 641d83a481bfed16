/**
 * The vocabulary of the bus inside the bridge: what a load or store is and what the device answered.
 * 64-bit values are bigint. How they lie on the wire is the work of `wire.ts`.
 */
export type Operation = 'read' | 'write'

/** The worst answer of all beats of one access; `proto/trapline/v1/bus.proto` says what each means. */
export const statuses = ['UNSPECIFIED', 'OKAY', 'SLVERR', 'DECERR', 'TIMEOUT', 'DISCONNECTED'] as const
export type Status = (typeof statuses)[number]

export const statusOkay = statuses.indexOf('OKAY')
export const statusTimeout = statuses.indexOf('TIMEOUT')
export const statusDisconnected = statuses.indexOf('DISCONNECTED')

/** Where an instruction stands in the host. */
export interface Site {
  /** Path of the mapped file, empty in anonymous memory. */
  module: string
  /** File offset of the instruction. */
  moduleOffset: bigint
  /** Intel syntax. */
  instruction: string
  /** The GNU build ID of the file as it is mapped; absent or empty if it has none, or nobody says so. */
  buildId?: Uint8Array
  /** Of interpreted code, whose file `module` is. */
  source?: { function: string; line: number }
  /** Of code that a program makes for itself: where it lies in that process. */
  generated?: { pid: number; address: bigint }
}

/** One caller of an instruction's function; of interpreted code, whose source file is `module`, if `line` is not 0. */
export interface CallFrame extends Pick<Site, 'module' | 'moduleOffset' | 'buildId'> {
  pc: bigint
  /** `pc` is behind a call. */
  isReturn: boolean
  function: string
  line: number
}

/** A place in a program as people know it; without debug information there is no file. */
export interface CodeFrame {
  /** `main`, `main+0x1a`, or `libdrv.so+0x123` where no name is known. */
  function: string
  file?: string | undefined
  line?: number | undefined
}

/** `main (blink.c:12)` */
export function toSymbol({ function: name, file, line }: CodeFrame): string {
  return file === undefined ? name : `${name} (${file}:${line})`
}

export interface Access {
  seq: bigint
  device: number
  offset: bigint
  operation: Operation
  widthBytes: number
  /** Lowest address first; empty for a read. */
  data: Buffer
  byteEnables: bigint
  hold: boolean
  tid: number
  pc: bigint
  site: Site | undefined
  /** Cycles without progress after which an access of a stream is answered as it is; never 0 there. */
  patienceCycles: number
  /** A write of a stream: the packet ends with it. */
  packetEnd: boolean
  /** A read of a stream: nothing is given before a packet is whole, or so many bytes have come. */
  wantedBytes: number
  /** A write that nobody waits for. */
  posted: boolean
  /** Of a string, more than 1: so many accesses, each as wide. */
  elements: number
  /** Of a string: each lies before the one before it. */
  descending: boolean
  /** The number of the calls that led to it; 0: not known. */
  stack: number
  /** The callers, the innermost first, at the first access of that number. */
  frames: CallFrame[]
}

export interface Completion {
  seq: bigint
  status: Status
  data: Buffer
  cycleStart: bigint
  cycleEnd: bigint
  timePs: bigint
  beats: number
  detail: string
  /** A write of a stream: bytes that went out, or are on offer. */
  takenBytes: number
  isPending: boolean
  /** A read of a stream: the packet ends with these bytes. */
  packetEnd: boolean
  /** A read of a stream: the next would be answered at once. */
  isReadable: boolean
  /** Not 0: the number of a posted write that ended so, for which this access was not carried out. */
  posted: bigint
  /** Of a string: elements that ended with OKAY. */
  done: number
}

/** Whether some of its elements have an offset of more than 64 bits. */
export function isEndless({ offset, widthBytes, elements, descending }: Access): boolean {
  const distance = BigInt((elements - 1) * widthBytes)
  return descending ? offset < distance : offset + distance >= 1n << 64n
}

/** The access that element `index` of a string is, without its site, which has been told with the string. */
export function elementOf(string: Access, index: number): Access {
  const { seq, offset, widthBytes, data, descending } = string
  const distance = BigInt(index * widthBytes)
  return {
    ...string,
    seq: seq + BigInt(index),
    offset: BigInt.asUintN(64, descending ? offset - distance : offset + distance),
    data: data.subarray(index * widthBytes, (index + 1) * widthBytes),
    site: undefined,
    frames: [],
    elements: 0,
    descending: false,
  }
}

/**
 * What an access moved: the bytes that it writes, or those that it was given. Bytes that are not enabled count as 0, in
 * every log and line, whoever writes it (hdl/sim/access_log.cc for RTL).
 */
export function movedBytes(
  { operation, data, byteEnables }: Pick<Access, 'operation' | 'data' | 'byteEnables'>,
  answered: Uint8Array,
): Buffer {
  const bytes = operation === 'write' ? data : answered
  if (byteEnables === 0n) return Buffer.from(bytes)
  return Buffer.from(bytes.map((byte, i) => (((byteEnables >> BigInt(i)) & 1n) === 0n ? 0 : byte)))
}

/** Which bytes an access moves, bit i for byte i; undefined if all of them, however it says that. */
export function partialEnables({
  byteEnables,
  widthBytes,
}: Pick<Access, 'byteEnables' | 'widthBytes'>): bigint | undefined {
  if (byteEnables === 0n) return undefined
  const all = (1n << BigInt(widthBytes)) - 1n
  return (byteEnables & all) === all ? undefined : byteEnables & all
}

/** Bytes, lowest address first, as the number they stand for. */
export function toValue(data: Uint8Array): bigint {
  return data.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** The little-endian bytes of a number that fits in them. */
export function fromValue(value: bigint, widthBytes: number): Buffer {
  return Buffer.from(Array.from({ length: widthBytes }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)))
}

/** `0x` and all digits of the width, the most significant byte first. */
export function toHex(data: Uint8Array): string {
  return '0x' + Buffer.from(data).reverse().toString('hex')
}
