/** Where the benchmark's things lie, and the configurations that it measures. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configSchema } from '../../build/bridge/config/schema.js'

export const root = join(import.meta.dirname, '../..')
export const programs = join(root, 'build/test/bench')
export const commandLine = join(root, 'build/bridge/main.js')
export const base = 0x43c0_0000

const models = join(root, 'hdl/models')

/** One device on one model of ours, so that the bare one is the same RTL. */
function configOf(top, size, { folder = models, device, ...keys } = {}) {
  const name = top.split('_')[1]
  return {
    models: { [name]: { top, sources: [join(folder, `${top}.sv`)], ...keys } },
    devices: { [`${name}0`]: { kind: 'mem', path: '/dev/mem', base, size, model: name, ...device } },
  }
}

export const config = configOf('axil_regs', 0x1000)
/** large-core.mjs writes it. */
export const largeConfig = configOf('large_core', 0x1000, { folder: programs, includeDirs: [models] })
const copy = configOf('axi4_ram', 1 << 20, { parameters: { AddrWidth: 20, Depth: (1 << 20) / 4 } })
const memtester = configOf('axi4_ram', 0x1000)
const posted = configOf('axil_regs', 0x1000, { device: { posted: true } })
const hasPosted = configSchema.safeParse(posted).success

const configs = { regs: config, ram: copy, memtester, ...(hasPosted ? { posted } : {}) }

export { hasPosted }

/** One file each. @returns {Record<string, string>} */
export function writeConfigs(folder) {
  const toFile = ([name, content]) => {
    const file = join(folder, `${name}.json`)
    writeFileSync(file, JSON.stringify(content))
    return [name, file]
  }
  return Object.fromEntries(Object.entries(configs).map(toFile))
}
