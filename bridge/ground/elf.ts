/**
 * What an ELF file says of itself, as far as loading and naming its code needs: class, machine, interpreter, segments,
 * function symbols. Reads, never judges. Layouts: System V ABI, chapter 4 and 5.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface ElfHeader {
  bits: 32 | 64
  /** `e_machine` */
  machine: number
  /** Path of the program interpreter; undefined in a static program. */
  interpreter: string | undefined
  isDynamic: boolean
  /** Names of the libraries that it asks for itself. */
  needed: string[]
  /** GNU build ID in hexadecimal digits; empty if there is none. */
  buildId: string
  /** Others can ask for it by a name (DT_SONAME); without an interpreter it is a loader. */
  hasName: boolean
  segments: { offset: bigint; address: bigint; fileSize: bigint }[]
}

export interface FunctionSymbol {
  name: string
  address: bigint
  size: bigint
}

export const machineX8664 = 62

const machineNames: Record<number, string> = {
  2: 'SPARC',
  3: '32-bit x86',
  8: 'MIPS',
  20: 'PowerPC',
  21: '64-bit PowerPC',
  22: 'S/390',
  40: '32-bit ARM',
  62: 'x86-64',
  183: '64-bit ARM',
  243: 'RISC-V',
  258: 'LoongArch',
}

export function toMachineName(machine: number): string {
  return machineNames[machine] ?? `machine number ${machine}`
}

const loadSegment = 1
const dynamicSegment = 2
const interpreterSegment = 3
const noteSegment = 4
const buildIdNote = 3
const neededTag = 1n
const nameTag = 14n
const stringTableTag = 5n
const longestName = 256
const longestPath = 4096
/** Bytes of a function's name; those of templates are long. */
const longestSymbol = 4096

/** A path, or a descriptor that stays open. */
type Source = string | number

/** Reads the headers; undefined if the file is not ELF. Throws what `open` throws. */
export function readElf(source: Source): ElfHeader | undefined {
  return withFile(source, (read) => {
    const ident = read(0n, 64)
    if (ident.length < 52 || ident.readUInt32BE(0) !== 0x7f454c46) return undefined
    const bits = ident[4] === 2 ? 64 : 32
    const bigEndian = ident[5] === 2
    const machine = bigEndian ? ident.readUInt16BE(18) : ident.readUInt16LE(18)
    const header: ElfHeader = {
      bits,
      machine,
      interpreter: undefined,
      isDynamic: false,
      needed: [],
      hasName: false,
      segments: [],
      buildId: '',
    }
    if (bits === 64 && !bigEndian) readSegments(header, ident, read)
    if (bits === 32 && !bigEndian) header.interpreter = readInterpreterOf32(ident, read)
    return header
  })
}

/** Function symbols by address; empty where the file is stripped or not 64-bit little-endian ELF. */
export function readFunctions(source: Source): FunctionSymbol[] {
  return withFile(source, (read) => {
    const ident = read(0n, 64)
    if (ident.length < 64 || ident.readUInt32BE(0) !== 0x7f454c46 || ident[4] !== 2 || ident[5] !== 1) return []
    const sections = readSections(ident, read)
    // One of each is all that a file may have (System V ABI, sh_type).
    const tables = [2, 11].flatMap((type) => sections.find((section) => section.type === type) ?? [])
    const symbols = tables.flatMap((table) => {
      const strings = sections[table.link]
      return strings ? parseSymbols(read(table.offset, table.size), read(strings.offset, strings.size)) : []
    })
    return symbols.sort((a, b) => (a.address < b.address ? -1 : 1))
  })
}

/** The address that the linker gave to a byte of the file. */
export function toLinkAddress(header: ElfHeader, fileOffset: bigint): bigint | undefined {
  const segment = header.segments.find((s) => fileOffset >= s.offset && fileOffset < s.offset + s.fileSize)
  return segment && fileOffset - segment.offset + segment.address
}

type Read = (offset: bigint, length: number) => Buffer

/** A file may say anything of its own sizes; what it has not is not read, and of what it has no more than this. */
const mostBytes = 256 << 20
const mostOfASegment = 1 << 20

function withFile<T>(source: Source, use: (read: Read) => T): T {
  const file = typeof source === 'number' ? source : openSync(source, 'r')
  try {
    const size = fstatSync(file).size
    return use((offset, length) => {
      const at = Number(offset)
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - at, mostBytes)))
      return buffer.subarray(0, buffer.length && readSync(file, buffer, 0, buffer.length, at))
    })
  } finally {
    if (file !== source) closeSync(file)
  }
}

