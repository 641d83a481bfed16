/** What the flags come to: flags over `TRAPLINE_…` variables over the file. */
import { loadConfig, parseConfig, type LoadedConfig } from '../config/load-config.js'
import { applyOverrides } from '../config/overrides.js'
import { toQuickConfig } from '../config/quick-config.js'
import { TraplineError } from '../ground/errors.js'
import type { ConfigFlags } from './flags.js'
import { withTop } from './quick-top.js'

/** The configuration that the flags name, with the overrides in it. */
export async function toConfig(flags: ConfigFlags): Promise<LoadedConfig> {
  if (!isQuick(flags)) {
    checkNoAnswers(flags)
    return loadConfig(flags.config, flags)
  }
  const quickFlag = flags.hardware && !flags.rtl ? '--hardware' : '--rtl'
  if (flags.config) throw new TraplineError('usage', `--config and ${quickFlag} exclude each other; drop one of them`)
  const quick = toQuickConfig(await withTop({ ...flags, rtl: flags.rtl ?? [] }))
  const config = applyOverrides(parseConfig('the command line', quick), flags)
  return { config, directory: process.cwd(), source: 'the command line' }
}

function isQuick(flags: ConfigFlags): boolean {
  return Boolean(flags.rtl ?? flags.top ?? flags.map ?? flags.hardware)
}

/** What would answer a question about --rtl; a configuration has a place of its own for each. */
const answers = {
  clock: 'clock',
  reset: 'reset',
  port: 'ports',
  protocol: 'ports.PREFIX.protocol',
  addresses: 'ports.PREFIX.wordAddress',
  signal: 'ports.PREFIX.signals',
  bus: 'ports.PREFIX.KEY',
  include: 'includeDirs',
  define: 'defines',
  input: 'inputs',
  loopback: 'loopback',
}

function checkNoAnswers(flags: ConfigFlags): void {
  for (const [flag, key] of Object.entries(answers))
    if (flags[flag as keyof typeof answers] !== undefined)
      throw new TraplineError(
        'usage',
        `--${flag} is about the RTL of --rtl; in a configuration it is models.NAME.${key}`,
      )
}
