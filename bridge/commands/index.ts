/**
 * What there is to say: every command with its flags. A command's own file is loaded when the command runs, so that
 * nobody waits for what only others need.
 */
import { Argument, Command, Option } from 'commander'
import { configNames } from '../config/file-names.js'
import { setLogLevel, type WordFlags } from '../ground/log.js'
import { results } from '../ground/outlet.js'
import { version } from '../ground/version.js'
import { examples } from './examples.js'
import type { BuildFlags } from './build.js'
import type { DoctorFlags } from './doctor.js'
import type { DiffFlags } from './diff.js'
import type { ExportFlags } from './export.js'
import {
  addBridgeFlags,
  addConfigFlags,
  addPlaceFlags,
  addQuickFlags,
  addWordFlags,
  bridgeOption,
  countParser,
  gather,
  secondsParser,
  setOption,
  type RunFlags,
} from './flags.js'
import type { InitFlags } from './init.js'
import type { ListFlags } from './list.js'
import type { ReplayFlags } from './replay.js'
import { beginRun } from './begin-run.js'
import type { RegistersFlags } from './registers.js'
import type { ReportFlags } from './report.js'
import { shells, toCompletion, type Shell } from './completion.js'
import { toManual } from './manual.js'
import { print } from './output-files.js'
import type { ServeFlags } from './serve.js'
import type { SetupFlags } from './setup.js'
import type { WatchFlags } from './watch.js'

const statuses = `
Exit status: the program's own; 125 if Trapline failed or the bus misbehaved, 126 if the program
can't be run or trapped, 127 if it was not found.`

function toExamples(of: readonly string[]): string {
  return `\nExamples:\n${of.map((line) => `  ${line}\n`).join('')}`
}

/** Makes of a command's function, which resolves to the exit status, what commander calls. */
type Ending = <Args extends unknown[]>(run: (...args: Args) => Promise<number>) => (...args: Args) => Promise<void>

/**
 * @param named the first argument: a command that it names is the only one there is, for the flags of all take time
 * @param end takes the exit status of the command that ran
 */
