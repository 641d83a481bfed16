/**
 * A configuration out of a few flags: RTL files, a top module, and where the host sees it.
 */
import { basename } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { portsPath } from '../ground/ports-path.js'
import { isUioPath } from '../ground/uio-path.js'
import type { PortProtocol, TraplineConfig, VerilatorInput } from './schema.js'

export interface QuickFlags {
  rtl: string[]
  top?: string
  /** `PATH@BASE+SIZE` */
  map?: string[]
  /** `PATH[@BASE]+SIZE` of real devices, also `/dev/port`, or `/dev/uioN`, beside RTL or without any. */
  hardware?: string[]
  /** `[DEVICE=]MODEL`: then no other device has to be on the RTL. */
  lockstep?: string[]
  /**
   * `PORT[:PERIOD[+PHASE]]`, several with commas between them; those without a period are on the source of the first.
   */
  clock?: string
  /** `PORT`, `PORT:low` or `PORT:high`; `none` if there is none; several with commas between them */
  reset?: string
  /** Signal prefix of the bus. */
  port?: string
  /** What kind of bus it is. */
  protocol?: string
  /** What its addresses count. */
  addresses?: 'bytes' | 'words'
  /** `SIGNAL=PORT`, or `SIGNAL=` for none */
  signal?: string[]
  /** `KEY=VALUE`: further keys of that bus in a configuration. */
  bus?: string[]
  /** Folders of included files. */
  include?: string[]
  /** `NAME`, or `NAME=VALUE` */
  define?: string[]
  /** `NAME=VALUE` */
  input?: string[]
  /** `IN=OUT` */
  loopback?: string[]
}

/** A configuration whose RTL Verilator translates. */
export type QuickConfig = TraplineConfig & { models: Record<string, VerilatorInput> }

/** The configuration as the user would have written it, with paths relative to the current directory. */
export function toQuickConfig(flags: QuickFlags): QuickConfig {
  const { top, map = [], hardware } = flags
  if (hardware && !isOfRtl(flags)) return { models: {}, devices: mapHardware(hardware, {}) }
  if (flags.rtl.length === 0) throw new TraplineError('usage', '--rtl is missing; name the RTL files')
  if (map.length === 0 && !isBeside(flags))
    throw new TraplineError('usage', '--map is missing; say where the host sees it, e.g. /dev/mem@0x43c00000+0x1000')
  if (!top) throw new TraplineError('usage', '--top is missing; name the top module of the RTL')
  return {
    models: {
      [top]: {
        top,
        sources: flags.rtl,
        ...(flags.include && { includeDirs: flags.include }),
        ...(flags.define && { defines: Object.fromEntries(flags.define.map(toMacro)) }),
        ...(flags.input && { inputs: Object.fromEntries(flags.input.map(toInput)) }),
        ...(flags.clock && toClocks(flags.clock)),
        ...(flags.reset && { reset: toResets(flags.reset) }),
        ...toPorts(flags),
        ...(flags.loopback && { loopback: Object.fromEntries(flags.loopback.map(toLoopback)) }),
      },
    },
    devices: {
      ...Object.fromEntries(map.map((range, i) => [`${top}${i}`, { ...toPlace(range), model: top, ...portOf(flags) }])),
      ...mapHardware(hardware ?? [], isBeside(flags) ? portOf(flags) : {}),
    },
  }
}

/** The RTL may run beside a real device alone. */
function isBeside({ hardware, lockstep }: QuickFlags): boolean {
  return hardware !== undefined && lockstep !== undefined
}

function isOfRtl({ rtl, top, map }: QuickFlags): boolean {
  return rtl.length > 0 || top !== undefined || (map ?? []).length > 0
}