/** Of a file of 32 bits nothing else is asked. */
function readInterpreterOf32(ident: Buffer, read: Read): string | undefined {
  const size = ident.readUInt16LE(42)
  const table = read(BigInt(ident.readUInt32LE(28)), size * ident.readUInt16LE(44))
  for (let at = 0; at + 32 <= table.length; at += Math.max(size, 32)) {
    if (table.readUInt32LE(at) !== interpreterSegment) continue
    return toText(read(BigInt(table.readUInt32LE(at + 4)), Math.min(table.readUInt32LE(at + 16), longestPath)))
  }
  return undefined
}

function readSegments(header: ElfHeader, ident: Buffer, read: Read): void {
  const size = ident.readUInt16LE(54)
  const table = read(ident.readBigUInt64LE(32), size * ident.readUInt16LE(56))
  let dynamic: Buffer | undefined
  for (let at = 0; at + 56 <= table.length; at += Math.max(size, 56)) {
    const type = table.readUInt32LE(at)
    const offset = table.readBigUInt64LE(at + 8)
    const address = table.readBigUInt64LE(at + 16)
    const fileSize = table.readBigUInt64LE(at + 32)
    if (type === loadSegment) header.segments.push({ offset, address, fileSize })
    if (type === dynamicSegment) dynamic = read(offset, Math.min(Number(fileSize), mostOfASegment))
    if (type === noteSegment) header.buildId ||= findBuildId(read(offset, Math.min(Number(fileSize), mostOfASegment)))
    if (type === interpreterSegment) header.interpreter = toText(read(offset, Math.min(Number(fileSize), longestPath)))
  }
  header.isDynamic = dynamic !== undefined
  if (dynamic) header.needed = readNeeded(header, dynamic, read)
}

/** Name and description of a note are padded to 4 bytes (System V ABI, note section). */
function findBuildId(notes: Buffer): string {
  const padded = (bytes: number) => Math.ceil(bytes / 4) * 4
  for (let at = 0; at + 12 <= notes.length;) {
    const [nameBytes, bytes, type] = [0, 4, 8].map((field) => notes.readUInt32LE(at + field)) as [
      number,
      number,
      number,
    ]
    const from = at + 12 + padded(nameBytes)
    const name = notes.toString('latin1', at + 12, at + 12 + nameBytes)
    if (type === buildIdNote && name === 'GNU\0') return notes.subarray(from, from + bytes).toString('hex')
    at = from + padded(bytes)
  }
  return ''
}

/** DT_NEEDED holds offsets into the string table, whose address DT_STRTAB holds. */
function readNeeded(header: ElfHeader, dynamic: Buffer, read: Read): string[] {
  const entries = Array.from({ length: Math.floor(dynamic.length / 16) }, (_, i) => ({
    tag: dynamic.readBigUInt64LE(i * 16),
    value: dynamic.readBigUInt64LE(i * 16 + 8),
  }))
  const end = entries.findIndex(({ tag }) => tag === 0n)
  const used = end < 0 ? entries : entries.slice(0, end)
  const strings = toFileOffset(header, used.find(({ tag }) => tag === stringTableTag)?.value ?? 0n)
  header.hasName = used.some(({ tag }) => tag === nameTag)
  const names = used.filter(({ tag }) => tag === neededTag)
  return strings === undefined ? [] : names.map(({ value }) => toText(read(strings + value, longestName)))
}

function toFileOffset(header: ElfHeader, address: bigint): bigint | undefined {
  const segment = header.segments.find((s) => address >= s.address && address < s.address + s.fileSize)
  return segment && address - segment.address + segment.offset
}

function toText(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

function readSections(ident: Buffer, read: Read): { type: number; offset: bigint; size: number; link: number }[] {
  const entry = 64
  const table = read(ident.readBigUInt64LE(40), entry * ident.readUInt16LE(60))
  return Array.from({ length: Math.floor(table.length / entry) }, (_, i) => ({
    type: table.readUInt32LE(i * entry + 4),
    offset: table.readBigUInt64LE(i * entry + 24),
    size: Number(table.readBigUInt64LE(i * entry + 32)),
    link: table.readUInt32LE(i * entry + 40),
  }))
}

function parseSymbols(table: Buffer, strings: Buffer): FunctionSymbol[] {
  const entry = 24
  const functionType = 2
  const symbols: FunctionSymbol[] = []
  for (let at = 0; at + entry <= table.length; at += entry) {
    const address = table.readBigUInt64LE(at + 8)
    if (((table[at + 4] ?? 0) & 0xf) !== functionType || address === 0n) continue
    const start = table.readUInt32LE(at)
    const name = toText(strings.subarray(start, start + longestSymbol))
    symbols.push({ name, address, size: table.readBigUInt64LE(at + 16) })
  }
  return symbols
}
