/** `trapline setup`: brings what this machine lacks; `--verilator` for this user alone, and away again. */
import { join } from 'node:path'
import { toMessage, TraplineError } from '../ground/errors.js'
import { catchSignals } from '../ground/interruption.js'
import { log } from '../ground/log.js'
import { importModule } from '../ground/import-authored.js'
import { cacheDirectory, packageDirectory } from '../ground/paths.js'
import { missingPackages } from './doctor.js'
import { installOwnVerilator, ownDirectory, ownRelease, removeOwnVerilator } from '../verilate/own-verilator.js'

export interface SetupFlags {
  verilator?: boolean
}

/** Exit status 0 if it is as was asked for. */
export async function setup({ verilator }: SetupFlags): Promise<number> {
  await (verilator === undefined ? bringPackages() : verilator ? bring() : takeAway())
  return 0
}

/** bridge/setup/system-packages.mjs: installs as root or by sudo, or throws the command that does. */
interface SystemPackages {
  install(names: string[], busy: (what: string) => void): Promise<void>
}

async function bringPackages(): Promise<void> {
  const missing = await missingPackages()
  if (missing.length === 0) return log.info('this machine has what models are built with; `trapline doctor` says more')
  const names = missing.map(({ name }) => name)
  for (const { name, for: purpose } of missing) log.info(`${name} is missing: ${purpose}`)
  const installer = join(packageDirectory, 'bridge', 'setup', 'system-packages.mjs')
  const { install } = (await importModule(installer)) as SystemPackages
  try {
    await install(names, (what) => log.info(what))
  } catch (error) {
    const [sentence = '', ...detail] = toMessage(error).split('\n')
    throw new TraplineError('build', sentence, { cause: error, detail: detail.join('\n') })
  }
  log.info(`installed ${names.join(', ')}`)
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