/** Called as their files are: `resource0`, the second of that name `resource0-2`. */
function mapHardware(ranges: string[], place: { port?: string }): TraplineConfig['devices'] {
  const devices: TraplineConfig['devices'] = {}
  for (const range of ranges) {
    const { path, base, size } = toHardwareRange(range, '--hardware ')
    devices[toHardwareName(path, Object.keys(devices))] = {
      ...{ kind: 'hardware', path },
      ...(size !== undefined && { size }),
      ...(base !== undefined && { base }),
      ...place,
    }
  }
  return devices
}

/** The name of a real device, which no other has. */
export function toHardwareName(path: string, taken: string[]): string {
  const name = basename(path)
  let unique = name
  for (let number = 2; taken.includes(unique); number++) unique = `${name}-${number}`
  return unique
}

/** @param who begins the sentence of what can't be read */
export function toHardwareRange(
  range: string,
  who: string,
): { path: string; base?: string | undefined; size?: string } {
  if (isUioPath(range)) return { path: range }
  const number = '(0x[0-9a-fA-F_]+|[0-9_]+)'
  const [, path, base, size] = new RegExp(`^(/.*?)(?:@${number})?\\+${number}$`).exec(range) ?? []
  if (path !== undefined && size !== undefined) return { path, base, size }
  throw new TraplineError(
    'usage',
    `${who}${range}: write it as PATH@BASE+SIZE, or PATH+SIZE where no program looks for it in /dev/mem, e.g. ` +
      '/sys/bus/pci/devices/0000:00:04.0/resource0@0xfea00000+0x100000; a UIO device is /dev/uioN alone',
  )
}

type FlaggedClocks = Pick<VerilatorInput, 'clock' | 'clocks'>

function toClocks(flag: string): FlaggedClocks {
  const [first, ...others] = flag.split(',').map(toClock)
  if (!first) return {}
  const onFirst = others.filter(({ periodPs }) => periodPs === undefined).map(({ port }) => port)
  const own = others.flatMap(({ port, periodPs, phasePs }) =>
    periodPs === undefined ? [] : [[port, { periodPs, ...(phasePs > 0 && { phasePs }) }] as const],
  )
  if (first.phasePs > 0)
    throw new TraplineError(
      'usage',
      `--clock ${flag}: the first clock has no phase, those of others count from its edges`,
    )
  const { port, periodPs } = first
  const more = onFirst.length > 0 && { others: onFirst }
  const clock = periodPs === undefined ? (more ? [port, ...onFirst] : port) : { port, periodPs, ...more }
  return { clock, ...(own.length > 0 && { clocks: Object.fromEntries(own) }) }
}

/** Picoseconds, or with a unit. */
function toClock(text: string): { port: string; periodPs: number | undefined; phasePs: number } {
  const time = String.raw`(\d+(?:\.\d+)?)(ps|ns|us)?`
  const match = new RegExp(String.raw`^([^:]+)(?::${time}(?:\+${time})?)?$`).exec(text)
  const [, port = '', period, unit, phase = '0', phaseUnit] = match ?? []
  const periodPs = period === undefined ? undefined : toPicoseconds(period, unit)
  const phasePs = toPicoseconds(phase, phaseUnit)
  if (!match || !Number.isInteger(periodPs ?? 0) || !Number.isInteger(phasePs))
    throw new TraplineError(
      'usage',
      `--clock ${text}: write it as PORT, PORT:PERIOD or PORT:PERIOD+PHASE, in whole picoseconds or with a ` +
        `unit, e.g. eth_clk:8ns`,
    )
  return { port, periodPs, phasePs }
}

function toPicoseconds(value: string, unit = 'ps'): number {
  // The number is read in thousandths, since 6.4 * 1000 and the like aren't exact.
  const scale = { ps: 1, ns: 1000, us: 1_000_000 }[unit] ?? 1
  return Math.round(Number(value) * scale * 1000) / 1000
}

