/**
 * Models in blocks (Verilator's `--hierarchical`): each module that RTL or a configuration file marks with `hier_block`
 * is verilated by itself, by a makefile that Verilator writes and runs. Only the build does so: what a model offers is
 * the same.
 */
import { resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { harnessTop } from './harness.js'

type OwnArguments = Pick<ModelConfig, 'verilatorArgs'>

const choice = /^--?(no-)?hierarchical$/

export function isHierarchical({ verilatorArgs }: OwnArguments): boolean {
  const last = verilatorArgs.findLast((argument) => choice.test(argument))
  return last !== undefined && !last.includes('no-')
}

/** For a Verilator that only looks at the RTL. */
export function argumentsForWhole({ verilatorArgs }: OwnArguments): string[] {
  return verilatorArgs.filter((argument) => !choice.test(argument))
}

const leaveOut = 'leave out --hierarchical'

/** Verilator writes names into its makefile as they are. */
export function checkNamesForBlocks(config: ModelConfig, configDir: string): void {
  if (!isHierarchical(config)) return
  for (const path of [configDir, ...config.sources.map((source) => resolve(configDir, source))]) {
    const [character] = /[\s:#$%"'\\;|&<>()*?]/.exec(path) ?? []
    if (character)
      throw new TraplineError(
        'build',
        `the makefile for the blocks of ${config.top} can't handle the ${JSON.stringify(character)} in ${path}; ` +
          `${leaveOut}, or move it`,
      )
  }
}

/** What Verilator can't do in blocks, and could otherwise. */
export function toBlockSentence({ top }: Pick<ModelConfig, 'top'>, output: string): string | undefined {
  if (/--lib-create with --timing and delays/.test(output))
    return (
      `a block of ${top} has delays that drive something, which Verilator can't do in blocks; ${leaveOut}, ` +
      `or ignore delays by --no-timing`
    )
  if (fromBackdoor.test(output))
    return (
      `a memory of the key "backdoor" lies in a block of ${top}, where it can't be reached; ${leaveOut}, ` +
      `or mark another module`
    )
  return undefined
}

const fromBackdoor = new RegExp(
  `^%Error: .*\\b${harnessTop}\\.sv:\\d+:\\d+: Cannot access .*inside hierarchical block`,
  'm',
)
