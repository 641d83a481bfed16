/** Files that a command shall write are tried before anything runs, so that no result is lost at the end. */
import { accessSync, closeSync, constants, openSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { toMessage, TraplineError } from '../ground/errors.js'
import { results } from '../ground/outlet.js'

export function checkWritable(file: string): void {
  orRefuse(file, () => closeSync(openSync(file, 'w')))
}

/** For files that get their names later, such as the waveforms of several models. */
export function checkFolder(file: string): void {
  orRefuse(file, () => accessSync(dirname(resolve(file)), constants.W_OK))
}

export function writeOutput(file: string, text: string): void {
  orRefuse(file, () => writeFileSync(file, text))
}

function orRefuse(file: string, attempt: () => void): void {
  try {
    attempt()
  } catch (error) {
    const message = `${file} can't be written (${toMessage(error)}); choose another place`
    throw new TraplineError('output', message, { cause: error })
  }
}

/** Resolves when it is written: for what nobody can do without. */
export function print(text: string): Promise<void> {
  results.write(text)
  return results.drain().catch((error: unknown) => Promise.reject(toStdoutError(error as NodeJS.ErrnoException)))
}

export function toStdoutError(cause: NodeJS.ErrnoException): TraplineError {
  const remedy = cause.code === 'EPIPE' ? 'keep its reader open' : 'send it elsewhere'
  return new TraplineError('output', `stdout can't be written (${cause.code ?? cause.message}); ${remedy}`, { cause })
}
