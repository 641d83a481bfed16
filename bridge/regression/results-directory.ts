/** Where results and evidence lie: `TRAPLINE_RESULTS`, else `trapline-results` in the current directory. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { TraplineError } from '../ground/errors.js'

/** Says that the folder is ours to empty. */
const marker = '.trapline-results'

export function resultsDirectory(): string {
  return resolve(process.env.TRAPLINE_RESULTS || 'trapline-results')
}

/** Empty. Throws rather than remove a folder that is not ours. */
export function makeResultsDirectory(directory: string): void {
  if (existsSync(directory) && readdirSync(directory).length > 0 && !existsSync(join(directory, marker)))
    throw new TraplineError(
      'output',
      `${directory} holds other files; set TRAPLINE_RESULTS to a folder for the results`,
    )
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, marker), '')
}

/** Whether the reporter of a regression has made it, and sees to it that it is emptied. */
export function isOfRegression(directory: string): boolean {
  return existsSync(join(directory, marker))
}

/** Readable, and different for different tests. */
export function toFolderName(file: string, test: string): string {
  const digest = createHash('sha256').update(`${file}\n${test}`).digest('hex').slice(0, 8)
  const words = `${basename(file).replace(/\.\w+$/, '')} ${test}`.replace(/[^\w.-]+/g, '-').slice(0, 80)
  return `${words}-${digest}`
}
