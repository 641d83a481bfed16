/** `--top` where it is left out. */
import { parseConfig } from '../config/load-config.js'
import { verilatorModels } from '../config/used-models.js'
import { type QuickFlags, toQuickConfig } from '../config/quick-config.js'

/** The flags with the top module that the RTL itself tells. */
export async function withTop(flags: QuickFlags): Promise<QuickFlags> {
  if (flags.top || flags.rtl.length === 0 || !flags.map) return flags
  const unnamed = 'the RTL'
  const { models } = parseConfig('the command line', toQuickConfig({ ...flags, top: unnamed }))
  const { findTop } = await import('../verilate/find-top.js')
  const [model] = Object.values(verilatorModels(models))
  return model ? { ...flags, top: await findTop(model, process.cwd()) } : flags
}
