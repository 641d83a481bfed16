/**
 * What a configuration may say of one model, of either kind; the numbers and names that devices use, too. Nothing here
 * touches the outside.
 */
import { z } from 'zod'

/** A non-negative integer, written as a number, or as a `"0x…"` or decimal string where JSON has no hex. */
export const integer = z
  .union([z.number().int().nonnegative(), z.bigint().nonnegative(), z.string().regex(/^(0x[0-9a-f_]+|[0-9_]+)$/i)])
  .transform((value) => BigInt(typeof value === 'string' ? value.replaceAll('_', '') : value))

export const count = integer
  .refine((value) => value <= BigInt(Number.MAX_SAFE_INTEGER), 'is too large')
  .transform(Number)

/** A value of a Verilog parameter: numbers and booleans as they are, strings quoted unless they are numbers. */
export const parameter = z.union([z.number(), z.boolean(), z.string()])

/** The period of a model's clock where the configuration doesn't say it. */
export const defaultPeriodPs = 10_000

const clock = z.union([
  z.string().transform((port) => ({ port, others: [] as string[], periodPs: defaultPeriodPs })),
  z
    .array(z.string())
    .min(1)
    .transform(([port = '', ...others]) => ({ port, others, periodPs: defaultPeriodPs })),
  z.strictObject({
    port: z.string(),
    /** More clock inputs on the same source. */
    others: z.array(z.string()).default([]),
    periodPs: count.refine((value) => value >= 2, 'must be at least 2').default(defaultPeriodPs),
  }),
])

const resetPort = { port: z.string(), active: z.enum(['low', 'high']) }

const reset = z.strictObject({
  ...resetPort,
  /** More reset inputs that are asserted at the same time. */
  others: z.array(z.strictObject(resetPort)).default([]),
  /** How many cycles reset is asserted at power-up. */
  cycles: count.refine((value) => value >= 1, 'must be at least 1; say reset: false if there is none').default(16),
})

/** A clock input with a period of its own. */
const furtherClock = z
  .strictObject({
    periodPs: count.refine((value) => value >= 2, 'must be at least 2'),
    /** How far its rising edges are behind those of a clock of the same period that starts with the first clock. */
    phasePs: count.default(0),
    /** More inputs on the same source. */
    others: z.array(z.string()).default([]),
    /** Found beside it by name when absent; false: it has none. */
    reset: z
      .union([
        z.literal(false),
        z.strictObject({
          ...resetPort,
          others: z.array(z.strictObject(resetPort)).default([]),
          /** How many cycles of this clock its reset is asserted; as long as the others are when absent. */
          cycles: count.refine((value) => value >= 1, 'must be at least 1').optional(),
        }),
      ])
      .optional(),
  })
  .refine(({ periodPs, phasePs }) => phasePs < periodPs, 'must have a phasePs below its periodPs')

export const protocol = z.enum([
  'axi4-lite',
  'axi4',
  'apb4',
  'wishbone',
  'wishbone-pipelined',
  'ahb-lite',
  'tilelink-ul',
  'obi',
  'peakrdl-cpuif',
  'corsair-local-bus',
  'avalon',
  'native',
])

/** Names of ports that are signals of a bus, by signal; false for one that the bus shall do without. */
const signals = z.record(z.string(), z.union([z.string(), z.literal(false)])).default({})

const cycles = count.refine((value) => value <= 1000, 'must be at most 1000')

export const port = z.strictObject({
  /** Told by the bus's signals when absent. */
  protocol: protocol.optional(),
  /** Whether an address counts bus words or bytes; the address ports' declaration tells when absent, else bytes. */
  wordAddress: z.boolean().optional(),
  /**
   * What becomes of a write of less than a word where the bus has no strobes: an error, or 0 in the word's other bytes.
   */
  narrowWrites: z.enum(['refuse', 'zeros']).default('refuse'),
  /** Which bit of a select is the device, where the RTL has one bit for each of several. */
  select: count.optional(),
  /** Clock cycles after a request at which read data are there, where no signal tells; Avalon's and native buses'. */
  readLatency: cycles.optional(),
  /** Clock cycles that a request waits before it is taken, where no signal tells: Avalon's properties of that name. */
  readWaitTime: cycles.optional(),
  writeWaitTime: cycles.optional(),
  signals,
  /** The clock input that it runs on, of several; found by name when absent, else the first. */
  clock: z.string().optional(),
})

