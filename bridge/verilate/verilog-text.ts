/** How names and values are written in SystemVerilog text. Pure. */
import { TraplineError } from '../ground/errors.js'

/** A plain identifier as it is, any other as an escaped one with the blank that ends it (IEEE 1800-2017 5.6.1). */
export function toIdentifier(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? name : `\\${name} `
}

/** A constant of exactly that width. */
export function toConstant(value: bigint, width: number): string {
  return `${width}'h${value.toString(16)}`
}

/** A parameter's value: numbers and booleans as they are, strings quoted unless they are numbers. */
export function toParameterValue(value: number | boolean | string): string {
  if (typeof value === 'boolean') return value ? "1'b1" : "1'b0"
  if (typeof value === 'number') return Number.isInteger(value) ? toInteger(BigInt(value)) : String(value)
  const text = value.trim()
  if (/^-?(0x[0-9a-f][0-9a-f_]*|[0-9][0-9_]*)$/i.test(text)) return toInteger(parseInteger(text))
  if (/^-?\d+\.\d+(e[+-]?\d+)?$/i.test(text)) return text
  if (/^-?\d*'s?[bodh][0-9a-fxz_?]+$/i.test(text)) return text
  if (/^"[^"\\]*"$/.test(text)) return text
  return toQuoted(value)
}

function parseInteger(text: string): bigint {
  const digits = text.replaceAll('_', '')
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits)
}

/** Plain decimal where it fits an `integer`, else sized, because an unsized literal has 32 bits. */
function toInteger(value: bigint): string {
  if (value >= -(2n ** 31n) && value < 2n ** 31n) return value.toString()
  const magnitude = value < 0n ? -value : value
  const width = Math.max(64, magnitude.toString(2).length + (value < 0n ? 1 : 0))
  return `${value < 0n ? '-' : ''}${width}'${value < 0n ? 's' : ''}h${magnitude.toString(16)}`
}

function toQuoted(text: string): string {
  if (/[^\x20-\x7e]/.test(text)) {
    throw new TraplineError(
      'config',
      `parameter value ${JSON.stringify(text)} has characters that Verilog strings lack`,
    )
  }
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

/** Names of the modules that a text declares, as far as no macro makes them. */
export function modulesIn(text: string): string[] {
  const plain = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"/g, ' ')
  return Array.from(
    plain.matchAll(/\b(?:macro)?module\s+(?:(?:static|automatic)\s+)?([A-Za-z_]\w*)/g),
    ([, name = '']) => name,
  )
}