export function createCommandLine(named: string | undefined, end: (exitStatus: number) => void): Command {
  const program = new Command('trapline')
    .description('Runs production software, unmodified, against RTL.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: (text) => results.write(text), writeErr: () => undefined })
    .addHelpText('after', () => toExamples([...(examples.run ?? []), ...(examples.init ?? [])]) + statuses)
    .hook('preAction', (_program, command) => setLogLevel(command.opts<WordFlags>()))
  const ending: Ending =
    (run) =>
    async (...args) =>
      end(await run(...args))
  const isOne = named !== undefined && Object.hasOwn(commands, named)
  for (const [name, complete] of Object.entries(commands))
    if (!isOne || name === named) complete(program.command(name), ending)
  for (const command of program.commands)
    addWordFlags(command).addHelpText('after', toExamples(examples[command.name()] ?? []))
  return program
}

/** The commands in the order of `--help`. */
const commands: Record<string, (command: Command, ending: Ending) => void> = {
  run(command, ending) {
    addPlaceFlags(addConfigFlags(command.description('run a program against the models')))
      .optionsGroup('What comes out:')
      .addOption(new Option('--trace <file.fst>', 'write waveforms').env('TRAPLINE_TRACE'))
      .addOption(new Option('--log <file>', 'write the access log (.jsonl or .mmiotrace)').env('TRAPLINE_LOG'))
      .addOption(
        new Option('--record <file>', 'the same, of a run that has real devices (--hardware)').env('TRAPLINE_RECORD'),
      )
      .addOption(new Option('--report <file.json>', 'write the summary as JSON').env('TRAPLINE_REPORT'))
      .addOption(
        new Option('--perfetto <file.json>', 'write threads, bus, interrupts and DMA for ui.perfetto.dev').env(
          'TRAPLINE_PERFETTO',
        ),
      )
      .addOption(
        new Option('--coverage <directory>', 'count what of the RTL is reached, a file per model').env(
          'TRAPLINE_COVERAGE',
        ),
      )
      .addOption(
        new Option('--results <directory>', 'keep the result there, and the evidence if it did not pass').env(
          'TRAPLINE_RESULTS',
        ),
      )
      .option('--show', 'print a line per access')
      .option('--lint', 'list accesses that the registers were not made for')
      .optionsGroup('The program:')
      .addOption(
        new Option('--timeout <seconds>', 'wall clock that the program has; then it is ended: the exit status is 125')
          .env('TRAPLINE_TIMEOUT')
          .argParser(secondsParser('--timeout')),
      )
      .addOption(bridgeOption())
      .option('--wait-for-children', 'wait for what outlives the program, as with --bridge')
      .option('--no-wait-for-children', 'end it, as without --bridge: the exit status is 125')
      .option('--gdb', 'debug the program: gdb stops at its crashes, not at accesses')
      .addOption(
        new Option('--tolerant', 'what programs do with devices and Trapline can not is said, and fails no run').env(
          'TRAPLINE_TOLERANT',
        ),
      )
      .option('--no-net', 'no filter of system calls: what reaches a device past libc is not carried out')
      .passThroughOptions()
      .argument('<program>', 'the program, unmodified')
      .argument('[args...]', 'its arguments')
      .action(
        ending(async (name: string, args: string[], flags: RunFlags, self: Command) => {
          const fromVariables = new Set(Object.keys(flags).filter((flag) => self.getOptionValueSource(flag) === 'env'))
          // A bridge elsewhere keeps no results; `run` says so.
          const begun = beginRun(flags.bridge ? undefined : flags.results, [name, ...args])
          return (await import('./run.js')).run({ ...flags, fromVariables }, [name, ...args], begun)
        }),
      )
  },

  diff(command, ending) {
    command
      .description('find the first access in which two logs differ')
      .option('--timing', 'cycles and times count too')
      .option('--no-dma', 'bursts of the RTL in the memory of programs do not count')
      .argument('<a>', 'an access log')
      .argument('<b>', 'another one of the same format')
      .action(ending(async (a: string, b: string, flags: DiffFlags) => (await import('./diff.js')).diff(flags, a, b)))
  },

  replay(command, ending) {
    addConfigFlags(command.description('make the accesses of a log again and compare the answers'))
      .optionsGroup('What comes out:')
      .option('--keep-going', 'go on after the first answer that differs')
      .option('--ignore <device+offset[:mask]>', 'bits that may differ (repeatable)', gather)
      .option('--compare-volatile', 'compare registers that the device itself writes, of logs without cycles too')
      .addOption(
        new Option(
          '--timing <how>',
          'what time passes between accesses: as recorded, or none (default: recorded where the log has cycles)',
        ).choices(['recorded', 'fast']),
      )
      .addOption(new Option('--trace <file.fst>', 'write waveforms').env('TRAPLINE_TRACE'))
      .option('--log <file>', 'write the access log of the replay (.jsonl or .mmiotrace)')
      .addOption(
        new Option(
          '--around <access>',
          'only the cycles around this access, in the waveform; the bus there, as JSON',
        ).argParser(countParser('--around', Number.MAX_SAFE_INTEGER)),
      )
      .argument('<recording>', 'an access log: JSON lines or mmiotrace')
      .action(
        ending(async (recording: string, flags: ReplayFlags) => (await import('./replay.js')).replay(flags, recording)),
      )
  },

  export(command, ending) {
    command
      .description('write an access log in the format of another tool')
      .requiredOption('--perfetto <file.json>', 'trace events for ui.perfetto.dev')
      .argument('<recording>', 'an access log: JSON lines or mmiotrace')
      .action(
        ending(async (recording: string, flags: ExportFlags) =>
          (await import('./export.js')).exportLog(flags, recording),
        ),
      )
  },

  report(command, ending) {
    command
      .description('make one page of the results of a regression')
      .requiredOption('-o, --output <file.html>', 'the page')
      .option('--lcov <file.info>', 'write the coverage of all tests for lcov and its kin')
      .option('--junit <file.xml>', 'write the results for CI')
      .option('--json <file.json>', 'write the results as one list')
      .option('--against <directory>', 'say what has changed since these earlier results')
      .option('--fail', 'exit with status 1 where something did not pass')
      .argument('<results...>', 'results of tests, or folders of them')
      .action(
        ending(async (results: string[], flags: ReportFlags) =>
          (await import('./report.js')).reportResults(flags, results),
        ),
      )
  },

  build(command, ending) {
    addConfigFlags(command.description('build all models into the cache'))
      .optionsGroup('What comes out:')
      .option('--trace', 'build them with waveforms')
      .action(ending(async (flags: BuildFlags) => (await import('./build.js')).build(flags)))
  },

  serve(command, ending) {
    addPlaceFlags(addConfigFlags(command.description('keep a bridge running for hosts and gRPC clients')))
      .optionsGroup('The bridge:')
      .addOption(
        new Option(
          '--listen <address>',
          'address and port, e.g. 127.0.0.1:0 (default: a socket in its run directory)',
        ).env('TRAPLINE_LISTEN'),
      )
      .option('--address-file <file>', 'write the address there once it listens')
      .option('--trace <file.fst>', 'write waveforms')
      .option('--log <file>', 'write the access log when it ends')
      .option('--report <file.json>', 'write what its programs did as JSON when it ends')
      .option('--show', 'print a line per access')
      .action(ending(async (flags: ServeFlags) => (await import('./serve.js')).serve(flags)))
  },

  watch(command, ending) {
    addBridgeFlags(command.description('have a bridge that runs record a real device'))
      .argument('<path[@base]+size>', 'its file, and where programs find it in /dev/mem')
      .action(ending(async (range: string, flags: WatchFlags) => (await import('./watch.js')).watch(flags, range)))
  },

  unwatch(command, ending) {
    addBridgeFlags(command.description('have a bridge that runs forget a real device'))
      .argument('<name>', 'what `watch` has called it')
      .action(ending(async (name: string, flags: WatchFlags) => (await import('./watch.js')).unwatch(flags, name)))
  },

  list(command, ending) {
    addConfigFlags(command.description('show models and devices'))
      .optionsGroup('What comes out:')
      .option('--json', 'as JSON')
      .action(ending(async (flags: ListFlags) => (await import('./list.js')).list(flags)))
  },

  registers(command, ending) {
    addConfigFlags(command.description('show the registers that are described'))
      .optionsGroup('What comes out:')
      .option('--types <file>', 'write them as types for bench.reg(): .d.ts of TypeScript, .py or .pyi of Python')
      .option('--json', 'as JSON')
      .action(ending(async (flags: RegistersFlags) => (await import('./registers.js')).registers(flags)))
  },

  doctor(command, ending) {
    command
      .description('check what this machine has')
      .option('--json', 'as JSON')
      .action(ending(async (flags: DoctorFlags) => (await import('./doctor.js')).doctor(flags)))
  },

  setup(command, ending) {
    command
      .description('bring the packages that this machine lacks, or say how')
      .option('--verilator', 'a newer Verilator instead, into the build cache, for this user alone')
      .option('--no-verilator', 'take that away again')
      .action(ending(async (flags: SetupFlags) => (await import('./setup.js')).setup(flags)))
  },

  init(command, ending) {
    addQuickFlags(command.description('write a configuration for RTL files'))
      .addOption(setOption())
      .optionsGroup('What comes out:')
      .option('--output <file>', 'the file to write (.ts or .json)', configNames[0])
      .action(ending(async (flags: InitFlags) => (await import('./init.js')).init(flags)))
  },

  completion(command, ending) {
    command
      .description('print what completes commands and flags in a shell')
      .addArgument(new Argument('<shell>', 'whose script it is').choices(shells))
      .action(
        ending((shell: Shell) =>
          printed(
            toCompletion(
              createCommandLine(undefined, () => undefined),
              shell,
            ),
          ),
        ),
      )
  },

  manual(command, ending) {
    command
      .description('print the manual page, trapline(1)')
      .action(ending(() => printed(toManual(createCommandLine(undefined, () => undefined)))))
  },
}

async function printed(text: string): Promise<number> {
  await print(text)
  return 0
}
