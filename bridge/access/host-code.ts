/** Where the instructions of one host process stand, and the calls that led to them, as its agent tells it. */
import { toPrintable } from '../ground/printable.js'
import type { Access, CallFrame, Site } from '../wire/access.js'

/** Places that are remembered of one process; of further ones only the PC is known. */
const most = 65_536

export class HostCode {
  readonly #sites = new Map<bigint, Site>()
  /** Callers by the number of their stack, the innermost first. */
  readonly #stacks = new Map<number, Site[]>()

  /** @param host its `pid` says something here only if it is local */
  constructor(private readonly host: { readonly pid: number; readonly isLocal: boolean }) {}

  get sites(): ReadonlyMap<bigint, Site> {
    return this.#sites
  }

  /** Everything that has a name. */
  get all(): Site[] {
    return [...this.#sites.values(), ...[...this.#stacks.values()].flat()]
  }

  note({ pc, site, stack, frames }: Access): void {
    if (site && this.#sites.size < most)
      this.#sites.set(pc, {
        ...site,
        instruction: toPrintable(site.instruction),
        ...this.#generatedAt(site.module, pc),
      })
    if (frames.length > 0 && this.#stacks.size < most)
      this.#stacks.set(
        stack,
        frames.map((frame) => this.#toSite(frame)),
      )
  }

  /** The instruction and its callers, as far as they are known, the innermost first. */
  wayTo(pc: bigint, stack: number): Site[] {
    const site = this.#sites.get(pc)
    return site ? [site, ...(this.#stacks.get(stack) ?? [])] : []
  }

  /** The line of a call is that of its last byte: behind it another one may begin. */
  #toSite({ pc, isReturn, module, moduleOffset, buildId, function: name, line }: CallFrame): Site {
    const back = isReturn ? 1n : 0n
    const site = {
      module,
      moduleOffset: moduleOffset - (module ? back : 0n),
      instruction: '',
      ...(buildId && { buildId }),
    }
    if (line !== 0) return { ...site, moduleOffset, source: { function: toPrintable(name), line } }
    return { ...site, ...this.#generatedAt(module, pc - back) }
  }

  #generatedAt(module: string, address: bigint): Pick<Site, 'generated'> {
    const { pid, isLocal } = this.host
    return module === '' && isLocal ? { generated: { pid, address } } : {}
  }
}
