/**
 * Names for places in the host's code: `function (file.c:12)`, `function+0x1a` or `module+0x123`.
 * Functions come from the module's own symbol table, source lines from binutils' addr2line, one process per batch
 * of one module. What can't be found degrades; nothing here fails a run.
 *
 * A host may be on another machine or in a container, and its file may have been built anew meanwhile: what has the
 * module's path here is read only if it has the build ID that the host's agent has seen in memory.
 */
import { basename } from 'node:path'
import { withoutSecrets } from '../ground/child-environment.js'
import { readElf, readFunctions, toLinkAddress, type ElfHeader, type FunctionSymbol } from '../ground/elf.js'
import { openNamed } from '../ground/foreign-files.js'
import type { Site } from '../wire/access.js'

interface Module {
  header: ElfHeader
  functions: FunctionSymbol[]
}

/** Modules whose symbols are kept; of further ones the offset is all that is said. */
const mostModules = 256
/** A debug file that nobody writes to must not keep a run from its end. */
const longestSearchMs = 30_000

export class Symbolizer {
  readonly #modules = new Map<string, Promise<Module | undefined>>()
  readonly #names = new Map<string, string>()
  /** The batch that each site was asked for in, so that nobody takes a name from before its answer. */
  readonly #batches = new Map<string, Promise<void>>()

  /** @param hurry ends searches: what is not found by then has lesser names */
  constructor(private readonly hurry?: AbortSignal) {}

  /** Names all sites; asks once per site and remembers the answers. */
  async name(sites: Iterable<Site>): Promise<void> {
    const wanted = [...sites]
    const byModule = new Map<string, Site[]>()
    const keyOf = ({ module, buildId = noBuildId }: Site) => `${Buffer.from(buildId).toString('hex')} ${module}`
    for (const site of wanted) {
      if (this.#batches.has(toKey(site))) continue
      const batch = byModule.get(keyOf(site))
      if (batch) batch.push(site)
      else byModule.set(keyOf(site), [site])
    }
    for (const [key, batch] of byModule) {
      const naming = this.#nameBatch(key, batch)
      for (const site of batch) this.#batches.set(toKey(site), naming)
    }
    await Promise.all(wanted.flatMap((site) => this.#batches.get(toKey(site)) ?? []))
  }

  /** The name of a site that `name` has seen; else the best that needs no search. */
  lookup(site: Site | undefined): string {
    if (!site) return ''
    return this.#names.get(toKey(site)) ?? toModulePlace(site)
  }

  async #nameBatch(key: string, sites: Site[]): Promise<void> {
    const [buildId = '', path = ''] = key.split(/ (.*)/s)
    const module = await this.#load(key, path, buildId)
    if (!module) return
    const { header, functions } = module
    const places = sites.map((site) => ({ site, address: toLinkAddress(header, site.moduleOffset) }))
    const known = places.flatMap(({ site, address }) => (address === undefined ? [] : [{ site, address }]))
    const lines = await findLines(
      path,
      known.map(({ address }) => address),
      this.hurry,
    )
    known.forEach(({ site, address }, i) => {
      const name = lines[i] ?? toFunctionPlace(functions, address)
      if (name) this.#names.set(toKey(site), name)
    })
  }

  #load(key: string, path: string, buildId: string): Promise<Module | undefined> {
    const known = this.#modules.get(key)
    if (known) return known
    if (buildId === '' || this.#modules.size >= mostModules) return Promise.resolve(undefined)
    const loading = loadModule(path, buildId)
    this.#modules.set(key, loading)
    return loading
  }
}

const noBuildId = new Uint8Array()

/** A module that was deleted meanwhile, or is another one here, keeps its offsets as names. */
async function loadModule(path: string, buildId: string): Promise<Module | undefined> {
  try {
    await using file = await openNamed(path)
    const header = readElf(file.fd)
    return header?.buildId === buildId ? { header, functions: readFunctions(file.fd) } : undefined
  } catch {
    return undefined
  }
}

function toKey({ moduleOffset, module, buildId = noBuildId }: Site): string {
  return `${moduleOffset}@${Buffer.from(buildId).toString('hex')} ${module}`
}

function toModulePlace(site: Site): string {
  return site.module ? `${basename(site.module)}+0x${site.moduleOffset.toString(16)}` : ''
}

function toFunctionPlace(functions: FunctionSymbol[], address: bigint): string | undefined {
  const found = functions.findLast((symbol) => symbol.address <= address && address < symbol.address + symbol.size)
  return found && `${found.name}+0x${(address - found.address).toString(16)}`
}

/** `function (file.c:12)` for each address that has a source line, in the order of the addresses. */
async function findLines(
  path: string,
  addresses: bigint[],
  hurry: AbortSignal | undefined,
): Promise<(string | undefined)[]> {
  if (addresses.length === 0) return []
  const { execa } = await import('execa')
  const { exitCode, stdout } = await execa('addr2line', ['-f', '-C', '-e', path], {
    input: addresses.map((address) => `0x${address.toString(16)}\n`).join(''),
    reject: false,
    stderr: 'ignore',
    timeout: longestSearchMs,
    ...(hurry && { cancelSignal: hurry }),
    killSignal: 'SIGKILL',
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
