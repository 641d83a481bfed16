/** The CI files of the examples: what each has run, taken out of them by what reads such files. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { root } from './places.js'

export const ciFolder = join(root, 'examples/ci')
export const readCi = (name: string) => readFileSync(join(ciFolder, name), 'utf8')

/** What one machine of the service is told, in the words of a shell, with what the service tells it. */
export interface CiJob {
  script: string[]
  env: Record<string, string>
}

export interface CiPipeline {
  shards: CiJob[]
  report: CiJob
  /** Files that the service takes from the report. */
  artefacts: string[]
}

/** The number of the run, and with it the master seed. */
export const ciRun = '7'

interface GithubStep {
  run?: string
  uses?: string
  with?: { path: string }
}

/** `place` is the checkout. */
function fromGithub(place: string): CiPipeline {
  const { env, jobs } = parse(readCi('github-actions.yml'))
  const toJob = (one: { steps: GithubStep[]; env?: Record<string, string> }, shard = 0): CiJob => {
    const expand = (text: string) =>
      text
        .replaceAll('${{ matrix.shard }}', `${shard}`)
        .replaceAll('${{ github.run_number }}', ciRun)
        .replaceAll('${{ github.workspace }}', place)
    const variables = Object.entries<string>({ ...env, ...one.env }).map(([name, value]) => [name, expand(value)])
    return { script: one.steps.flatMap(({ run }) => (run ? expand(run) : [])), env: Object.fromEntries(variables) }
  }
  const numbers: number[] = jobs.shard.strategy.matrix.shard
  const steps: GithubStep[] = jobs.report.steps
  const uploaded = steps.flatMap(({ uses, with: set }) => (uses?.includes('upload') ? (set?.path ?? '') : []))
  return {
    shards: numbers.map((shard) => toJob(jobs.shard, shard)),
    report: toJob(jobs.report),
    artefacts: uploaded.join('\n').trim().split('\n'),
  }
}

function fromGitlab(place: string): CiPipeline {
  const { variables, shard, report } = parse(readCi('gitlab-ci.yml'))
  const predefined = { CI_PROJECT_DIR: place, CI_PIPELINE_IID: ciRun }
  const expand = (text: string) => text.replace('$CI_PROJECT_DIR', place).replace('$CI_PIPELINE_IID', ciRun)
  const toJob = (one: { before_script: string[]; script: string[] }, own: Record<string, string> = {}): CiJob => {
    const named = Object.entries<string>(variables).map(([name, value]) => [name, expand(value)])
    const env = { ...predefined, ...Object.fromEntries(named), ...own }
    return { script: [...one.before_script, ...one.script], env }
  }
  const shards = Array.from({ length: shard.parallel }, (_none, index) =>
    toJob(shard, { CI_NODE_INDEX: `${index + 1}`, CI_NODE_TOTAL: `${shard.parallel}` }),
  )
  return { shards, report: toJob(report), artefacts: report.artifacts.paths }
}

interface JenkinsStep {
  stage: string
  env: Record<string, string>
  command?: string
  artefacts?: string[]
}

/** What groovy finds in it; one machine does all. */
function fromJenkins(place: string): CiPipeline {
  const files = [join(import.meta.dirname, 'jenkins.groovy'), join(ciFolder, 'Jenkinsfile')]
  const env = { ...process.env, WORKSPACE: place, BUILD_NUMBER: ciRun }
  const lines = execFileSync('groovy', files, { encoding: 'utf8', env }).trim().split('\n')
  const steps = lines.map((line) => JSON.parse(line) as JenkinsStep)
  const scriptOf = (stage: string) => steps.flatMap((step) => (step.stage === stage ? (step.command ?? []) : []))
  const shards = steps.filter(({ stage }) => stage === 'regression')
  return {
    shards: shards.map(({ command = '', env }, index) => ({
      script: [...(index === 0 ? scriptOf('install') : []), command],
      env,
    })),
    report: { script: scriptOf('post'), env: steps[0]?.env ?? {} },
    artefacts: steps.flatMap(({ artefacts = [] }) => artefacts),
  }
}

const hasGroovy = spawnSync('groovy', ['--version']).status === 0

export interface CiService {
  file: string
  /** For the names of tests: the file, and what its reader lacks. */
  title: string
  without: string
  read(place: string): CiPipeline
}

export const ciServices: CiService[] = [
  { file: 'github-actions.yml', without: '', read: fromGithub },
  { file: 'gitlab-ci.yml', without: '', read: fromGitlab },
  { file: 'Jenkinsfile', without: hasGroovy ? '' : ' (needs groovy)', read: fromJenkins },
].map((service) => ({ ...service, title: `${service.file}${service.without}` }))

/** Debian packages that a file has installed, or says that its machine has. */
export function packagesIn({ file, without, read }: CiService): string[] {
  const text = file === 'Jenkinsfile' || without ? readCi(file) : (read('.').shards[0]?.script.join('\n') ?? '')
  const [, names = ''] = /(?:apt-get install -y|The node has Node and) ([\w+. -]+)/.exec(text) ?? []
  return names.trim().replace(/\.$/, '').split(' ')
}
