/** The flags that several commands share. They are there before a command is, so this loads next to nothing. */
import { Option, type Command } from 'commander'
import { configNames } from '../config/file-names.js'
import { laneNames, type LaneName } from '../config/lane-names.js'
import type { QuickFlags } from '../config/quick-config.js'
import type { TlsFlags } from '../control/tls-files.js'
import { largestSeed } from '../config/seed.js'
import { usual } from '../config/usual.js'
import { TraplineError } from '../ground/errors.js'

export interface ConfigFlags extends Partial<QuickFlags> {
  config?: string
  model?: string[]
  set?: string[]
  lockstep?: string[]
  seed?: number
  lane?: LaneName
  patch?: boolean
  callStacks?: boolean
  skipFrame?: string[]
  tolerant?: boolean
  maxCycles?: number
  maxIdleCycles?: number
  frontdoor?: boolean
  sandbox?: boolean
  time?: 'real' | 'virtual'
  pollAcceleration?: number
  stall?: string[]
  join?: string[]
}

export interface RunFlags extends ConfigFlags, TlsFlags {
  trace?: string
  log?: string
  /** The log of a run that has real devices. */
  record?: string
  report?: string
  perfetto?: string
  results?: string
  coverage?: string
  bridge?: string
  runDir?: string
  show?: boolean
  lint?: boolean
  /** Seconds of wall clock that the program has. */
  timeout?: number
  gdb?: boolean
  /** False: hosts run without the filter of system calls. */
  net?: boolean
  waitForChildren?: boolean
  /** Which of these nobody gave: variables say them. */
  fromVariables?: ReadonlySet<string>
}

/** Collects repeated flags; a variable's value is split at commas. */
function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), ...value.split(',')]
}

