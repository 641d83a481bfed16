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
import { toSymbol, type CodeFrame, type Site } from '../wire/access.js'
import { PerfMap } from './perf-map.js'

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
  /** Of inlined code also the functions that it is in, the innermost first. */
  readonly #names = new Map<string, CodeFrame[]>()
  readonly #perfMaps = new Map<number, PerfMap>()
  /** The batch that each site was asked for in, so that nobody takes a name from before its answer. */
  readonly #batches = new Map<string, Promise<void>>()

  /** @param hurry ends searches: what is not found by then has lesser names */
  constructor(private readonly hurry?: AbortSignal) {}

  /** Names all sites; asks once per site and remembers the answers. */
  async name(sites: Iterable<Site>): Promise<void> {
    const wanted = [...sites].filter(({ source }) => !source)
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
    const [innermost] = site ? this.framesAt(site) : []
    return innermost ? toSymbol(innermost) : ''
  }

  /** The same with the functions that it is inlined in, the innermost first; none of generated code without a name. */
  framesAt(site: Site): CodeFrame[] {
    const { module, source } = site
    if (source) return [{ ...source, file: basename(module) }]
    return this.#names.get(toKey(site)) ?? toModulePlace(site)
  }

  async #nameBatch(key: string, sites: Site[]): Promise<void> {
    await this.#nameGenerated(sites)
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
      const frames = lines[i]?.length ? lines[i] : toFunctionPlace(functions, address)
      if (frames) this.#names.set(toKey(site), frames)
    })
  }

  async #nameGenerated(sites: Site[]): Promise<void> {
    for (const site of sites) {
      if (!site.generated) continue
      const { pid, address } = site.generated
      const map = this.#perfMaps.get(pid) ?? new PerfMap(pid)
      this.#perfMaps.set(pid, map)
      const frame = await map.frameOf(address)
      if (frame) this.#names.set(toKey(site), [frame])
    }
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

function toKey({ moduleOffset, module, buildId = noBuildId, generated }: Site): string {
  if (generated) return `${generated.address} of ${generated.pid}`
  return `${moduleOffset}@${Buffer.from(buildId).toString('hex')} ${module}`
}

function toModulePlace(site: Site): CodeFrame[] {
  return site.module ? [{ function: `${basename(site.module)}+0x${site.moduleOffset.toString(16)}` }] : []
}

function toFunctionPlace(functions: FunctionSymbol[], address: bigint): CodeFrame[] | undefined {
  const found = functions.findLast((symbol) => symbol.address <= address && address < symbol.address + symbol.size)
  return found && [{ function: `${found.name}+0x${(address - found.address).toString(16)}` }]
}

/** Function and line for each address that has some, in the order of the addresses; with those it is inlined in. */
async function findLines(path: string, addresses: bigint[], hurry: AbortSignal | undefined): Promise<CodeFrame[][]> {
  if (addresses.length === 0) return []
  const { execa } = await import('execa')
  const { exitCode, stdout } = await execa('addr2line', ['-a', '-i', '-f', '-C', '-e', path], {
    input: addresses.map((address) => `0x${address.toString(16)}\n`).join(''),
    reject: false,
    stderr: 'ignore',
    timeout: longestSearchMs,
    ...(hurry && { cancelSignal: hurry }),
    killSignal: 'SIGKILL',
    env: withoutSecrets,
  })
  if (exitCode !== 0) return []
  return stdout
    .split(/^0x[0-9a-f]+\n/m)
    .slice(1)
    .map(toFrames)
}

/** Of one address: function and place in turns, the innermost first. */
function toFrames(text: string): CodeFrame[] {
  const lines = text.split('\n')
  return lines.flatMap((name, i) => {
    const [, file, line] = lines[i + 1]?.match(/([^/]+):(\d+)( \(discriminator \d+\))?$/) ?? []
    return i % 2 === 0 && name !== '??' && file !== undefined ? [{ function: name, file, line: Number(line) }] : []
  })
}