/** What is said of the bus without its name is said of the only one. */
function toPorts(flags: Partial<QuickFlags>): Pick<VerilatorInput, 'ports'> {
  const { port, addresses, signal, bus } = flags
  if (!port && !addresses && !signal && !bus && !flags.protocol) return {}
  const protocol = flags.protocol && { protocol: flags.protocol as PortProtocol }
  const wordAddress = addresses && { wordAddress: addresses === 'words' }
  const signals = signal && { signals: Object.fromEntries(signal.map(toSignal)) }
  return {
    ports: {
      [port ?? '*']: { ...protocol, ...wordAddress, ...signals, ...Object.fromEntries((bus ?? []).map(toKey)) },
    },
  }
}

function toKey(flag: string): [string, string | number] {
  const [, key = '', value = ''] = /^(\w+)=(.+)$/.exec(flag) ?? []
  if (key === '') throw new TraplineError('usage', `--bus ${flag}: write it as KEY=VALUE, e.g. readLatency=1`)
  return [key, /^\d+$/.test(value) ? Number(value) : value]
}

function toSignal(flag: string): [string, string | false] {
  const [, signal = '', port = ''] = /^(\w+)=(.*)$/.exec(flag) ?? []
  if (signal === '')
    throw new TraplineError(
      'usage',
      `--signal ${flag}: write it as SIGNAL=PORT, e.g. pslverr=PSLVERROR, or SIGNAL= for none`,
    )
  return [signal.toLowerCase(), port || false]
}

function toMacro(flag: string): [string, string | true] {
  const [, name = '', value] = /^([A-Za-z_][\w$]*)(?:=(.*))?$/s.exec(flag) ?? []
  if (name === '')
    throw new TraplineError('usage', `--define ${flag}: write it as NAME or NAME=VALUE, e.g. DATA_WIDTH=64`)
  return [name, value ?? true]
}

function toInput(flag: string): [string, string | number] {
  const [, name = '', value = ''] = /^([^=]+)=(0x[0-9a-f_]+|[0-9_]+)$/i.exec(flag) ?? []
  if (name === '')
    throw new TraplineError(
      'usage',
      `--input ${flag}: write it as NAME=VALUE, with a whole number such as 3 or 0x2a, e.g. straps=0x2a`,
    )
  return [name, /^\d{1,15}$/.test(value) ? Number(value) : value]
}

function toLoopback(flag: string): [string, string] {
  const [, input = '', output = ''] = /^([^=]+)=([^=]+)$/.exec(flag) ?? []
  if (input === '')
    throw new TraplineError('usage', `--loopback ${flag}: write it as INPUT=OUTPUT, e.g. uart_rx=uart_tx`)
  return [input, output]
}

function portOf({ port }: QuickFlags): { port?: string } {
  return port ? { port } : {}
}

function toPlace(map: string) {
  const { path, ...range } = toRange(map)
  return path === portsPath ? { kind: 'port' as const, ...range } : { kind: 'mem' as const, path, ...range }
}

function toRange(range: string): { path: string; base: string; size: string } {
  const number = '(0x[0-9a-fA-F_]+|[0-9_]+)'
  const match = new RegExp(`^(/.*)@${number}\\+${number}$`).exec(range)
  if (!match)
    throw new TraplineError('usage', `--map ${range}: write it as PATH@BASE+SIZE, e.g. /dev/mem@0x43c00000+0x1000`)
  const [, path = '', base = '', size = ''] = match
  return { path, base, size }
}

function toResets(flag: string): VerilatorInput['reset'] {
  if (flag === 'none') return false
  const [first, ...others] = flag.split(',')
  return { ...toReset(first ?? ''), ...(others.length > 0 && { others: others.map(toReset) }) }
}

function toReset(flag: string): { port: string; active: 'low' | 'high' } {
  const [port = '', level] = flag.split(':')
  if (port === '' || (level !== undefined && level !== 'low' && level !== 'high'))
    throw new TraplineError('usage', `--reset ${flag}: write it as PORT:low or PORT:high, or none`)
  return { port, active: level ?? (/(n|_ni|_b|_bar)$/i.test(port) ? 'low' : 'high') }
}