/** Collects repeated flags whose values may hold commas. */
export function gather(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

export function countParser(flag: string, largest: number) {
  return (value: string): number => {
    const count = Number(value)
    if (/^(\d+|0x[0-9a-f]+)$/i.test(value) && count <= largest) return count
    throw new TraplineError('usage', `${flag} ${value}: it must be a whole number from 0 to ${largest}`)
  }
}

export function secondsParser(flag: string) {
  return (value: string): number => {
    const seconds = Number(value)
    if (/^\d+(\.\d+)?$/.test(value) && seconds > 0 && seconds <= mostSeconds) return seconds
    throw new TraplineError(
      'usage',
      `${flag} ${value}: it must be a number of seconds, above 0 and at most ${mostSeconds}`,
    )
  }
}

/** What the timers of Node take. */
const mostSeconds = Math.floor((2 ** 31 - 1) / 1000)

/** Of every command. */
export function addWordFlags(command: Command): Command {
  return command
    .optionsGroup('Words:')
    .option('-q, --quiet', 'only warnings and errors')
    .option('-v, --verbose', 'also what helps to find faults')
    .helpOption('-h, --help', 'this text')
}

export function addConfigFlags(command: Command): Command {
  return addTimeFlags(addRtlFlags(command))
}

/** Which models, and how they are reached. */
function addRtlFlags(command: Command): Command {
  return addQuickFlags(command)
    .optionsGroup('Configuration:')
    .addOption(
      new Option('--config <file>', `configuration file (default: ${configNames.join(' or ')} here)`).env(
        'TRAPLINE_CONFIG',
      ),
    )
    .addOption(
      new Option('--model <old=new>', 'use another model (repeatable)').env('TRAPLINE_MODEL').argParser(collect),
    )
    .addOption(setOption().env('TRAPLINE_SET'))
    .addOption(
      new Option('--lockstep <[of=]model>', 'run a model beside it, stop where they differ (repeatable)')
        .env('TRAPLINE_LOCKSTEP')
        .argParser(collect),
    )
    .addOption(
      new Option('--seed <number>', 'power-up state, idle lanes (default: random, and printed)')
        .env('TRAPLINE_SEED')
        .argParser(countParser('--seed', largestSeed)),
    )
    .addOption(
      new Option('--lane <way>', 'how accesses travel: by gRPC, or in memory shared with the models (default: grpc)')
        .env('TRAPLINE_LANE')
        .choices(laneNames),
    )
    .addOption(patchOption().env('TRAPLINE_PATCH'))
    .addOption(callStacksOption().env('TRAPLINE_CALL_STACKS'))
    .addOption(skipFrameOption().env('TRAPLINE_SKIP_FRAME').argParser(collect))
    .addOption(
      new Option('--frontdoor', 'reach devices that have a backdoor over their buses').env('TRAPLINE_FRONTDOOR'),
    )
    .addOption(
      new Option('--sandbox', 'run models in a sandbox: no files but their own, no programs, no network').env(
        'TRAPLINE_SANDBOX',
      ),
    )
    .addOption(
      new Option('--stall <[channel=]percent>', 'hold bus channels back in that many cycles (repeatable; default: 0)')
        .env('TRAPLINE_STALL')
        .argParser(collect),
    )
}

/** Cycles and clocks. */
function addTimeFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--max-cycles <number>', `cycle budget of each handshake (default: ${usual.maxCycles})`)
        .env('TRAPLINE_MAX_CYCLES')
        .argParser(countParser('--max-cycles', Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      new Option('--time <whose>', "whose time the hosts' clocks, sleeps and timeouts follow (default: real)")
        .env('TRAPLINE_TIME')
        .choices(['real', 'virtual']),
    )
    .addOption(
      new Option(
        '--max-idle-cycles <number>',
        `how long all hosts may wait for an interrupt before that is a deadlock (default: ${usual.maxIdleCycles})`,
      )
        .env('TRAPLINE_MAX_IDLE_CYCLES')
        .argParser(countParser('--max-idle-cycles', Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      new Option(
        '--poll-acceleration <cycles>',
        'move models on by up to so many cycles for each repeated poll (default: 0)',
      )
        .env('TRAPLINE_POLL_ACCELERATION')
        .argParser(countParser('--poll-acceleration', Number.MAX_SAFE_INTEGER)),
    )
}

function callStacksOption(): Option {
  return new Option('--call-stacks', 'tell who called with every access: in --show, and with --lane shm too')
}

function skipFrameOption(): Option {
  return new Option(
    '--skip-frame <function>',
    'blame accesses of that function on its caller; * is anything (repeatable)',
  )
}

function patchOption(): Option {
  return new Option('--patch', 'replace instructions that trap often by jumps; accesses then go by --lane shm')
}

export function setOption(): Option {
  return new Option('--set <[model.]parameter=value>', 'set a Verilog parameter (repeatable)').argParser(collect)
}

/** `MODEL=SOCKET` */
export function toJoined(flags: string[] | undefined): Map<string, string> | undefined {
  return (
    flags &&
    new Map(
      flags.map((flag) => {
        const [, model = '', socket = ''] = /^([^=]+)=(.+)$/.exec(flag) ?? []
        if (socket) return [model, socket] as const
        throw new TraplineError('usage', `--join ${flag}: write it as MODEL=SOCKET`)
      }),
    )
  )
}

/** Where the two sides of a run meet. */
export function addPlaceFlags(command: Command): Command {
  return addTlsFlags(
    command
      .optionsGroup('Where the two sides meet:')
      .option('--join <model=socket>', 'a cocotb test that waits there is that model (repeatable)', gather)
      .option('--run-dir <name>', 'a link of that name leads to the run directory'),
  )
}

/** Of a command that asks a bridge something. */
export function addBridgeFlags(command: Command): Command {
  return addTlsFlags(command.optionsGroup('The bridge:').addOption(bridgeOption()))
}

export function bridgeOption(): Option {
  return new Option('--bridge <address>', 'use a bridge that runs already').env('TRAPLINE_BRIDGE')
}

function addTlsFlags(command: Command): Command {
  return command
    .addOption(new Option('--tls-cert <file>', 'our certificate, for mutual TLS').env('TRAPLINE_TLS_CERT'))
    .addOption(new Option('--tls-key <file>', 'its key').env('TRAPLINE_TLS_KEY'))
    .addOption(new Option('--tls-ca <file>', "who signed the other end's certificate").env('TRAPLINE_TLS_CA'))
}

export function addQuickFlags(command: Command): Command {
  return command
    .optionsGroup('RTL, where no configuration says it:')
    .option(
      '--rtl <file...>',
      'RTL files, lists of them (.f), a .core or Bender.yml, instead of a configuration',
      (value, previous: string[]) => gather(value, previous),
    )
    .option('--top <name>', 'top module of --rtl (default: the one that no other instantiates)')
    .option('--include <directory>', 'where files are that --rtl includes (repeatable)', gather)
    .option('--define <name[=value]>', 'macro of --rtl (repeatable)', gather)
    .option('--input <name=value>', 'constant value of an input of --top (repeatable)', gather)
    .option('--map <path@base+size>', 'where the host sees it (repeatable)', gather)
    .option(
      '--hardware <path[@base]+size>',
      'a real device instead: its file, and where programs find it in /dev/mem (repeatable)',
      gather,
    )
    .option('--clock <port[:period[+phase]],...>', 'clock of --top, or several; periods in ps, or as 8ns')
    .option('--reset <port[:low|high],...>', 'reset of --top, or several, or none')
    .option('--port <prefix>', 'bus of --top, by its signal prefix')
    .option('--protocol <name>', 'what that bus is, e.g. apb4; else its signals tell')
    .addOption(new Option('--addresses <unit>', 'what the addresses of that bus count').choices(['bytes', 'words']))
    .option('--signal <signal=port>', 'port that is a signal of that bus (repeatable)', gather)
    .option('--bus <key=value>', 'what else a configuration can say of that bus (repeatable)', gather)
    .option('--loopback <input=output>', 'input of --top that one of its outputs is wired to (repeatable)', gather)
}
