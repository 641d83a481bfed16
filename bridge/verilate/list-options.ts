/**
 * Options that stand in file lists and Verilator's arguments: which take a word after them, and which are not for us.
 */

/** Verilator's options that take the word that follows. */
const withArgument = new Set(
  (
    'build-dep-bin build-jobs clk no-clk compiler converge-limit coverage-max-width debugi default-language ' +
    'dumpi-dfg dumpi-graph dumpi-tree error-limit expand-limit gate-stmts if-depth inline-mult instr-count-dpi ' +
    'l2-name language make max-num-width mod-prefix output-groups output-split output-split-cfuncs ' +
    'output-split-ctrace pins-bv pipe-filter protect-key threads threads-dpi threads-max-mtasks timescale ' +
    'timescale-override trace-depth trace-max-array trace-max-width trace-threads unroll-count unroll-stmts ' +
    'unused-regexp waiver-output x-assign x-initial CFLAGS LDFLAGS MAKEFLAGS'
  ).split(' '),
)

/**
 * Options that say what another caller wants of Verilator or of another simulator; true for those with a word after
 * them. What is built here, and how, is not up to a list of files.
 */
const forOthers = new Map<string, boolean>([
  ...['cc', 'sc', 'exe', 'main', 'build', 'binary', 'lint-only', 'E', 'trace', 'trace-fst', 'trace-vcd', 'trace-saif']
    .concat([
      'coverage',
      'xml-only',
      'json-only',
      'dpi-hdr-only',
      'preprocess-only',
      'none',
      'sv',
      'sverilog',
      'full64',
      'v2k',
      '64bit',
      '64',
      'quiet',
      'timing',
      'no-timing',
    ])
    .map((name) => [name, false] as const),
  ...['top-module', 'top', 'prefix', 'Mdir', 'o', 'j', 'work', 'L', 'MAKEFLAGS'].map((name) => [name, true] as const),
])

function nameOf(word: string): string {
  return word.replace(/^(--?|\+)/, '')
}

/** How many words after an option belong to it. */
export function wordsAfter(option: string): number {
  return withArgument.has(nameOf(option)) || forOthers.get(nameOf(option)) ? 1 : 0
}

export function isForOthers(option: string): boolean {
  return forOthers.has(nameOf(option))
}
