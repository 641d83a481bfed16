/**
 * Names for places in the host's code: `function (file.c:12)`, `function+0x1a` or `module+0x123`.
 * Functions come from the module's own symbol table, source lines from binutils' addr2line, one process per batch
 * of one module. What can't be found degrades; nothing here fails a run.
 */
import { basename } from 'node:path'
import { execa } from 'execa'
import { withoutSecrets } from '../child-environment.js'
import { readElf, readFunctions, toLinkAddress, type ElfHeader, type FunctionSymbol } from '../host/elf.js'
import type { Site } from './access.js'

interface Module {
  header: ElfHeader | undefined
  functions: FunctionSymbol[]
}

export class Symbolizer {
  readonly #modules = new Map<string, Module>()
  readonly #names = new Map<string, string>()
  /** The batch that each site was asked for in, so that nobody takes a name from before its answer. */
  readonly #batches = new Map<string, Promise<void>>()

  /** Names all sites; asks once per site and remembers the answers. */
  async name(sites: Iterable<Site>): Promise<void> {
    const wanted = [...sites]
    const byModule = new Map<string, Site[]>()
    for (const site of wanted) {
      if (this.#batches.has(toKey(site))) continue
      const batch = byModule.get(site.module)
      if (batch) batch.push(site)
      else byModule.set(site.module, [site])
    }
    for (const [path, batch] of byModule) {
      const naming = this.#nameBatch(path, batch)
      for (const site of batch) this.#batches.set(toKey(site), naming)
    }
    await Promise.all(wanted.flatMap((site) => this.#batches.get(toKey(site)) ?? []))
  }

  /** The name of a site that `name` has seen; else the best that needs no search. */
  lookup(site: Site | undefined): string {
    if (!site) return ''
    return this.#names.get(toKey(site)) ?? toModulePlace(site)
  }

  async #nameBatch(path: string, sites: Site[]): Promise<void> {
    const { header, functions } = this.#load(path)
    const places = sites.map((site) => ({ site, address: header && toLinkAddress(header, site.moduleOffset) }))
    const known = places.flatMap(({ site, address }) => (address === undefined ? [] : [{ site, address }]))
    const lines = await findLines(
      path,
      known.map(({ address }) => address),
    )
    known.forEach(({ site, address }, i) => {
      const name = lines[i] ?? toFunctionPlace(functions, address)
      if (name) this.#names.set(toKey(site), name)
    })
  }

  #load(path: string): Module {
    const known = this.#modules.get(path)
    if (known) return known
    const module: Module = { header: undefined, functions: [] }
    try {
      module.header = readElf(path)
      module.functions = readFunctions(path)
    } catch {
      // A module that was deleted meanwhile keeps its offsets as names.
    }
    this.#modules.set(path, module)
    return module
  }
}

function toKey(site: Site): string {
  return `${site.moduleOffset}@${site.module}`
}

function toModulePlace(site: Site): string {
  return site.module ? `${basename(site.module)}+0x${site.moduleOffset.toString(16)}` : ''
}

function toFunctionPlace(functions: FunctionSymbol[], address: bigint): string | undefined {
  const found = functions.findLast((symbol) => symbol.address <= address && address < symbol.address + symbol.size)
  return found && `${found.name}+0x${(address - found.address).toString(16)}`
}

/** `function (file.c:12)` for each address that has a source line, in the order of the addresses. */
async function findLines(path: string, addresses: bigint[]): Promise<(string | undefined)[]> {
  if (addresses.length === 0) return []
  const { exitCode, stdout } = await execa('addr2line', ['-f', '-C', '-e', path], {
    input: addresses.map((address) => `0x${address.toString(16)}\n`).join(''),
    reject: false,
    stderr: 'ignore',
    env: withoutSecrets,
  })
  if (exitCode !== 0) return []
  const lines = stdout.split('\n')
  return addresses.map((_, i) => {
    const [name, place] = [lines[2 * i], lines[2 * i + 1]]
    const match = place?.match(/([^/]+):(\d+)( \(discriminator \d+\))?$/)
    return name && name !== '??' && match ? `${name} (${match[1]}:${match[2]})` : undefined
  })
}
