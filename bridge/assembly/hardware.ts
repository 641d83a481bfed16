/** The real devices of a bridge: whether they are there, and what writes down what programs do with them. */
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { HardwareRecorder } from '../access/hardware-recorder.js'
import { HardwareTwin } from '../access/hardware-twin.js'
import { hasCapability } from '../ground/capabilities.js'
import { TraplineError, toMessage } from '../ground/errors.js'
import { isUioPath } from '../ground/uio-path.js'
import { portsPath } from '../ground/ports-path.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import { readPciResource, type PciResource } from '../map/pci-resource.js'
import { HardwareRing } from '../model/hardware-ring.js'
import { hardwareLog, lanesFolder } from '../run/layout.js'
import type { AccessParts } from './accesses.js'
import type { Foundation } from './foundation.js'
import { RealDevices } from './real-devices.js'

const lockdown = '/sys/kernel/security/lockdown'

/** Those that there are are looked over now; others come while it runs. */
export function makeHardware(
  foundation: Foundation,
  accesses: AccessParts,
  onUse: (model: string) => void,
): RealDevices {
  const { devices, memories } = foundation
  devices.filter(isReal).forEach(checkDevice)
  return new RealDevices({
    ...{ devices, memories, check: checkDevice, toPciResource },
    begin: () => makeRecorder(foundation, accesses, onUse),
  })
}

function isReal({ config }: MappedDevice): boolean {
  return config.hardware !== undefined
}

function makeRecorder(
  { settings, devices, directory, recording, registers, log }: Foundation,
  { sessions, monitor, lockstep, codeBlame }: AccessParts,
  onUse: (model: string) => void,
): HardwareRecorder {
  const real = devices.filter(isReal)
  const { shows, lints, countsRegisters, onAccess } = settings
  const isLocked = settings.lockstep !== false && real.some(({ config }) => config.model !== '')
  const tell = (sentence: string) => log.warn(`lockstep: ${sentence}`)
  const recorder = new HardwareRecorder({
    ...{ devices, sessions, ring: new HardwareRing(join(directory.path, lanesFolder), isLocked) },
    twin: isLocked ? new HardwareTwin({ lockstep, codeBlame, registers, onUse, onMissed: tell }) : undefined,
    onUncompared: tell,
    rawLog: recording.writesLog ? join(directory.path, hardwareLog) : undefined,
    pciDevices: new Map(real.flatMap(toPciEntry)),
    onHole: (sentence) => log.warn(sentence),
    observesAll: [shows, lints, countsRegisters].includes(true) || onAccess !== undefined,
  })
  monitor.recorded = recorder.counts
  return recorder
}

function toPciEntry(device: MappedDevice): [number, PciResource][] {
  const resource = toPciResource(device)
  return resource ? [[device.handle, resource]] : []
}

function toPciResource({ config }: MappedDevice): PciResource | undefined {
  const own = toRealPath(config.path)
  return readPciResource(config.hardware?.uio ? toPciFile(own) : own)
}

/** Of a UIO device the PCI device that it is, if it is one. */
function toPciFile(uio: string): string {
  return join(toRealPath(join('/sys/class/uio', basename(uio), 'device')), 'resource0')
}

function toRealPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** What agents would run into, said before the program starts. */
function checkDevice({ name, config: { path, size, hardware } }: MappedDevice): void {
  const refuse = (problem: string): never => {
    throw new TraplineError('config', `device ${name}: ${path} ${problem}`)
  }
  if (path === portsPath) return checkPorts(refuse)
  const realPath = toRealPath(path)
  if (isUioPath(realPath) && !hardware?.uio) refuse(`leads to a UIO device; name it ${realPath}`)
  try {
    accessSync(path, constants.R_OK)
  } catch (error) {
    refuse(`can't be read (${toMessage(error)}); name the file of a device that this user may open`)
  }
  const status = statSync(path)
  if (status.isDirectory()) refuse('is a directory, and no device')
  const end = (hardware?.offset ?? 0n) + size
  if (status.isFile() && status.size > 0 && BigInt(status.size) < end)
    refuse(
      `has ${toAddress(BigInt(status.size))} bytes, and the device would end at ${toAddress(end)}; give it a ` +
        'size that fits',
    )
}

/** What iopl(2) takes of a process; the file of the ports, which many kernels have not, is not needed. */
function checkPorts(refuse: (problem: string) => never): void {
  if (!hasCapability('CAP_SYS_RAWIO'))
    refuse('holds real I/O ports, which take CAP_SYS_RAWIO; run it as root, in a container with that capability added')
  if (existsSync(lockdown) && !readFileSync(lockdown, 'utf8').includes('[none]'))
    refuse('holds real I/O ports, which nobody has on a kernel that is locked down (kernel_lockdown(7))')
}
