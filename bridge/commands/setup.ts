/** `trapline setup`: brings a tool that this machine lacks, for this user alone, and takes it away again. */
import { TraplineError } from '../ground/errors.js'
import { catchSignals } from '../ground/interruption.js'
import { log } from '../ground/log.js'
import { cacheDirectory } from '../ground/paths.js'
import { installOwnVerilator, ownDirectory, ownRelease, removeOwnVerilator } from '../verilate/own-verilator.js'

export interface SetupFlags {
  verilator?: boolean
}

/** Exit status 0 if it is as was asked for. */
export async function setup({ verilator }: SetupFlags): Promise<number> {
  if (verilator === undefined)
    throw new TraplineError('usage', 'say what to set up: `trapline setup --verilator`, or --no-verilator to undo that')
  await (verilator ? bring() : takeAway())
  return 0
}

async function bring(): Promise<void> {
  using interruption = catchSignals()
  const options = { onProgress: (line: string) => log.info(line), signal: interruption.abort }
  const version = await installOwnVerilator(cacheDirectory(), options)
  log.info(`${ownRelease.name} (${version}) in ${ownDirectory(cacheDirectory())} builds models from now on`)
}

async function takeAway(): Promise<void> {
  const directory = ownDirectory(cacheDirectory())
  const was = await removeOwnVerilator(cacheDirectory())
  log.info(
    was ? `${directory} is gone; the verilator of PATH builds models from now on` : `${directory} holds no Verilator`,
  )
}
