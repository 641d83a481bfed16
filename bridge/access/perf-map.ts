/**
 * Names of code that a program makes for itself, Java or Node say: where it writes them down for perf, in
 * /tmp/perf-PID.map, each line `START SIZE NAME` with numbers in hexadecimal (Linux, tools/perf/Documentation/
 * jit-interface.txt). The file grows while the program runs.
 */
import { openNamed } from '../ground/foreign-files.js'
import { toPrintable } from '../ground/printable.js'
import type { CodeFrame } from '../wire/access.js'

interface NamedRange {
  start: bigint
  size: bigint
  name: string
}

/** Bytes of a map that are read; what is behind has no names. */
const mostBytes = 16 << 20

export class PerfMap {
  #size = -1
  #ranges: NamedRange[] = []

  constructor(private readonly pid: number) {}

  /** Undefined where no code of the program's own stands, as far as it has told. */
  async frameOf(address: bigint): Promise<CodeFrame | undefined> {
    const known = this.#find(address)
    if (known !== undefined || !(await this.#readAnew())) return known
    return this.#find(address)
  }

  /** Whoever is told of code anew in the same place counts, so the last line does. */
  #find(address: bigint): CodeFrame | undefined {
    const found = this.#ranges.findLast(({ start, size }) => start <= address && address < start + size)
    return found && toFrame(found.name)
  }

  /** False if nothing has come. */
  async #readAnew(): Promise<boolean> {
    const { text, size } = await readText(`/tmp/perf-${this.pid}.map`)
    if (size === this.#size) return false
    this.#size = size
    this.#ranges = text.split('\n').flatMap((line) => {
      const [, start, size, name = ''] = /^(?:0x)?([0-9a-f]+) (?:0x)?([0-9a-f]+) (.+)$/i.exec(line) ?? []
      return start ? [{ start: BigInt(`0x${start}`), size: BigInt(`0x${size}`), name: toPrintable(name, 256) }] : []
    })
    return true
  }
}

/** What carries out programs' code without being any: V8's handlers and built-ins, the JVM's interpreter and stubs. */
const ofRuntime =
  /^(BytecodeHandler|Builtin|Stub|RegExp|Handler|Wasm):|^(Interpreter|call_stub|StubRoutines.*|.* stub)$/
/** V8: kind of code, tier, function, place of its first line and column. */
const ofScript = /^(?:JS|Script|LazyCompile|Function|Eval|Module):[~^*+']*(\S*) (.+?):(\d+):\d+$/

/** JVM: type of what it returns, class and method, types of what it takes; no file and no line. */
const ofClass = /^\S+ ([^\s()]+\([^()]*\))$/

/** The line is that of the function's begin: a map has no other. */
function toFrame(name: string): CodeFrame | undefined {
  if (ofRuntime.test(name)) return undefined
  const [, own, path = '', line] = ofScript.exec(name) ?? []
  if (own === undefined) return { function: ofClass.exec(name)?.[1] ?? name }
  return { function: own || '(top level)', file: path.replace(/^.*\//, ''), line: Number(line) }
}

async function readText(path: string): Promise<{ text: string; size: number }> {
  try {
    await using file = await openNamed(path)
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, mostBytes))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return { text: bytes.toString('utf8', 0, bytesRead), size }
  } catch {
    return { text: '', size: -1 }
  }
}
