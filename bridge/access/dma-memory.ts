/**
 * Memory that hosts and RTL share: buffers of u-dma-buf and reserved ranges of memory files. Each is a file of the run
 * directory, mapped by the hosts, and by the models unless they are to get their bytes over the link.
 */
import { closeSync, ftruncateSync, openSync, readSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { toAddress } from '../map/address-map.js'
import type { MappedMemory } from '../map/memory-map.js'
import type { DmaRequest } from '../wire/wire.js'
import type { Config } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import type { RunningModel } from '../model/running-model.js'
import { memoryFile } from '../run/layout.js'
import type { DeviceMessage } from '../wire/attach-messages.js'
import { describeClassDevice } from '../map/class-device.js'
import type { DeviceTree } from '../map/device-tree.js'

export interface DmaMemorySettings {
  config: Config
  memories: MappedMemory[]
  runDirectory: string
  tree: DeviceTree
}

/** Who has the memory while it is not in the run directory. */
export interface MemoryKeeper {
  /**
   * Reads `size` bytes, or writes `data` if there are some. Resolves with `size` bytes, whatever becomes of the keeper.
   */
  access(name: string, position: bigint, size: number, data: Uint8Array): Promise<Uint8Array>
}

/** One piece of memory, wherever it is seen. */
interface Region extends MappedMemory {
  /** Name of the file in the run directory that holds it, and a descriptor of it. */
  file: string
  descriptor: number
}

export class DmaMemory {
  readonly #regions: Region[]
  /** Models with manager ports that run. */
  readonly #models = new Set<RunningModel>()
  #keeper: MemoryKeeper | undefined
  #mapping: Promise<void> = Promise.resolve()

  constructor(private readonly settings: DmaMemorySettings) {
    this.#regions = settings.memories.map((memory) => this.#make(memory))
  }

  close(): void {
    for (const { descriptor } of this.#regions) closeSync(descriptor)
  }

  /** For the reply to Attach. */
  get messages(): DeviceMessage[] {
    return this.#regions.map(({ handle, name, config, path, base, size, file }) => ({
      handle,
      name,
      kind: config.kind === 'reserved' ? 'DEVICE_KIND_RESERVED' : 'DEVICE_KIND_DMA_BUFFER',
      path,
      base: String(base),
      size: String(size),
      onError: 'ERROR_POLICY_SIGBUS',
      widthBytes: 1,
      burstBytes: 0,
      backing: file,
    }))
  }

  get files(): { name: string; size: bigint }[] {
    return this.#regions.map(({ file, size }) => ({ name: file, size }))
  }

  /** What models map. */
  get paths(): string[] {
    return this.#regions.map(({ file }) => join(this.settings.runDirectory, file))
  }

  /** A model with manager ports has started. */
  async mapInto(model: RunningModel): Promise<void> {
    this.#models.add(model)
    void model.ended.then(() => this.#models.delete(model))
    const isShared = !this.#keeper && this.settings.config.models[model.name]?.sharedMemory !== false
    for (const { address, size, file } of this.#reachedBy(model.name)) {
      const path = isShared ? join(this.settings.runDirectory, file) : ''
      await model.link.call({ mapMemory: { address, size, path, writable: true } }, 'done')
    }
  }

  /** From now on the memory is with `keeper`, empty. Throws if another has it. */
  async handTo(keeper: MemoryKeeper): Promise<void> {
    if (this.#regions.length === 0) return
    if (this.#keeper)
      throw new TraplineError(
        'refused',
        'the DMA memory of this bridge is with a host of another machine; end that first',
      )
    this.#keeper = keeper
    await this.#mapAnew()
  }

  /** The keeper is gone; what it held is lost. */
  async takeBack(keeper: MemoryKeeper): Promise<void> {
    if (this.#keeper !== keeper) return
    this.#keeper = undefined
    await this.#mapAnew()
  }

  /** What a model asked for that does not share the files. */
  async answer(model: string, { address, size, data }: DmaRequest): Promise<Uint8Array> {
    const end = address + BigInt(size)
    const region = this.#reachedBy(model).find((one) => address >= one.address && end <= one.address + one.size)
    if (!region) throw new TraplineError('model', `model ${model} asked for memory that it was not given`)
    const isWrite = data.length > 0
    const position = address - region.address
    if (this.#keeper) return this.#keeper.access(region.file, position, isWrite ? 0 : size, data)
    if (isWrite) writeSync(region.descriptor, data, 0, data.length, Number(position))
    const bytes = Buffer.alloc(isWrite ? 0 : size)
    readSync(region.descriptor, bytes, 0, bytes.length, Number(position))
    return bytes
  }

  /** `udmabuf0 at 0x10000000 to 0x100fffff`, for whoever is told of an address that is none of these. */
  describe(model: string): string {
    const ranges = this.#reachedBy(model).map(
      ({ name, address, size }) => `${name} at ${toAddress(address)} to ${toAddress(address + size - 1n)}`,
    )
    return ranges.join(', ') || 'nothing'
  }

  /** Who takes it next may come while it is still given back. */
  #mapAnew(): Promise<void> {
    return (this.#mapping = this.#mapping.then(() => this.#mapAll()))
  }

  /** Models that end meanwhile need no memory any more. */
  async #mapAll(): Promise<void> {
    for (const model of this.#models) {
      const unmap = ({ address }: Region) => model.link.call({ unmapMemory: { address } }, 'done')
      const unmapped = await Promise.allSettled(this.#reachedBy(model.name).map(unmap))
      if (unmapped.every(({ status }) => status === 'fulfilled')) await this.mapInto(model).catch(() => undefined)
    }
  }

  #reachedBy(model: string): Region[] {
    return this.#regions.filter(({ config }) => config.models === undefined || config.models.includes(model))
  }

  #make(memory: MappedMemory): Region {
    const { runDirectory, tree } = this.settings
    const { handle, name, config, address, size } = memory
    checkSpace(`device ${name}`, size, runDirectory)
    const file = memoryFile(handle)
    const descriptor = openSync(join(runDirectory, file), 'wx+', 0o600)
    ftruncateSync(descriptor, Number(size))
    if (config.kind === 'u-dma-buf') describeBuffer(tree, config.name ?? name, address, size)
    return { ...memory, file, descriptor }
  }
}

/** The file is sparse; better to say now that it can't be filled than to end a host by SIGBUS later. */
export function checkSpace(name: string, size: bigint, directory: string): void {
  const { bavail, bsize } = statfsSync(directory, { bigint: true })
  if (bavail * bsize >= size) return
  throw new TraplineError(
    'bridge',
    `${name}: ${directory} has ${bavail * bsize} bytes left where ${size} are due; set TMPDIR to a larger place`,
  )
}

/** As the u-dma-buf driver prints them. Sync files take what is written to them: memory is coherent here. */
function describeBuffer(tree: DeviceTree, name: string, address: bigint, size: bigint): void {
  const fields = {
    phys_addr: `0x${address.toString(16).padStart(16, '0')}`,
    size,
    sync_mode: 1,
    sync_offset: '0x0',
    sync_size: size,
    sync_direction: 0,
    sync_owner: 0,
    sync_for_cpu: 0,
    sync_for_device: 0,
    dma_coherent: 1,
    driver_version: '5.0.0',
  }
  const folder = describeClassDevice(tree, {
    classes: ['u-dma-buf', 'udmabuf'],
    name,
    parent: `${address.toString(16)}.${name}`,
    driver: 'u-dma-buf',
  })
  for (const [file, value] of Object.entries(fields)) tree.write(`${folder}/${file}`, `${value}\n`)
}
