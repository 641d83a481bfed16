/** What matchers ask of registers: whether an access moves one, and what its fields hold. */
import { nearest } from '../config/config-error.js'
import { TraplineError } from '../ground/errors.js'
import type { LogRecord } from '../logs/log-record.js'
import { bitsOf } from '../registers/register-map.js'
import { fieldValue, numberOf, type RegisterField } from '../registers/register.js'
import { registersOf } from './access-recorder.js'

export interface ExpectedRegister {
  /** `STATUS`, `CH[1].LIMIT`: all of it, or a part. */
  register?: string | undefined
  /** What its fields hold: numbers, or the names of values. */
  fields?: Readonly<Record<string, number | bigint | string>> | undefined
}

export function matchesRegister(record: LogRecord, { register: path, fields = {} }: ExpectedRegister): boolean {
  if (path === undefined) return true
  const map = registersOf(record)
  const touch = map?.touches(record).find(({ register }) => register.path === path)
  if (!touch) return false
  const { value, operation } = record
  return Object.entries(fields).every(([name, wanted]) => {
    const field = touch.register.fields.find((one) => one.name === name)
    if (!field || value === undefined || (touch.mask & field.mask) !== field.mask) return false
    return fieldValue(field, bitsOf(touch, value)) === numberOf(field, operation, wanted)
  })
}

/** Names that no device has match nothing, and would do so in silence. Throws a sentence about one. */
export function checkNames(accesses: readonly LogRecord[], { register: path, fields = {} }: ExpectedRegister): void {
  if (path === undefined && Object.keys(fields).length > 0)
    throw new TraplineError('usage', 'fields are those of a register; say which by "register"')
  const maps = [...new Set(accesses.flatMap((record) => registersOf(record) ?? []))]
  if (path === undefined || accesses.length === 0) return
  const found = maps.flatMap((map) => map.find(path) ?? [])
  if (found.length === 0) {
    const known = maps.flatMap(({ registers }) => registers.map((register) => register.path))
    throw new TraplineError('usage', `no register is called ${path}${toHint(path, known)}`)
  }
  for (const [name, wanted] of Object.entries(fields)) {
    const known = found.flatMap((register) => register.fields).filter((field) => field.name === name)
    const names = found.flatMap((register) => register.fields.map((field) => field.name))
    if (known.length === 0) throw new TraplineError('usage', `${path} has no field ${name}${toHint(name, names)}`)
    if (typeof wanted === 'string' && !known.some((field) => hasValue(field, wanted)))
      throw new TraplineError('usage', `${path}.${name} has no value that is called ${wanted}`)
  }
}

function hasValue(field: RegisterField, wanted: string): boolean {
  return (['read', 'write'] as const).some((operation) => numberOf(field, operation, wanted) !== undefined)
}

function toHint(word: string, known: string[]): string {
  const near = nearest(word, known)
  return near === undefined ? '' : `; did you mean ${near}?`
}

/** `STATUS BUSY=1` */
export function toExpectedWords({ register, fields = {} }: ExpectedRegister): string | undefined {
  if (register === undefined) return undefined
  return [register, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(' ')
}
