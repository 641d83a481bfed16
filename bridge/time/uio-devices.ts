/**
 * The UIO devices of a configuration: a socket for each, its place in sysfs, and the way of its interrupt from a
 * model's line to the hosts that wait. How one behaves is in `uio-device.ts`.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { listenAt } from '../ground/listen.js'
import type { MappedDevice } from '../map/address-map.js'
import type { Config, UioConfig } from '../config/schema.js'
import { describeClassDevice } from '../map/class-device.js'
import type { DeviceTree } from '../map/device-tree.js'
import { socketIn, uioSocket } from '../run/layout.js'
import { UioDevice } from './uio-device.js'
import { hearWaits, type WaitListener } from './waiting-connection.js'

export interface UioSettings extends WaitListener {
  config: Config
  devices: MappedDevice[]
  runDirectory: string
  tree: DeviceTree
  /** Lets a model run for some cycles, so that its interrupt line shows what has been written to its registers. */
  settle(model: string): Promise<void>
  /** A host has opened a device of that model. */
  onOpen(model: string): void
  /** Hosts have been told of an interrupt. */
  onInterrupt(device: string): void
}

interface ServedUio {
  name: string
  config: UioConfig
  /** The name `uioN`, in /dev and in sysfs. */
  node: string
  /** Name in the run directory, unique to it: hosts know connections by it. */
  socket: string
  device: UioDevice
  server: Server
}

const firstBase = 0x4000_0000n
const pageBytes = 4096n

export class UioDevices {
  readonly #served: ServedUio[]
  /** The next map without an address of its own. */
  #next = firstBase

  constructor(private readonly settings: UioSettings) {
    this.#served = Object.entries(settings.config.devices).flatMap(([name, config]) =>
      config.kind === 'uio' ? [this.#make(name, config)] : [],
    )
  }

  /** Resolves when hosts can open all of them. */
  async listen(): Promise<void> {
    const { runDirectory } = this.settings
    await Promise.all(this.#served.map(({ server, socket }) => listenAt(server, socketIn(runDirectory, socket))))
  }

  close(): void {
    for (const { server } of this.#served) server.close()
  }

  get sockets(): string[] {
    return this.#served.map(({ socket }) => socket)
  }

  /** What the agent has to know of a device's interrupt; undefined if it is no UIO device. */
  connectionOf({ config }: MappedDevice): { socket: string; hasInterrupt: boolean } | undefined {
    if (config.kind !== 'uio') return undefined
    const served = this.#served.find(({ node }) => `/dev/${node}` === config.path)
    return served && { socket: served.socket, hasInterrupt: served.config.interrupt !== undefined }
  }

  /** A model's interrupt line has changed. */
  change(model: string, line: string, level: boolean): void {
    for (const { config, device } of this.#served)
      if (config.model === model && config.interrupt?.line === line) device.change(level)
  }

  interruptOf(name: string): { line: string; model: string } {
    const config = this.#served.find((served) => served.name === name)?.config
    return { line: config?.interrupt?.line ?? '', model: config?.model ?? '' }
  }

  /** What a host writes to the device with that handle. */
  async control(handle: number, unmask: boolean): Promise<void> {
    const mapped = this.settings.devices[handle - 1]
    const served = this.#served.find(({ node }) => `/dev/${node}` === mapped?.config.path)
    if (!served) return
    if (!unmask) return served.device.mask()
    await this.settings.settle(served.config.model)
    served.device.unmask()
  }

  #make(name: string, config: UioConfig): ServedUio {
    const node = `uio${config.index}`
    const { tree } = this.settings
    const folder = describeClassDevice(tree, {
      classes: ['uio'],
      name: node,
      parent: `${this.#firstBase(config).toString(16)}.${toFileName(config.name ?? name)}`,
      driver: 'uio_pdrv_genirq',
      number: { major: uioMajor, minor: config.index },
    })
    const tell = (count: number) => tree.write(`${folder}/event`, `${count}\n`)
    const onInterrupt = (count: number) => {
      tell(count)
      this.settings.onInterrupt(name)
    }
    const device = new UioDevice(config.interrupt?.trigger ?? 'level', { onInterrupt })
    const server = createServer((connection) => this.#serve(name, device, connection))
    tree.write(`${folder}/name`, `${config.name ?? name}\n`)
    tree.write(`${folder}/version`, `${config.version}\n`)
    this.#describeMaps(config, folder)
    tell(0)
    return { name, config, node, socket: uioSocket(this.settings.runDirectory, config.index), device, server }
  }

  /** Where its first map is. */
  #firstBase({ maps }: UioConfig): bigint {
    return maps[0]?.base ?? this.#next
  }

  /** Files as drivers/uio/uio.c prints them. */
  #describeMaps({ maps }: UioConfig, folder: string): void {
    for (const [i, map] of maps.entries()) {
      const address = map.base ?? this.#next
      const fields = {
        name: map.name ?? '',
        addr: toKernelAddress(address),
        size: toKernelAddress(map.size),
        offset: '0x0',
      }
      for (const [file, text] of Object.entries(fields))
        this.settings.tree.write(`${folder}/maps/map${i}/${file}`, `${text}\n`)
      if (map.base === undefined) this.#next += (map.size + pageBytes - 1n) & -pageBytes
    }
  }

  #serve(name: string, device: UioDevice, connection: Socket): void {
    hearWaits(connection, name, this.settings)
    this.settings.onOpen(this.interruptOf(name).model)
    device.open(connection)
  }
}

/** Dynamic on a real machine; no file of ours has it. */
const uioMajor = 240

function toFileName(words: string): string {
  return words.replaceAll(/[^\w.,+-]/g, '_')
}

/** An address as the kernel's `%pa` prints it on 64 bits. */
function toKernelAddress(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`
}
