#!/usr/bin/env node
/** The command line: what there is to say, and what exit status follows. Each command is a file in `commands/`. */
import { Command, CommanderError } from 'commander'
import { build, type BuildFlags } from './commands/build.js'
import { diff, type DiffFlags } from './commands/diff.js'
import { doctor } from './commands/doctor.js'
import { exportLog, type ExportFlags } from './commands/export.js'
import {
  addConfigFlags,
  addQuickFlags,
  addPlaceFlags,
  gather,
  type ConfigFlags,
  type RunFlags,
} from './commands/flags.js'
import { init, type InitFlags } from './commands/init.js'
import { list } from './commands/list.js'
import { replay, type ReplayFlags } from './commands/replay.js'
import { reportResults, type ReportFlags } from './commands/report.js'
import { run } from './commands/run.js'
import { serve, type ServeFlags } from './commands/serve.js'
import { Option } from 'commander'
import { configNames } from './config/load-config.js'
import { toStdoutError } from './commands/output-files.js'
import { loadEnvFile } from './config/env-file.js'
import { toMessage, TraplineError } from './errors.js'
import { log } from './log.js'
import { version } from './version.js'

const examples = `
Examples:
  trapline run -- busybox devmem 0x43c00000 32
  trapline run --show --log run.jsonl --trace run.fst -- ./poke_led
  trapline run --rtl core.sv --top core --map /dev/mem@0x43c00000+0x1000 -- busybox devmem 0x43c00000
  trapline serve --listen 127.0.0.1:50051

Exit status: the program's own; 125 if Trapline failed or the bus misbehaved, 126 if the program
can't be run or trapped, 127 if it was not found.`

let exitStatus = 0

/** Wraps a command: its result is the exit status. */
function action<Args extends unknown[]>(command: (...args: Args) => Promise<number>) {
  return async (...args: Args) => {
    exitStatus = await command(...args)
  }
}

function createProgram(): Command {
  const program = new Command('trapline')
    .description('Runs production software, unmodified, against RTL.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addHelpText('after', examples)
  addPlaceFlags(addConfigFlags(program.command('run').description('run a program against the models')))
    .addOption(new Option('--trace <file.fst>', 'write waveforms').env('TRAPLINE_TRACE'))
    .addOption(new Option('--log <file>', 'write the access log (.jsonl or .mmiotrace)').env('TRAPLINE_LOG'))
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
    .addOption(new Option('--bridge <address>', 'use a bridge that runs already').env('TRAPLINE_BRIDGE'))
    .option('--show', 'print a line per access')
    .option('--lint', 'list accesses that the registers were not made for')
    .option('--gdb', 'debug the program: gdb stops at its crashes, not at accesses')
    .passThroughOptions()
    .argument('<program>', 'the program, unmodified')
    .argument('[args...]', 'its arguments')
    .action(action((name: string, args: string[], flags: RunFlags) => run(flags, [name, ...args])))
  addLogCommands(program)
  addConfigFlags(program.command('build').description('build all models into the cache'))
    .option('--trace', 'build them with waveforms')
    .action(action((flags: BuildFlags) => build(flags)))
  addPlaceFlags(
    addConfigFlags(program.command('serve').description('keep a bridge running for hosts and gRPC clients')),
  )
    .addOption(new Option('--listen <address>', 'address and port, e.g. 127.0.0.1:0').env('TRAPLINE_LISTEN'))
    .option('--address-file <file>', 'write the address there once it listens')
    .option('--trace <file.fst>', 'write waveforms')
    .option('--show', 'print a line per access')
    .action(action((flags: ServeFlags) => serve(flags)))
  addConfigFlags(program.command('list').description('show models and devices')).action(
    action((flags: ConfigFlags) => list(flags)),
  )
  program.command('doctor').description('check what this machine has').action(action(doctor))
  addQuickFlags(program.command('init').description('write a configuration for RTL files'))
    .option('--output <file>', 'the file to write (.ts or .json)', configNames[0])
    .action(action((flags: InitFlags) => init(flags)))
  return program
}

/** What there is to do with access logs after a run. */
function addLogCommands(program: Command): void {
  program
    .command('diff')
    .description('find the first access in which two logs differ')
    .option('--timing', 'cycles and times count too')
    .argument('<a>', 'an access log')
    .argument('<b>', 'another one of the same format')
    .action(action((a: string, b: string, flags: DiffFlags) => diff(flags, a, b)))
  addConfigFlags(program.command('replay').description('make the accesses of a log again and compare the answers'))
    .option('--keep-going', 'go on after the first answer that differs')
    .option('--ignore <device+offset[:mask]>', 'bits that may differ (repeatable)', gather)
    .addOption(new Option('--trace <file.fst>', 'write waveforms').env('TRAPLINE_TRACE'))
    .option('--log <file>', 'write the access log of the replay (.jsonl or .mmiotrace)')
    .argument('<recording>', 'an access log: JSON lines or mmiotrace')
    .action(action((recording: string, flags: ReplayFlags) => replay(flags, recording)))
  program
    .command('export')
    .description('write an access log in the format of another tool')
    .requiredOption('--perfetto <file.json>', 'trace events for ui.perfetto.dev')
    .argument('<recording>', 'an access log: JSON lines or mmiotrace')
    .action(action((recording: string, flags: ExportFlags) => exportLog(flags, recording)))
  program
    .command('report')
    .description('make one page of the results of a regression')
    .requiredOption('-o, --output <file.html>', 'the page')
    .option('--lcov <file.info>', 'write the coverage of all tests for lcov and its kin')
    .option('--junit <file.xml>', 'write the results for CI')
    .argument('<results...>', 'results of tests, or folders of them')
    .action(action((results: string[], flags: ReportFlags) => reportResults(flags, results)))
}

/** Prints what went wrong and gives the exit status for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return reportUsage(error)
  if (error instanceof TraplineError) {
    log.error(error.message)
    if (error.detail) log.error(error.detail)
    return error.exitStatus
  }
  log.error(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : toMessage(error)}`)
  return 125
}

function reportUsage(error: CommanderError): number {
  if (error.exitCode === 0) return 0
  const [problem, hint] = error.message.replace(/^error: /, '').split('\n')
  log.error(`${problem?.replace(/\.$/, '')}${hint ? ` ${hint}` : ''}; see \`trapline --help\``)
  return 125
}

let stdoutFailure: Error | undefined
process.stdout.on('error', (error) => (stdoutFailure ??= error))
process.stderr.on('error', () => undefined)

loadEnvFile(process.argv.slice(2))
try {
  await createProgram().parseAsync()
} catch (error) {
  exitStatus = report(error)
}
await new Promise((resolve) => process.stdout.write('', resolve))
if (stdoutFailure && exitStatus === 0) exitStatus = report(toStdoutError(stdoutFailure))
// Connections of hosts that look at nothing would keep us here: they close with the process.
process.exit(exitStatus)
