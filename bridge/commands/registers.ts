/**
 * `trapline registers`: the registers of a configuration's devices as a table, as JSON, or as types for `bench.reg()`.
 * Builds nothing.
 */
import { basename } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { toTable } from '../ground/format.js'
import { mapDevices, toAddress } from '../map/address-map.js'
import type { Register, RegisterField } from '../registers/register.js'
import { readRegisterMaps, type RegisterMaps } from '../registers/register-maps.js'
import { toRegistersJson, type DescribedDevice } from '../registers/to-json.js'
import { toPythonTypes } from '../registers/write-python-types.js'
import { toTypes } from '../registers/write-types.js'
import type { ConfigFlags } from './flags.js'
import { print, writeOutput } from './output-files.js'
import { toConfig } from './to-config.js'

export interface RegistersFlags extends ConfigFlags {
  types?: string
  json?: boolean
}

export async function registers(flags: RegistersFlags): Promise<number> {
  const { config, directory, source } = await toConfig(flags)
  const devices = mapDevices(config)
  const maps = await readRegisterMaps(devices, directory)
  if (flags.json && flags.types !== undefined)
    throw new TraplineError('usage', '--json and --types are two outputs; ask for one of them')
  if (flags.json) {
    const all = devices.map(({ name }): DescribedDevice => [name, maps.of(name)])
    await print(toRegistersJson(all, source))
    return 0
  }
  if (maps.all.length === 0)
    throw new TraplineError('config', `${source}: no device says what describes its registers; give one "registers"`)
  if (flags.types !== undefined) {
    writeOutput(flags.types, toTypesFor(flags.types, maps, basename(source)))
    return 0
  }
  const head = ['DEVICE', 'OFFSET', 'REGISTER', 'BITS', 'ACCESS', 'RESET', 'FIELDS']
  const rows = maps.all.flatMap(([device, map]) => map.registers.map((register) => toRow(device, register)))
  await print(`${toTable([head, ...rows])}\n`)
  return 0
}

/** In the language that the file is for. */
function toTypesFor(file: string, { all }: RegisterMaps, source: string): string {
  if (/\.pyi?$/.test(file)) return toPythonTypes(all, source)
  if (/\.[mc]?ts$/.test(file)) return toTypes(all, source)
  throw new TraplineError('usage', `--types ${file}: it must end in .d.ts for TypeScript, or in .py or .pyi for Python`)
}

function toRow(device: string, { path, offset, widthBits, access, reset, fields }: Register): string[] {
  const known = reset === undefined ? '' : toAddress(reset)
  return [device, toAddress(offset), path, String(widthBits), access, known, fields.map(toField).join(' ')]
}

/** `MODE[2:1]`, and what is special about it. */
function toField({ name, low, widthBits, access, onRead, onWrite, volatile }: RegisterField): string {
  const bits = widthBits === 1 ? `[${low}]` : `[${low + widthBits - 1}:${low}]`
  const effects = [...(onRead ? [`read: ${onRead}`] : []), ...(onWrite ? [`write: ${onWrite}`] : [])]
  const notes = [access, ...effects, ...(volatile && !onRead ? ['volatile'] : [])]
  return `${name}${bits} ${notes.join(', ')};`
}
