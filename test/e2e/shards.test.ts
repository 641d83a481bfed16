/** A regression in shards, as a Slurm job array on a real node, comes to the same as in one piece. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { makeCheckout } from '../support/checkout.js'
import { cache, commandLine } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { canRunSlurm, startSlurm } from '../support/slurm.js'

const longestMs = 400_000
const variables = { TRAPLINE_CACHE: cache, TRAPLINE_MASTER_SEED: '11', VITEST: '', npm_config_update_notifier: 'false' }

/** The example with 40 tests in eight files, one of which fails. */
function makeRegression(): string {
  const folder = join(makeCheckout(), 'examples/regression')
  rmSync(join(folder, 'fifo.test.ts'))
  for (let file = 1; file <= 8; file++)
    writeFileSync(
      join(folder, `fifo-${file}.test.ts`),
      `import { expect, test } from 'trapline/vitest'
const models = { fifo: ${file === 5 ? "'fifo_bad'" : "'fifo'"} }
test.override('setup', { models })
test.for([1, 2, 3, 4, 5])('keeps %i words in order', async (count, { bench }) => {
  for (let i = 0; i < count + 11; i++) await bench.write('fifo0', 0, i)
  expect(await bench.read('fifo0', 0)).toBe(0n)
})
`,
    )
  return folder
}

/** The JUnit of results, but for how long it all took and where the folders of evidence lie. */
async function junitOf(folder: string, results: string): Promise<string> {
  const file = join(folder, `${results}.xml`)
  await execa('node', [commandLine, 'report', '-o', join(folder, `${results}.html`), '--junit', file, results], {
    cwd: folder,
  })
  const text = readFileSync(file, 'utf8').replace(/ (time|timestamp)="[^"]*"/g, '')
  return text.replace(/^(evidence|waves): .*\/(?=fifo-)/gm, '$1: ')
}

it.skipIf(!canRunSlurm)(
  'four tasks of a Slurm array, 40 tests, the same report (needs root, slurmd and cgroups)',
  { timeout: longestMs },
  async () => {
    const folder = makeRegression()
    const whole = await execa('npx', ['vitest', 'run'], {
      ...{ cwd: folder, reject: false, stdin: 'ignore' },
      env: { ...variables, TRAPLINE_RESULTS: 'whole' },
    })
    expect(whole.exitCode, whole.stderr).toBe(1)
    const cluster = join(makeScratch().path, 'slurm')
    mkdirSync(cluster)
    const env = { ...variables, ...(await startSlurm(cluster, 4)) }
    const array = await execa('sbatch', ['--wait', 'slurm.sbatch'], { cwd: folder, env, reject: false })
    expect(array.exitCode, array.stderr).toBe(1)
    const [one, sharded] = [await junitOf(folder, 'whole'), await junitOf(folder, 'shards')]
    expect(one).toMatch(/<testsuites tests="40" failures="1" errors="0"/)
    expect(sharded).toBe(one)
  },
)
