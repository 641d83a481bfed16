/** The CI files of the examples: their own commands, run on the regression of the examples. */
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readResults } from '../../bridge/regression/result.js'
import { makeCheckout } from '../support/checkout.js'
import { cache, root } from '../support/places.js'

const longestMs = 600_000
const folder = join(root, 'examples/ci')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

/** What a file has run, without what installs packages, which is another test's affair. */
interface Commands {
  shards: number
  /** In the words of a shell, with what the service says. */
  shard(index: number): { script: string[]; env: Record<string, string> }
  report: string[]
  all: string[]
}

interface GithubStep {
  run?: string
}

function fromGithub(): Commands {
  const { env, jobs } = parse(read('github-actions.yml'))
  const { shard } = jobs
  const runsOf = (steps: GithubStep[]) => steps.flatMap(({ run }) => run ?? [])
  const expand = (text: string, index: number) =>
    text.replaceAll('${{ matrix.shard }}', `${index}`).replaceAll('${{ github.run_number }}', '7')
  const all = [...runsOf(shard.steps), ...runsOf(jobs.report.steps)]
  return {
    all,
    shards: shard.strategy.matrix.shard.length,
    shard: (index) => ({
      script: runsOf(shard.steps)
        .filter(isOurs)
        .map((run) => expand(run, index)),
      env: {
        TRAPLINE_RESULTS: expand(shard.env.TRAPLINE_RESULTS, index),
        TRAPLINE_MASTER_SEED: expand(env.TRAPLINE_MASTER_SEED, index),
      },
    }),
    report: runsOf(jobs.report.steps).filter(isOurs),
  }
}

function fromGitlab(): Commands {
  const { shard, report } = parse(read('gitlab-ci.yml'))
  return {
    all: [...shard.before_script, ...shard.script, ...report.before_script, ...report.script],
    shards: shard.parallel,
    shard: (index) => ({
      script: shard.script,
      env: { CI_NODE_INDEX: `${index}`, CI_NODE_TOTAL: `${shard.parallel}`, TRAPLINE_MASTER_SEED: '7' },
    }),
    report: report.script,
  }
}

function fromJenkins(): Commands {
  const all = [...read('Jenkinsfile').matchAll(/\bsh '([^']*)'/g)].map(([, command = '']) => command)
  const shards = Number(/i <= (\d+)/.exec(read('Jenkinsfile'))?.[1])
  return {
    all,
    shards,
    shard: (index) => ({
      script: all.filter((command) => command.includes('vitest')),
      env: { SHARD: `${index}`, TRAPLINE_RESULTS: `results/${index}`, TRAPLINE_MASTER_SEED: '7' },
    }),
    report: all.filter((command) => command.includes('trapline report')),
  }
}

const isOurs = (command: string) => command.startsWith('npx ')

async function sh(cwd: string, script: string[], env: Record<string, string>) {
  const { exitCode, all } = await execa('sh', ['-ec', script.join('\n')], {
    ...{ cwd, all: true, reject: false, stdin: 'ignore', timeout: longestMs - 10_000 },
    env: { TRAPLINE_CACHE: cache, VITEST: '', NO_COLOR: '1', npm_config_update_notifier: 'false', ...env },
  })
  return { status: exitCode, output: String(all) }
}

const services: [string, () => Commands][] = [
  ['github-actions.yml', fromGithub],
  ['gitlab-ci.yml', fromGitlab],
  ['Jenkinsfile', fromJenkins],
]

it(
  'GitHub is told file and line of the expectation, from the root of the checkout',
  { timeout: longestMs },
  async () => {
    const checkout = makeCheckout()
    const github = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: checkout, TRAPLINE_RESULTS: 'results' }
    const { output } = await sh(join(checkout, 'examples/regression'), ['npx vitest run'], github)
    const lines = readFileSync(join(root, 'examples/regression/fifo.test.ts'), 'utf8').split('\n')
    const line = lines.findIndex((text) => text.includes('expect(run.stderr)')) + 1
    expect(output).toContain(
      `::error file=examples/regression/fifo.test.ts,line=${line},title=fifo.test.ts%3A the bad one`,
    )
  },
)

it('every file has its test', () => {
  const files = readdirSync(folder).filter((name) => name !== 'README.md')
  expect(services.map(([name]) => name).sort()).toEqual(files.sort())
})

describe.each(services)('%s', (name, commandsOf) => {
  it('its shards and its report, word for word, find the planted bug', { timeout: longestMs }, async () => {
    const cwd = join(makeCheckout(), 'examples/regression')
    cpSync(folder, cwd, { recursive: true })
    const { shards, shard, report } = commandsOf()
    const ended = []
    for (let index = 1; index <= shards; index++) {
      const { script, env } = shard(index)
      expect(script.join('\n')).toContain('vitest run')
      ended.push(await sh(cwd, script, env))
    }
    const output = ended.map((one) => one.output).join('\n')
    expect(ended.map(({ status }) => status).sort(), output).toEqual([...Array(shards - 1).fill(0), 1])
    const made = await sh(cwd, report, {})
    expect(made.status, made.output).toBe(1)
    expect(readFileSync(join(cwd, 'page.html'), 'utf8')).toContain('1 of 3 tests did not pass')
    expect(readFileSync(join(cwd, 'junit.xml'), 'utf8')).toMatch(/<testsuites tests="3" failures="1" errors="0"/)
    const results = readResults([join(cwd, 'results')])
    expect(new Set(results.map(({ result }) => /MASTER_SEED=(\d+)/.exec(result.repeat ?? '')?.[1]))).toEqual(
      new Set(['7']),
    )
    expect(existsSync(join(cwd, 'results/1'))).toBe(true)
  })

  it('installs what models, waveforms and lines take', async () => {
    const list = join(root, 'bridge/setup/list-packages.mjs')
    const { stdout } = await execa('node', [list, 'models', 'waveforms', 'lines'])
    const wanted = [...stdout.trim().split(/\s+/), 'gtkwave'].sort()
    const text = name === 'Jenkinsfile' ? read(name) : commandsOf().all.join('\n')
    const line = [...text.matchAll(/(?:apt-get install -y|The node has Node and) ([\w+. -]+)/g)][0]?.[1] ?? ''
    expect(line.trim().replace(/\.$/, '').split(' ').sort()).toEqual(wanted)
  })
})