/** A bus that the RTL drives itself, to reach the host's memory. */
const manager = z.strictObject({
  protocol: protocol.optional(),
  signals,
  clock: z.string().optional(),
})

/** What a model of either kind may say of its RTL. */
const rtlKeys = {
  includeDirs: z.array(z.string()).default([]),
  defines: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  parameters: z.record(z.string(), parameter).default({}),
  /** Found by the usual names when absent. */
  clock: clock.optional(),
  /** Clocks beside that one, each with its own period, by the name of their input. */
  clocks: z.record(z.string(), furtherClock).default({}),
  /** False: it has none, whatever the names of its inputs say. */
  reset: z.union([z.literal(false), reset]).optional(),
  /** Buses that the RTL drives itself, by signal prefix as well; all that are found when absent. */
  managers: z.record(z.string(), manager).optional(),
  /** Constant values of other inputs; inputs that are not named are tied to 0. */
  inputs: z.record(z.string(), integer).default({}),
  /** Interrupt outputs, or bits of them; found by the usual names when absent. */
  interrupts: z.array(z.string()).optional(),
  /** False: its DMA travels over the link, as if it ran on another machine. */
  sharedMemory: z.boolean().default(true),
  /** A golden model that runs beside it: the run stops at the first access that they answer differently. */
  lockstep: z.string().optional(),
}

export const verilatorModel = z.strictObject({
  /** Name of the top module. */
  top: z.string(),
  /**
   * SystemVerilog and Verilog files, lists of them (`.f`), FuseSoC cores and Bender packages, relative to the
   * configuration file; in compile order.
   */
  sources: z.array(z.string()).min(1),
  ...rtlKeys,
  /** Ports by signal prefix, without the underscore that follows it, or `*` for the only one; that one when absent. */
  ports: z.record(z.string(), port).optional(),
  /** Clocks of AXI4-Stream ports, by signal prefix; found as those of buses when absent. */
  streams: z.record(z.string(), z.strictObject({ clock: z.string().optional() })).default({}),
  /** Inputs that an output is wired to, and which: `{ uart_rx: 'uart_tx' }`. */
  loopback: z.record(z.string(), z.string()).default({}),
  /** More arguments for Verilator. */
  verilatorArgs: z.array(z.string()).default([]),
  kind: z.literal('verilator').default('verilator'),
})

/** Simulators as cocotb's runner calls them. */
export const simulatorNames = [
  'icarus',
  'verilator',
  'ghdl',
  'nvc',
  'questa',
  'questa-qisqrun',
  'riviera',
  'activehdl',
  'vcs',
  'xcelium',
  'dsim',
] as const

const width = count.refine((value) => value >= 1 && value <= 1024, 'must be from 1 to 1024')

/** Where Verilator can't read the sources, its widths are named here. */
export const cocotbPort = z.strictObject({
  protocol: protocol.optional(),
  wordAddress: z.boolean().optional(),
  narrowWrites: z.enum(['refuse', 'zeros']).default('refuse'),
  signals,
  clock: z.string().optional(),
  /** Bits of its data bus. */
  dataWidth: width.optional(),
  /** Bits of its byte addresses. */
  addressWidth: width.optional(),
})

/** A model that is a simulation under cocotb, in whatever simulator that runs. */
export const cocotbModel = z.strictObject({
  kind: z.literal('cocotb'),
  simulator: z.enum(simulatorNames).optional(),
  /** Name of the top module or entity. */
  top: z.string(),
  /** Verilog, SystemVerilog and VHDL files, lists of them, relative to the configuration file; in compile order. */
  sources: z.array(z.string()).default([]),
  ...rtlKeys,
  /** Ports by signal prefix, without the underscore that follows it. */
  ports: z.record(z.string(), cocotbPort).optional(),
  /** A Python file with the cocotb test that makes the `trapline.Bridge`; that of Trapline when absent. */
  python: z.string().optional(),
  /** The name of the test in it, of several. */
  test: z.string().optional(),
  /** A virtual environment of Python that has cocotb; that of the shell when absent. */
  venv: z.string().optional(),
  /** More arguments for the simulator's compiler, and for the simulator. */
  buildArgs: z.array(z.string()).default([]),
  testArgs: z.array(z.string()).default([]),
})

export const model = z.discriminatedUnion('kind', [verilatorModel, cocotbModel])
