/** The registers of devices as JSON, for tests in other languages: what `expand.ts` has made of any format. */
import type { Register, RegisterField } from './register.js'
import type { RegisterMap } from './register-map.js'

/** A device, and its registers where they are described. */
export type DescribedDevice = [name: string, map: RegisterMap | undefined]

/** Numbers that may have more than 53 bits are `"0x…"`; what is not known is absent. */
export function toRegistersJson(devices: DescribedDevice[], source: string): string {
  const all = devices.map(([name, map]) => ({ name, ...(map && toContent(map)) }))
  return `${JSON.stringify({ format: 'trapline-register-map-1', source, devices: all }, undefined, 2)}\n`
}

function toContent({ registers, memories }: RegisterMap) {
  return {
    registers: registers.map(toRegister),
    memories: memories.map(({ path, offset, size }) => ({ path, offset: toHex(offset), size: toHex(size) })),
  }
}

function toRegister({ path, offset, widthBits, access, reset, description, at, fields }: Register) {
  const known = { reset: reset === undefined ? undefined : toHex(reset), description, at }
  return { path, offset: toHex(offset), widthBits, access, ...known, fields: fields.map(toField) }
}

function toField({ name, low, widthBits, access, onRead, onWrite, reset, ...rest }: RegisterField) {
  const volatile = rest.volatile || undefined
  const known = { onRead, onWrite, volatile, reset: reset === undefined ? undefined : toHex(reset) }
  const [values, writtenValues] = [toNames(rest.values), toNames(rest.writtenValues)]
  return { name, low, widthBits, access, ...known, description: rest.description, values, writtenValues }
}

/** By number: of several numbers that have one name each stands. */
function toNames(values: ReadonlyMap<bigint, string>): Record<string, string> | undefined {
  return values.size === 0 ? undefined : Object.fromEntries([...values].map(([one, name]) => [toHex(one), name]))
}

function toHex(value: bigint): string {
  return `0x${value.toString(16)}`
}
