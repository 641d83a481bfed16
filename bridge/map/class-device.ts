/**
 * A device in sysfs as the kernel lays it out (Documentation/admin-guide/sysfs-rules.rst): its folder lies below the
 * platform device that its driver has bound, and is known by links from its class, its number, its bus and its driver.
 */
import type { DeviceTree } from './device-tree.js'

export interface ClassDevice {
  /** Its classes; it belongs to the first one. */
  classes: [string, ...string[]]
  name: string
  /** The platform device. */
  parent: string
  driver: string
  /** Without one there is no `dev`. */
  number?: { major: number; minor: number }
}

const power = {
  control: 'auto',
  runtime_active_time: '0',
  runtime_status: 'unsupported',
  runtime_suspended_time: '0',
}

/** Returns the folder that the device's own attributes belong in. */
export function describeClassDevice(tree: DeviceTree, device: ClassDevice): string {
  const { classes, name, parent, driver, number } = device
  const above = `/sys/devices/platform/${parent}`
  const folder = `${above}/${classes[0]}/${name}`
  const bus = '/sys/bus/platform'
  for (const at of [above, folder]) for (const [file, text] of Object.entries(power)) write(`${at}/power/${file}`, text)

  write(`${above}/driver_override`, '(null)')
  write(`${above}/modalias`, `platform:${driver}`)
  write(`${above}/uevent`, `DRIVER=${driver}\nMODALIAS=platform:${driver}`)
  tree.link(`${above}/driver`, `${bus}/drivers/${driver}`)
  tree.link(`${above}/subsystem`, bus)
  tree.link(`${bus}/devices/${parent}`, above)
  tree.link(`${bus}/drivers/${driver}/${parent}`, above)

  tree.link(`${folder}/device`, above)
  tree.link(`${folder}/subsystem`, `/sys/class/${classes[0]}`)
  for (const group of classes) tree.link(`/sys/class/${group}/${name}`, folder)
  if (!number) return folder
  const { major, minor } = number
  write(`${folder}/dev`, `${major}:${minor}`)
  write(`${folder}/uevent`, `MAJOR=${major}\nMINOR=${minor}\nDEVNAME=${name}`)
  tree.link(`/sys/dev/char/${major}:${minor}`, folder)
  return folder

  function write(path: string, text: string): void {
    tree.write(path, `${text}\n`)
  }
}
