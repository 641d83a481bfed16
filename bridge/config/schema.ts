/**
 * What a configuration may say: the schema, its defaults, and the types that follow from it.
 * Reading files, flags and the environment is the work of `load-config.ts`; nothing here touches the outside.
 */
import { z } from 'zod'
import { laneNames } from './lane-names.js'
import { type cocotbModel, type cocotbPort, count, integer, model, parameter } from './model-schema.js'
import type { port, protocol, verilatorModel } from './model-schema.js'
import { largestSeed } from './seed.js'
import { usual } from './usual.js'

export { defaultPeriodPs, simulatorNames } from './model-schema.js'

/** A model in TypeScript; see `golden-model.ts`. */
const golden = z.strictObject({
  /** Exports a class as its default, relative to the configuration file. */
  file: z.string(),
  /** What the class is made with. */
  parameters: z.record(z.string(), parameter).default({}),
  /** Names of its interrupt outputs. */
  interrupts: z.array(z.string()).default([]),
  /** The period of its clock, where it stands in for RTL. */
  periodPs: count.refine((value) => value >= 1, 'must be at least 1').default(10_000),
  /** Width of its registers. */
  registerBytes: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]).default(4),
})

const errorPolicy = z.enum(['sigbus', 'ones', 'abort'])

/** Bytes. */
const size = integer.refine((value) => value > 0n, 'must be at least 1')

/** What describes the registers of a device: a file, or one block of it. */
const registers = z.union([
  z.string().transform((file) => ({ file, block: undefined, offset: 0n })),
  z.strictObject({
    /** SystemRDL, SVD, IP-XACT or JSON, relative to the configuration file. */
    file: z.string(),
    /** Which block of the file it is; may be absent if that has only one. */
    block: z.string().optional(),
    /** Of the block's first byte in the device. */
    offset: integer.default(0n),
  }),
])

