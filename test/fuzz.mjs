/**
 * `npm run fuzz -- [--seconds N] [--seed N]`: every fuzzer for that long, one after the other. Each says itself how a
 * case that fails is repeated. Exit status 0 if nothing was found.
 */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '1' } },
})
const limits = ['--seconds', values.seconds, '--seed', values.seed]
const environment = {
  ...process.env,
  FUZZ_SECONDS: values.seconds,
  FUZZ_SEED: values.seed,
  FUZZ_AGENT: join(root, 'build/test/asan/libtrapline.so'),
}
/** The agent really brought into a program (test/trap/fuzz/apart.h). */
const runApart = [process.execPath, 'build/bridge/main.js', 'run', '--config', 'test/trap/fuzz/apart.config.json', '--']
const apart = ['--apart', [...runApart, 'build/test/fuzz-apart'].join(' ')]
const vitest = join('node_modules', 'vitest', 'vitest.mjs')

const steps = [
  ['make', '--silent', '-C', 'test/trap/fuzz'],
  ...[[], ['--code', '32'], ['--patched'], apart, [...apart, '--code', '32']].map((way) => [
    'build/test/fuzz',
    ...way,
    '--jobs',
    String(availableParallelism()),
    ...limits,
  ]),
  ['make', '--silent', '-C', 'test/trap/parsers'],
  ['build/test/fuzz-agent', ...limits, '--least', '100000'],
  ['build/test/fuzz-mailboxes', ...limits],
  ['make', '--silent', '-C', 'test/trap/parsers', 'asan'],
  [
    process.execPath,
    vitest,
    'run',
    '--no-file-parallelism',
    'bridge/parsers',
    'hdl/parsers',
    'random-managers',
    'fuzzed-',
  ],
]

const failed = steps.filter(([program, ...args]) => {
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env: environment })
  return status !== 0
})
for (const step of failed) process.stderr.write(`fuzz: failed: ${step.join(' ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
