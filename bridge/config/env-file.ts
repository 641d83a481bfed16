/**
 * `.env`: options for Trapline beside the configuration file. Only `TRAPLINE_…` names are taken,
 * and what the environment already has wins; the host's own variables are none of our business.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'dotenv'

/** Lays the file in the configuration's folder under the environment. */
export function loadEnvFile(args: string[], environment: NodeJS.ProcessEnv = process.env): void {
  const config = findConfigArgument(args) ?? environment.TRAPLINE_CONFIG
  const file = join(config ? dirname(config) : '.', '.env')
  if (!existsSync(file)) return
  for (const [name, value] of Object.entries(parse(readFileSync(file))))
    if (name.startsWith('TRAPLINE_')) environment[name] ??= value
}

/** `--config F` or `--config=F`, not looking into the host's own arguments. */
function findConfigArgument(args: string[]): string | undefined {
  const end = args.indexOf('--')
  const own = end < 0 ? args : args.slice(0, end)
  const at = own.findIndex((arg) => arg === '--config' || arg.startsWith('--config='))
  if (at < 0) return undefined
  return own[at]?.startsWith('--config=') ? own[at].slice('--config='.length) : own[at + 1]
}