/** Where a range of registers lies on a model's bus, and how it behaves there. */
const range = {
  size,
  /** Signal prefix of the model's port; may be absent if the model has only one. */
  port: z.string().optional(),
  /** Bus address of the device's first byte. */
  address: integer.default(0n),
  /**
   * Of its registers, in bytes: transfers by read, write and the like are cut into these, and `--lint` knows them.
   * As wide as the port's data bus when absent.
   */
  width: z.union([z.literal(1), z.literal(2), z.literal(4), z.literal(8)]).optional(),
  onError: errorPolicy.default('sigbus'),
  /** Whether the program goes on at once behind a write, and hears of an error at its next access that waits. */
  posted: z.boolean().default(false),
  /**
   * Whether plain copies (rep movs, rep stos, read, write) reach it in bursts of up to 4096 bytes instead of element by
   * element. On if its port is AXI4 when absent.
   */
  bursts: z.boolean().optional(),
  /**
   * A memory of the model, by its hierarchical name below the top module: accesses go straight into it, without bus and
   * time. Its first byte is at bus address 0.
   */
  backdoor: z
    .string()
    .refine(
      (name) => /^[A-Za-z_][\w$]*([.[][\w$\].[]*)?$/.test(name),
      'must be a hierarchical name, e.g. u_ram.memory_q',
    )
    .optional(),
  /** Their names, fields and what may be done with them. */
  registers: registers.optional(),
}

/** The processor has so many I/O ports (Intel SDM Vol. 1, 19.3). */
export const ioPorts = 0x1_0000n

const onBus = { model: z.string(), ...range }

/** A range of a memory file, as drivers map it. */
const memDevice = z.strictObject({
  kind: z.literal('mem'),
  /** What the host opens. */
  path: z.string().startsWith('/').default('/dev/mem'),
  /** Offset in that file (physical address) of the device's first byte. */
  base: integer,
  ...onBus,
})

/** A driver's character device: read, written and mapped from its first byte, and it ends where the device ends. */
const charDevice = z.strictObject({
  kind: z.literal('char'),
  /** What the host opens. */
  path: z.string().startsWith('/'),
  /** Offset in that file of the device's first byte. */
  base: integer.default(0n),
  ...onBus,
})

/** I/O ports, which programs reach by in and out, and by /dev/port. */
const portDevice = z
  .strictObject({
    kind: z.literal('port'),
    /** Number of its first port. */
    base: integer.refine((value) => value < ioPorts, 'must be the number of an I/O port, 0 to 0xffff'),
    ...onBus,
  })
  .omit({ bursts: true })

const uioMap = z.strictObject({
  name: z.string().optional(),
  /** Physical address that sysfs shows; counted up from 0x4000_0000 when absent. */
  base: integer.optional(),
  ...range,
})

const trigger = z.enum(['level', 'edge'])

/** A device of the kernel's UIO framework: /dev/uioN with its maps, its interrupt, and its place in sysfs. */
const uioDevice = z.strictObject({
  kind: z.literal('uio'),
  /** N of /dev/uioN. */
  index: count.default(0),
  /** What sysfs calls it; its key in the configuration when absent. */
  name: z.string().optional(),
  version: z.string().default('1.0'),
  model: z.string(),
  maps: z.array(uioMap).min(1).max(5),
  /** The model's interrupt output, high when it is active. */
  interrupt: z
    .union([
      z.string().transform((line) => ({ line, trigger: 'level' as const })),
      z.strictObject({ line: z.string(), trigger: trigger.default('level') }),
    ])
    .optional(),
})

/**
 * AXI4-Stream ports of a model as a character device: one write() is one packet, one read() at most one. Names are
 * signal prefixes; where none is given, the model's only stream in each direction.
 */
const streamDevice = z.strictObject({
  kind: z.literal('stream'),
  /** What the host opens. */
  path: z.string().startsWith('/'),
  model: z.string(),
  /** The only stream behind it; its direction tells whether it is read or written. */
  port: z.string().optional(),
  /** The stream that read() takes from: the RTL transmits. */
  read: z.string().optional(),
  /** The stream that write() gives to: the RTL receives. */
  write: z.string().optional(),
  /** Bytes of the RTL's that wait for a read; when they are full, TREADY is low. */
  buffer: count.refine((value) => value >= 4096, 'must be at least 4096').default(65_536),
})

/** Memory comes in whole pages. */
const pages = size.refine((value) => value % 4096n === 0n, 'must be a multiple of 4096')
const pageAddress = integer.refine((value) => value % 4096n === 0n, 'must be a multiple of 4096')

/** Whose manager ports reach it, by name; all models that have some when absent. */
const reachedBy = z.array(z.string()).optional()

/** A buffer of the u-dma-buf driver: /dev/NAME, and its place in sysfs. */
const dmaBufferDevice = z.strictObject({
  kind: z.literal('u-dma-buf'),
  /** What its files are called; its key in the configuration when absent. */
  name: z
    .string()
    .refine((name) => /^[\w.-]+$/.test(name), 'must be a file name')
    .optional(),
  size: pages,
  /** Bus address of its first byte; counted up from 0x1000_0000 when absent. */
  address: pageAddress.optional(),
  models: reachedBy,
})

/** A range of a memory file that is memory and no device, kept away from the system for the RTL's use. */
const reservedDevice = z.strictObject({
  kind: z.literal('reserved'),
  path: z.string().startsWith('/').default('/dev/mem'),
  /** Offset in that file, which is its bus address, too. */
  base: pageAddress,
  size: pages,
  models: reachedBy,
})

/** A real device: programs use the device itself, and what they do is recorded. */
const hardwareDevice = z.strictObject({
  kind: z.literal('hardware'),
  /**
   * The device's file: `/sys/bus/pci/devices/…/resource0`, `/dev/mem`, any file that can be mapped; `/dev/port`, of
   * which the ports are used; or `/dev/uioN`, whose maps the machine knows.
   */
  path: z.string().startsWith('/'),
  /** Where programs that map it through /dev/mem find it (physical address); of ports the first one's number. */
  base: integer.optional(),
  /** Absent of `/dev/uioN` alone. */
  size: size.optional(),
  /** Where it begins in its file; of /dev/mem and of ports that is its base. */
  offset: integer.optional(),
  width: range.width,
  registers: range.registers,
  /** A model, golden or not, that gets each access, too: the run ends where it answers otherwise than the device. */
  lockstep: z.string().optional(),
  /** Where the device lies on the bus of that model. */
  port: range.port,
  address: range.address,
})

const device = z.discriminatedUnion('kind', [
  memDevice,
  charDevice,
  portDevice,
  uioDevice,
  streamDevice,
  dmaBufferDevice,
  reservedDevice,
  hardwareDevice,
])

/** Percent of the cycles in which a BFM holds a channel back. */
const stallPercent = count.refine((value) => value <= 90, 'must be at most 90')
const channelNames = ['aw', 'w', 'b', 'ar', 'r', 't'] as const
const channels = z.partialRecord(z.enum(channelNames), stallPercent)

/** What the helpers are called that drivers have around a load or store. */
const accessorNames = [
  ...['read', 'write'].flatMap((verb) => ['b', 'w', 'l', 'q'].map((width) => `${verb}${width}`)),
  ...['ioread*', 'iowrite*', 'mmio_read*', 'mmio_write*', 'reg_read*', 'reg_write*'],
]

export const configSchema = z.strictObject({
  models: z.record(z.string(), model),
  /** Models in TypeScript, which stand in for others or run beside them; their names differ from the models'. */
  goldens: z.record(z.string(), golden).default({}),
  devices: z.record(z.string(), device),
  /** Random power-up state, idle lanes, stalls. Chosen at random and printed when absent. */
  seed: count.refine((value) => value <= largestSeed, `must be at most ${largestSeed}`).optional(),
  /** Cycle budget of each handshake. */
  maxCycles: count.default(usual.maxCycles),
  /** How accesses travel: `shm` goes past the bridge, in memory that hosts share with models of the same machine. */
  lane: z.enum(laneNames).default('grpc'),
  /** Instructions that have trapped often are replaced by jumps to code that makes their access; with `lane: 'shm'`. */
  patch: z.boolean().default(false),
  /**
   * Whether accesses are told with the calls that led to them. Unless told: those that go through the bridge, where it
   * costs next to nothing; `true`: those by mailboxes, too.
   */
  callStacks: z.boolean().optional(),
  /** Functions that no access is blamed on: their callers are, as of libc. `*` stands for anything. */
  skipFrames: z.array(z.string().min(1)).default([...accessorNames]),
  /** What programs do with devices, hardware can, and Trapline can't: it is said, and fails no run. */
  tolerant: z.boolean().default(false),
  /** Clock cycles that pass at least per access. */
  minCyclesPerAccess: count.default(0),
  /** Whose time the hosts' clocks, sleeps and timeouts follow: the machine's, or the models'. */
  time: z.enum(['real', 'virtual']).default('real'),
  /** What the hosts' calendar shows at simulated time 0, with virtual time; the start of the run when absent. */
  epoch: z.iso.datetime({ offset: true }).optional(),
  /** With real time: how far a sleeping host moves the models at most, per sleep. */
  maxSleepCycles: count.default(1_000_000),
  /** How long models run while every host waits for an interrupt, before that is a deadlock. */
  maxIdleCycles: count.default(usual.maxIdleCycles),
  /** How many cycles at most a model moves on extra for a host that polls; 0 for none. */
  pollAcceleration: count.default(0),
  /** Devices with a backdoor are reached over their buses all the same. */
  frontdoor: z.boolean().default(false),
  /** Models run in a sandbox; see `sandbox.ts`. */
  sandbox: z.boolean().default(false),
  /** Holds channels back at random cycles that follow from the seed: all of them, or those that are named. */
  stall: z
    .union([stallPercent.transform((all) => Object.fromEntries(channelNames.map((name) => [name, all]))), channels])
    .default({}),
})

/** A configuration as the user writes it. */
export type TraplineConfig = z.input<typeof configSchema>
/** A model that Verilator translates, likewise. */
export type VerilatorInput = z.input<typeof verilatorModel>
/** A configuration as the bridge uses it: defaults filled in, addresses as bigint. */
export type Config = z.output<typeof configSchema>
export type PortConfig = z.output<typeof port>
/** A model of any kind. */
export type AnyModelConfig = Config['models'][string]
/** One that Verilator translates. */
export type ModelConfig = z.output<typeof verilatorModel>
/** One that runs under cocotb. */
export type CocotbConfig = z.output<typeof cocotbModel>
export type CocotbPortConfig = z.output<typeof cocotbPort>
export type GoldenConfig = z.output<typeof golden>
export type DeviceConfig = Config['devices'][string]
export type UioConfig = z.output<typeof uioDevice>
export type HardwareConfig = z.output<typeof hardwareDevice>
export type StreamConfig = z.output<typeof streamDevice>
/** Which file describes the registers of a device. */
export type RegistersConfig = z.output<typeof registers>
export type ErrorPolicy = z.output<typeof errorPolicy>
export type PortProtocol = z.output<typeof protocol>
