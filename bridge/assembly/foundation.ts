/** What every part of a bridge stands on: what its settings say, which addresses there are, and its run directory. */
import type { Config } from '../config/schema.js'
import { chooseSeed } from '../config/seed.js'
import { usedModels } from '../config/used-models.js'
import { log as defaultLog, type Log } from '../ground/log.js'
import { mapDevices, type MappedDevice } from '../map/address-map.js'
import { DeviceTree } from '../map/device-tree.js'
import { mapMemories, type MappedMemory } from '../map/memory-map.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import { Recording } from '../run/recording.js'
import { Residents } from '../run/residents.js'
import { makeAgentFolders, type RunDirectory } from '../run/run-directory.js'
import type { BridgeSettings } from './settings.js'

export interface Maps {
  devices: MappedDevice[]
  /** The memories that hosts and RTL share. */
  memories: MappedMemory[]
}

export interface Foundation extends Maps {
  settings: BridgeSettings
  config: Config
  configDirectory: string
  /** What is known of the registers of devices. */
  registers: RegisterMaps
  seed: number
  directory: RunDirectory
  recording: Recording
  /** What hosts find below /sys. */
  tree: DeviceTree
  /** Of a bridge that has one run. */
  residents: Residents | undefined
  log: Log
}

export function mapAll(config: Config): Maps {
  const devices = mapDevices(config)
  return { devices, memories: mapMemories(config, devices) }
}

export function layFoundation(
  settings: BridgeSettings,
  known: Maps & Pick<Foundation, 'registers'>,
  directory: RunDirectory,
): Foundation {
  const { config, configDirectory, log = defaultLog } = settings
  const seed = settings.seed ?? config.seed ?? chooseSeed()
  const tree = new DeviceTree(directory.path)
  makeAgentFolders(directory.path)
  const recording = new Recording(settings, directory.path, usedModels(config))
  const residents = settings.hasOneRun ? new Residents(directory.path) : undefined
  return { ...known, settings, config, configDirectory, seed, directory, recording, tree, residents, log }
}
