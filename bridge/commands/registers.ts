/**
 * `trapline registers`: the registers of a configuration's devices as a table, or as types for `bench.reg()`. Builds
 * nothing.
 */
import { basename } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { toTable } from '../ground/format.js'
import { mapDevices, toAddress } from '../map/address-map.js'
import type { Register, RegisterField } from '../registers/register.js'
import { readRegisterMaps } from '../registers/register-maps.js'
import { toTypes } from '../registers/write-types.js'
import type { ConfigFlags } from './flags.js'
import { print, writeOutput } from './output-files.js'
import { toConfig } from './to-config.js'

export interface RegistersFlags extends ConfigFlags {
  types?: string
}

export async function registers(flags: RegistersFlags): Promise<number> {
  const { config, directory, source } = await toConfig(flags)
  const maps = await readRegisterMaps(mapDevices(config), directory)
  if (maps.all.length === 0)
    throw new TraplineError('config', `${source}: no device says what describes its registers; give one "registers"`)
  if (flags.types !== undefined) {
    writeOutput(flags.types, toTypes(maps.all, basename(source)))
    return 0
  }
  const head = ['DEVICE', 'OFFSET', 'REGISTER', 'BITS', 'ACCESS', 'RESET', 'FIELDS']
  const rows = maps.all.flatMap(([device, map]) => map.registers.map((register) => toRow(device, register)))
  await print(`${toTable([head, ...rows])}\n`)
  return 0
}

function toRow(device: string, { path, offset, widthBits, access, reset, fields }: Register): string[] {
  const known = reset === undefined ? '' : toAddress(reset)
  return [device, toAddress(offset), path, String(widthBits), access, known, fields.map(toField).join(' ')]
}

/** `MODE[2:1]`, and what is special about it. */
function toField({ name, low, widthBits, access, onRead, onWrite }: RegisterField): string {
  const bits = widthBits === 1 ? `[${low}]` : `[${low + widthBits - 1}:${low}]`
  const notes = [access, ...(onRead ? [`read: ${onRead}`] : []), ...(onWrite ? [`write: ${onWrite}`] : [])]
  return `${name}${bits} ${notes.join(', ')};`
}
