/** What the simulators' compilers say when they refuse RTL, in one sentence. Pure. */
import { simulators, type SimulatorName } from './simulators.js'

interface Refused {
  simulator: SimulatorName
  top: string
}

/** The first that looks like an error of a compiler, with its place. */
const patterns = [
  // Verilator
  /^%Error(?:-\w+)?: (?<file>[^:\n]+):(?<line>\d+):(?:\d+:)? (?<words>.+)$/m,
  // Icarus Verilog, and g++
  /^(?<file>[^:\s][^:\n]*):(?<line>\d+):(?:\d+:)? (?:error|syntax error|sorry|fatal error)(?:: (?<words>.+))?$/m,
  /^(?<file>[^:\s][^:\n]*):(?<line>\d+): (?<words>Include file .+ not found)$/m,
  // GHDL
  /^(?<file>[^:\s][^:\n]*\.vhdl?):(?<line>\d+):\d+:(?:error: )?(?!note|warning)(?<words>.+)$/m,
  // Questa, VCS, Xcelium and others
  /^\*\* Error[^:]*: (?:\([^)]*\) )?(?<file>[^(\n]+)\((?<line>\d+)\): (?<words>.+)$/m,
]

const withoutPlace = [
  // GHDL, which begins with its own path
  /^(?:\S*\/)?ghdl[\w.-]*: ?(?:error: ?)?(?<words>.+)$/m,
  /^(?:%?Error|\*\* (?:Error|Fatal)|error|E)[^:]*: (?<words>.+)$/im,
  /^(?<words>.+Error: .+)$/m,
]

export function toBuildSentence({ simulator, top }: Refused, output: string): string {
  const { title } = simulators[simulator]
  for (const pattern of patterns) {
    const { file = '', line = '', words = 'syntax error' } = pattern.exec(output)?.groups ?? {}
    if (file) return `${title} refuses ${top} at ${file}:${line}: ${words.trim()}`
  }
  for (const pattern of withoutPlace) {
    const { words } = pattern.exec(output)?.groups ?? {}
    if (words !== undefined) return `${title} refuses ${top}: ${words.trim()}`
  }
  return `${title} could not compile ${top}`
}
