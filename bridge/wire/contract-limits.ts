/**
 * How much the fields of the contract hold. Agents and models keep them in C structures of fixed size, and
 * `proto/trapline/v1/*.options` say of which; nanopb reads those files, and so do we, so that no number is said twice.
 * A reader that is given more than fits can read nothing of the message at all: who fills a field looks here first.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type protobuf from 'protobufjs'
import { TraplineError } from '../ground/errors.js'
import { protoDirectory } from '../ground/paths.js'
import { toPrintable } from '../ground/printable.js'

/** What an options file says of a field: bytes of its C array, the closing zero of a text among them, and elements. */
export interface FieldLimit {
  maxSize?: number
  maxCount?: number
}

const contract = 'trapline/v1'

/** The limits by message and field, as in `Device.name`. */
export const contractLimits: ReadonlyMap<string, FieldLimit> = readLimits(join(protoDirectory, contract))

function readLimits(folder: string): Map<string, FieldLimit> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.options'))
  const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
  return new Map(lines.flatMap(toLimit))
}

/** The limit that a line states; none if it is a comment, or of a message that has no C structure. */
function toLimit(line: string): [string, FieldLimit][] {
  const [, field, options = ''] = /^trapline\.v1\.(\w+\.\w+)\s+(.*)$/.exec(line) ?? []
  if (field === undefined) return []
  const numberOf = (option: string) => new RegExp(`\\b${option}:(\\d+)`).exec(options)?.[1]
  const [size, count] = [numberOf('max_size'), numberOf('max_count')]
  return [[field, { ...(size && { maxSize: Number(size) }), ...(count && { maxCount: Number(count) }) }]]
}

/** Bytes of UTF-8 that a text field holds; nanopb closes it with a zero. */
export function mostTextBytes(field: string): number {
  return mostBytes(field) - 1
}

/** Bytes that a field of type `bytes` holds. */
export function mostBytes(field: string): number {
  return limitOf(field, 'maxSize')
}

/** Elements that a repeated field holds. */
export function mostItems(field: string): number {
  return limitOf(field, 'maxCount')
}

function limitOf(field: string, kind: keyof FieldLimit): number {
  const limit = contractLimits.get(field)?.[kind]
  if (limit === undefined) throw new Error(`no options file of ${contract} says a ${kind} of ${field}`)
  return limit
}

/**
 * Refuses a text that its field has no room for, in one sentence.
 * @param what whose it is, and what it is: `device gpio0: its path`
 * @param wayOut `give it a shorter one`
 */
export function checkText(text: string, field: string, what: string, wayOut: string): void {
  const [bytes, most] = [Buffer.byteLength(text), mostTextBytes(field)]
  if (bytes > most) throw new TraplineError('config', `${what} has ${bytes} bytes, and ${most} is the limit; ${wayOut}`)
}

/** As much of a text as its field holds; what is cut off leaves a mark, and no half of a character. */
export function cutText(text: string, field: string): string {
  const most = mostTextBytes(field)
  if (Buffer.byteLength(text) <= most) return text
  const mark = '…'
  const kept = Buffer.from(text).subarray(0, most - Buffer.byteLength(mark))
  return `${kept.toString('utf8').replace(/\uFFFD+$/, '')}${mark}`
}

type Plain = Record<string, unknown>

/**
 * What a message holds that its reader has no room for, as a sentence without a subject's end; undefined if all fits.
 * For whatever a look at the configuration could not foresee, such as the path of a file of this run.
 * @param message as protobufjs takes it for `type`
 */
export function excessOf(type: protobuf.Type, message: Plain): string | undefined {
  for (const field of type.fieldsArray) {
    const value = message[field.name]
    if (value === undefined || value === null) continue
    const values: unknown[] = field.repeated ? (value as unknown[]) : [value]
    const name = `${type.name}.${toSnakeCase(field.name)}`
    const problem = excessOfField(name, values) ?? excessWithin(field, values)
    if (problem !== undefined) return problem
  }
  return undefined
}

function excessWithin(field: protobuf.Field, values: unknown[]): string | undefined {
  const { resolvedType } = field.resolve()
  if (!resolvedType || !('fieldsArray' in resolvedType)) return undefined
  for (const value of values) {
    const problem = excessOf(resolvedType, value as Plain)
    if (problem !== undefined) return problem
  }
  return undefined
}

function excessOfField(name: string, values: unknown[]): string | undefined {
  const { maxSize = Infinity, maxCount = Infinity } = contractLimits.get(name) ?? {}
  if (values.length > maxCount) return `${values.length} of ${name}, and ${maxCount} is the limit`
  const sizeOf = (value: unknown) =>
    typeof value === 'string' ? Buffer.byteLength(value) + 1 : value instanceof Uint8Array ? value.length : 0
  const long = values.find((value) => sizeOf(value) > maxSize)
  if (long === undefined) return undefined
  const bytes = typeof long === 'string' ? Buffer.byteLength(long) : (long as Uint8Array).length
  const words = typeof long === 'string' ? `'${toPrintable(long)}' for ${name}` : name
  return `${words} has ${bytes} bytes, and ${typeof long === 'string' ? maxSize - 1 : maxSize} is the limit`
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
