/**
 * The real devices of a bridge while it runs: more of them come, and some go again. Who has attached keeps what it was
 * told, so a device that has gone keeps its number, its name and its place in the recording. None of these is given out
 * again.
 */
import type { HardwareRecorder } from '../access/hardware-recorder.js'
import { parseConfig } from '../config/load-config.js'
import { toHardwareName, toHardwareRange } from '../config/quick-config.js'
import { TraplineError } from '../ground/errors.js'
import { isUioPath } from '../ground/uio-path.js'
import { portsPath } from '../ground/ports-path.js'
import { checkApartFrom, mapDevices, placesOf, type MappedDevice } from '../map/address-map.js'
import { checkApartFromDevices, type MappedMemory } from '../map/memory-map.js'
import type { PciResource } from '../map/pci-resource.js'
import { mostItems } from '../wire/contract-limits.js'

export interface RealDevicesSettings {
  /** All of the bridge, to which others are added. */
  devices: MappedDevice[]
  memories: readonly MappedMemory[]
  /** Makes what writes down what programs do with the real ones among the devices. */
  begin(): HardwareRecorder
  /** Throws what programs would run into. */
  check(device: MappedDevice): void
  toPciResource(device: MappedDevice): PciResource | undefined
}

export class RealDevices {
  #recorder: HardwareRecorder | undefined
  /** Handles of those that nobody is told of any more. */
  readonly #gone = new Set<number>()

  constructor(private readonly settings: RealDevicesSettings) {
    if (settings.devices.some(({ config }) => config.hardware)) this.#recorder = settings.begin()
  }

  /** Present once there has been a real device. */
  get recorder(): HardwareRecorder | undefined {
    return this.#recorder
  }

  /** All devices of which a process is told that attaches now. */
  get told(): MappedDevice[] {
    return this.settings.devices.filter(({ handle }) => !this.#gone.has(handle))
  }

  /** @param range `PATH@BASE+SIZE` or `PATH+SIZE` */
  watch(range: string): MappedDevice {
    const { devices, memories, check, begin, toPciResource } = this.settings
    const device = this.#toDevice(range)
    checkApartFrom(device, this.told)
    for (const memory of memories) checkApartFromDevices(memory, [device])
    this.#checkRoom(device)
    check(device)
    this.#recorder ??= begin()
    devices.push(device)
    this.#recorder.add(device, toPciResource(device))
    return device
  }

  unwatch(name: string): MappedDevice {
    const real = this.told.filter(({ config }) => config.hardware)
    const device = this.told.find((each) => each.name === name)
    if (!device)
      throw new TraplineError(
        'usage',
        `there is no device ${name}; real devices are ${real.map((each) => each.name).join(', ') || 'none'}`,
      )
    const { model, hardware } = device.config
    if (!hardware)
      throw new TraplineError('usage', `device ${name} is RTL, model ${model}, and no real device; it stays`)
    if (model !== '')
      throw new TraplineError('usage', `device ${name} runs in lockstep with model ${model}; it stays as long as that`)
    if (hardware.uio)
      throw new TraplineError('usage', `device ${name} is of a UIO device, which stays as long as the bridge`)
    this.#gone.add(device.handle)
    return device
  }

  #toDevice(range: string): MappedDevice {
    const { path, base, size } = toHardwareRange(range, '')
    if (isUioPath(path))
      throw new TraplineError('usage', `${path} is a UIO device, which a bridge has from its beginning; name it there`)
    if (path === portsPath)
      throw new TraplineError('usage', `${path} has I/O ports, which a bridge has from its beginning; name them there`)
    const { devices, memories } = this.settings
    const name = toHardwareName(
      path,
      [...devices, ...memories].map((each) => each.name),
    )
    const device = { kind: 'hardware', path, ...(size !== undefined && { size }), ...(base !== undefined && { base }) }
    const config = parseConfig(range, { models: {}, devices: { [name]: device } })
    const [mapped] = mapDevices(config) as [MappedDevice]
    return { ...mapped, handle: 1 + Math.max(0, ...[...devices, ...memories].map(({ handle }) => handle)) }
  }

  /** Processes keep a number of devices, and numbers up to that. */
  #checkRoom(device: MappedDevice): void {
    const most = mostItems('AttachReply.devices')
    const places = [...this.told, device].flatMap(({ config }) => placesOf(config)).length
    if (device.handle > most)
      throw new TraplineError(
        'usage',
        `device ${device.name}: the bridge has had ${most} devices, those that are gone counted, and ${most} is the ` +
          'limit; start it anew',
      )
    if (places + this.settings.memories.length > most)
      throw new TraplineError('usage', `device ${device.name}: a process can be told of ${most} devices; unwatch some`)
  }
}
