/** The registers of every device of a configuration that names a description of them. */
import { resolve } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import { chooseBlock } from './choose-block.js'
import type { DescribedBlock } from './description.js'
import { expand, type ExpandedBlock } from './expand.js'
import { readBlocks } from './read-blocks.js'
import { RegisterMap, type NamedAccess, type Place } from './register-map.js'

export class RegisterMaps {
  constructor(private readonly maps: ReadonlyMap<string, RegisterMap>) {}

  /** By the name of the device. */
  of(device: string): RegisterMap | undefined {
    return this.maps.get(device)
  }

  /** Names of devices, and what is known of each. */
  get all(): [string, RegisterMap][] {
    return [...this.maps]
  }

  /** Undefined for a device, or a place in it, of which nothing is known. */
  name(device: string, place: Place, value: bigint | undefined): NamedAccess | undefined {
    return this.maps.get(device)?.name(place, value)
  }
}

/**
 * Reads each file once.
 * @param directory where relative paths of the configuration start
 */
export async function readRegisterMaps(devices: MappedDevice[], directory: string): Promise<RegisterMaps> {
  const files = new Map<string, Promise<DescribedBlock[]>>()
  const maps = new Map<string, RegisterMap>()
  for (const device of devices) {
    const { registers } = device.config
    if (!registers) continue
    const path = resolve(directory, registers.file)
    const reading = files.get(path) ?? readBlocks(path)
    files.set(path, reading)
    const block = chooseBlock(await reading, registers.file, registers.block, device.name)
    maps.set(device.name, new RegisterMap(placeIn(device, expand(block), registers)))
  }
  return new RegisterMaps(maps)
}

/** What is described must lie in the device, or one of the two is wrong. */
function placeIn(
  { name, config }: MappedDevice,
  { registers, memories }: ExpandedBlock,
  { file, offset }: { file: string; offset: bigint },
): ExpandedBlock {
  const last = registers.findLast((one) => offset + one.offset + BigInt(one.widthBytes) > config.size)
  if (last)
    throw new TraplineError(
      'config',
      `device ${name} has ${toAddress(config.size)} bytes, and the register ${last.path} (${last.at ?? file}) lies ` +
        `at ${toAddress(offset + last.offset)}; give the device its whole size, or name the right block`,
    )
  const moved = <Thing extends { offset: bigint }>(one: Thing): Thing => ({ ...one, offset: offset + one.offset })
  return { registers: registers.map(moved), memories: memories.map(moved) }
}
