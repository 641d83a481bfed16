/** UIO devices that the machine has itself, as sysfs tells them (kernel Documentation/ABI/testing/sysfs-class-uio). */
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface UioMap {
  number: number
  /** Physical address. */
  address: bigint
  /** Bytes. */
  size: bigint
}

/** In their order; none of a device that has none, or that is not there. */
export function readUioMaps(path: string): UioMap[] {
  const folder = join('/sys/class/uio', basename(path), 'maps')
  const numbers = listFolder(folder).flatMap((name) => /^map(\d+)$/.exec(name)?.[1] ?? [])
  const value = (map: string, name: string) => BigInt(readFileSync(join(folder, `map${map}`, name), 'utf8').trim())
  return numbers
    .map((map) => ({ number: Number(map), address: value(map, 'addr'), size: value(map, 'size') }))
    .sort((a, b) => a.number - b.number)
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
