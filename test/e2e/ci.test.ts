/** The CI files of the examples: their own commands, run on the regression of the examples. */
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { readResults } from '../../bridge/regression/result.js'
import { makeCheckout } from '../support/checkout.js'
import { ciFolder, ciRun, ciServices, packagesIn, type CiJob } from '../support/ci-services.js'
import { cache, root } from '../support/places.js'

const longestMs = 600_000

/** Not what installs packages, which is another test's affair. GitLab names the results in the shell. */
const isOurs = (command: string) => /^(npx|export) /.test(command)

/** With the cache of the tests. */
async function sh(cwd: string, { script, env }: CiJob) {
  const { exitCode, all } = await execa('sh', ['-ec', script.join('\n')], {
    ...{ cwd, all: true, reject: false, stdin: 'ignore', timeout: longestMs - 10_000 },
    env: { VITEST: '', NO_COLOR: '1', npm_config_update_notifier: 'false', ...env, TRAPLINE_CACHE: cache },
  })
  return { status: exitCode, output: String(all) }
}

it(
  'GitHub is told file and line of the expectation, from the root of the checkout',
  { timeout: longestMs },
  async () => {
    const checkout = makeCheckout()
    const github = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: checkout, TRAPLINE_RESULTS: 'results' }
    const { output } = await sh(join(checkout, 'examples/regression'), { script: ['npx vitest run'], env: github })
    const lines = readFileSync(join(root, 'examples/regression/fifo.test.ts'), 'utf8').split('\n')
    const line = lines.findIndex((text) => text.includes('expect(run.stderr)')) + 1
    expect(output).toContain(
      `::error file=examples/regression/fifo.test.ts,line=${line},title=fifo.test.ts%3A the bad one`,
    )
  },
)

it('every file has its test', () => {
  const files = readdirSync(ciFolder).filter((name) => name !== 'README.md')
  expect(ciServices.map(({ file }) => file).sort()).toEqual(files.sort())
})

describe.each(ciServices)('$title', (service) => {
  const { without, read } = service
  const title = 'its shards and its report, word for word, find the planted bug'
  it.skipIf(without !== '')(title, { timeout: longestMs }, async () => {
    const cwd = join(makeCheckout(), 'examples/regression')
    cpSync(ciFolder, cwd, { recursive: true })
    const { shards, report, artefacts } = read(cwd)
    const ours = ({ script, env }: CiJob) => ({ script: script.filter(isOurs), env })
    const ended = []
    for (const shard of shards.map(ours)) {
      expect(shard.script.join('\n')).toContain('vitest run')
      ended.push(await sh(cwd, shard))
    }
    const output = ended.map((one) => one.output).join('\n')
    expect(ended.map(({ status }) => status).sort(), output).toEqual([...Array(shards.length - 1).fill(0), 1])
    const made = await sh(cwd, ours(report))
    expect(made.status, made.output).toBe(1)
    expect(readFileSync(join(cwd, 'page.html'), 'utf8')).toContain('1 of 3 tests did not pass')
    expect(readFileSync(join(cwd, 'junit.xml'), 'utf8')).toMatch(/<testsuites tests="3" failures="1" errors="0"/)
    const results = readResults([join(cwd, 'results')])
    const seeds = results.map(({ result }) => /MASTER_SEED=(\d+)/.exec(result.repeat ?? '')?.[1])
    expect(new Set(seeds)).toEqual(new Set([ciRun]))
    expect(existsSync(join(cwd, 'results/1'))).toBe(true)
    const handedOver = artefacts.map((path) => join(cwd, path.replace(/\/\*\*$/, '')))
    expect(handedOver.filter((path) => !existsSync(path))).toEqual([])
  })

  it('installs what models, waveforms and lines take', async () => {
    const list = join(root, 'bridge/setup/list-packages.mjs')
    const { stdout } = await execa('node', [list, 'models', 'waveforms', 'lines'])
    expect(packagesIn(service).sort()).toEqual([...stdout.trim().split(/\s+/), 'gtkwave'].sort())
  })
})
