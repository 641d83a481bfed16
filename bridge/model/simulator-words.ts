/**
 * What simulators and Python print when a simulation ends itself: where a `$finish` stands, which exception nobody
 * caught. Looks at each line once and keeps the first of each.
 */

/** The RTL has ended the simulation, at a place in its sources. */
export interface RtlEnd {
  /** As in Fault. */
  kind: 'finish' | 'stop' | 'fatal' | 'assertion'
  file: string
  line: number
  message: string
}

/** Of a coroutine or a module, as Python prints it at the end of a traceback. */
export interface PythonFault {
  /** `KeyError: 'a'` */
  words: string
  file: string
  line: number
}

interface Pattern {
  pattern: RegExp
  kind: RtlEnd['kind']
}

/** By simulator; in no line of one is another's. */
const patterns: Pattern[] = [
  // Icarus Verilog; 11 and older tell no place, and nothing at all of a $finish
  { pattern: /^(?<file>.+?):(?<line>\d+): \$finish called at /, kind: 'finish' },
  { pattern: /^(?<file>.+?):(?<line>\d+): \$stop called at /, kind: 'stop' },
  { pattern: /^\*\* VVP Stop\(\d\) \*\*$/, kind: 'stop' },
  { pattern: /^FATAL: (?<file>.+?):(?<line>\d+): ?(?<message>.*)$/, kind: 'fatal' },
  // Verilator
  { pattern: /^- (?<file>.+?):(?<line>\d+): Verilog \$finish/, kind: 'finish' },
  { pattern: /^%Error: (?<file>.+?):(?<line>\d+): Verilog \$stop/, kind: 'stop' },
  { pattern: /^\[\d+\] %Fatal: (?<file>.+?):(?<line>\d+): (?<message>.*)$/, kind: 'fatal' },
  // GHDL
  { pattern: /^(?<file>.+?):(?<line>\d+):\d+:@\w+:\(.*failure\): (?<message>.*)$/, kind: 'assertion' },
  // Questa
  { pattern: /^# \*\* Note: \$finish *: (?<file>.+?)\((?<line>\d+)\)/, kind: 'finish' },
  { pattern: /^# \*\* Note: \$stop *: (?<file>.+?)\((?<line>\d+)\)/, kind: 'stop' },
  // VCS
  { pattern: /^\$finish called from file "(?<file>[^"]+)", line (?<line>\d+)\./, kind: 'finish' },
  // Xcelium: the place is after the time and the hierarchy
  { pattern: /^Simulation complete via \$finish\(\d\) .*$/, kind: 'finish' },
]

const traceback = /^(?<indent>\s*)Traceback \(most recent call last\)/
/** Whose author is not to be blamed: Python's own modules, installed packages, and ours beside a checkout. */
const ofPackage = /^<|\/(?:site|dist)-packages\/|\/lib(?:64)?\/python[\d.]+\/|\/cocotb\/src\/trapline\//
const place = /^\s*File "(?<file>[^"]+)", line (?<line>\d+)/
/** An exception of whatever name, with its module before it; as far to the right as its traceback. */
const fault = /^(?<indent>\s*)(?<words>[A-Za-z_][\w.]*(?:: .*)?)$/

export class SimulatorWords {
  rtlEnd: RtlEnd | undefined
  pythonFault: PythonFault | undefined
  /** The last place of a traceback that is being printed. */
  #place: { file: string; line: number } | undefined
  /** The last one of it that lies in no package. */
  #own: { file: string; line: number } | undefined
  #indent = ''

  take(line: string): void {
    this.#takePython(line)
    if (this.rtlEnd) return
    for (const { pattern, kind } of patterns) {
      const match = pattern.exec(line)
      if (!match) continue
      const { groups = {} } = match
      this.rtlEnd = { kind, file: groups.file ?? '', line: Number(groups.line ?? 0), message: groups.message ?? '' }
      return
    }
  }

  #takePython(line: string): void {
    const begin = traceback.exec(line)?.groups
    if (begin) {
      this.#place = this.#own = undefined
      this.#indent = begin.indent ?? ''
    }
    const at = place.exec(line)?.groups
    if (at) {
      const { file = '' } = at
      this.#place = { file, line: Number(at.line) }
      if (!ofPackage.test(file)) this.#own = this.#place
      return
    }
    const { indent, words } = fault.exec(line)?.groups ?? {}
    if (words === undefined || !this.#place || indent !== this.#indent) return
    // The last one is what nobody caught: those before it are its causes.
    this.pythonFault = { words, ...(this.#own ?? this.#place) }
    this.#place = this.#own = undefined
  }
}
