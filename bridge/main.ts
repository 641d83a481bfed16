/** From the arguments to the exit status. What can be said is in `commands/index.ts`, each command in its own file. */
import { CommanderError } from 'commander'
import { endAuthoredOutput, takeAuthoredOutput } from './ground/authored-output.js'
import { createCommandLine } from './commands/index.js'
import { toStdoutError } from './commands/output-files.js'
import { loadEnvFile } from './config/env-file.js'
import { toMessage, TraplineError } from './ground/errors.js'
import { noteInherited, type Inherited } from './ground/inherited.js'
import { catchTheRest, lastResortStatus, toUnexpectedSentence, unexpectedCause } from './ground/last-resort.js'
import { log, setLogLevel } from './ground/log.js'
import { results, words } from './ground/outlet.js'
import { noteOwnCode } from './ground/own-code.js'
import { nameWorkingDirectory } from './ground/raw-words.js'

/** Prints what went wrong and gives the exit status for it. */
function report(error: unknown): number {
  if (error instanceof Error && error.message === unexpectedCause()) return lastResortStatus
  if (error instanceof CommanderError) return reportUsage(error)
  if (error instanceof TraplineError) {
    log.error(error.message)
    if (error.detail) reportLines(error.detail)
    return error.exitStatus
  }
  log.error(toUnexpectedSentence(error))
  log.debug(error instanceof Error ? (error.stack ?? error.message) : toMessage(error))
  return lastResortStatus
}

function reportLines(text: string): void {
  for (const line of text.split('\n')) log.error(line)
}

function reportUsage(error: CommanderError): number {
  if (error.exitCode === 0) return 0
  const [problem, hint] = error.message.replace(/^error: /, '').split('\n')
  log.error(`${problem?.replace(/\.$/, '')}${hint ? ` ${hint}` : ''}; see \`trapline --help\``)
  return 125
}

/** The end of a command. */
export interface CommandEnd {
  exitStatus: number
  /** It was understood, and came to its own end. */
  isWhole: boolean
}

/**
 * @param code digest of all that is in our file
 * @param inherited what the process was started with
 */
export async function main(code: string, inherited: Inherited): Promise<CommandEnd> {
  noteInherited(inherited)
  noteOwnCode(code)
  const end: CommandEnd = { exitStatus: 0, isWhole: false }
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
  takeAuthoredOutput((name, line) => log.info(`${name}: ${line}`))
  catchTheRest(log)
  nameWorkingDirectory()

  loadEnvFile(process.argv.slice(2))
  try {
    setLogLevel()
    const [, , named = '--help', ...others] = process.argv
    const program = createCommandLine(named, (exitStatus) => Object.assign(end, { exitStatus, isWhole: true }))
    await program.parseAsync([named, ...others], { from: 'user' })
  } catch (error) {
    end.exitStatus = report(error)
    end.isWhole = error instanceof CommanderError && error.exitCode === 0
  }
  endAuthoredOutput()
  await results.drain().catch((error: NodeJS.ErrnoException) => {
    if (end.exitStatus === 0) end.exitStatus = report(toStdoutError(error))
  })
  await words.drain().catch(() => undefined)
  return unexpectedCause() === undefined ? end : { exitStatus: lastResortStatus, isWhole: false }
}
