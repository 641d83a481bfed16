/** What stands in a Value Change Dump (IEEE 1800-2017 clause 21.7), line by line, for dumps are long. */

/** A variable of the dump; several may share one identifier, which is how a dump names the same wire in two places. */
export interface DumpedVariable {
  id: string
  /** Of its scopes, outermost first. */
  scopes: string[]
  name: string
  widthBits: number
  isParameter: boolean
}

export interface DumpReader {
  /** Comes once, when all variables are known. */
  onVariables(variables: DumpedVariable[]): void
  /** In the order of time; `bits` has the digits of the dump. False ends the reading. */
  onChange(id: string, bits: string, timePs: number): boolean
}

const picoseconds: Record<string, number> = { fs: 1e-3, ps: 1, ns: 1e3, us: 1e6, ms: 1e9, s: 1e12 }

/** Resolves with the last time that was read. */
export async function readDump(lines: AsyncIterable<string>, reader: DumpReader): Promise<number> {
  const header = new Header()
  let isHeader = true
  let nowPs = 0
  for await (const line of lines) {
    if (isHeader) {
      isHeader = header.read(line)
      if (!isHeader) reader.onVariables(header.variables)
    } else if (line.startsWith('#')) nowPs = Number(line.slice(1)) * header.tickPs
    else {
      const match = /^(?:b([01xz]+) |([01xz]))(\S+)$/i.exec(line)
      if (match && !reader.onChange(match[3] ?? '', (match[1] ?? match[2] ?? '').toLowerCase(), nowPs)) return nowPs
    }
  }
  return nowPs
}

class Header {
  readonly variables: DumpedVariable[] = []
  tickPs = 1
  #scopes: string[] = []
  #isTimescale = false

  /** False once the changes begin. */
  read(line: string): boolean {
    const [word, type = '', width = '', id = '', name = ''] = line.trim().split(/\s+/)
    if (word === '$scope') this.#scopes = [...this.#scopes, width]
    else if (word === '$upscope') this.#scopes = this.#scopes.slice(0, -1)
    else if (word === '$var') this.variables.push({ ...{ id, name, scopes: this.#scopes }, ...toShape(type, width) })
    else if (word === '$timescale') this.#isTimescale = true
    if (this.#isTimescale) this.#readScale(line)
    return word !== '$enddefinitions'
  }

  #readScale(line: string): void {
    const [, count, unit = ''] = /(\d+)\s*([fpnum]?s)\b/.exec(line) ?? []
    if (count === undefined) return
    this.tickPs = Number(count) * (picoseconds[unit] ?? 1)
    this.#isTimescale = false
  }
}

function toShape(type: string, width: string) {
  return { widthBits: Number(width), isParameter: type === 'parameter' }
}
