/** The Debian packages that Trapline needs, and how they come onto the machine. */
import { runOrThrow, runQuietly } from './run-command.mjs'

/** @type {Record<string, string>} what each is for, by package */
const packages = {
  verilator: 'turns RTL into C++',
  'g++': 'compiles models and agent',
  make: 'builds models and agent',
  binutils: 'names functions and source lines in logs (addr2line)',
  'libzydis-dev': 'decodes instructions in the agent',
  'libnghttp2-dev': 'HTTP/2 of the agent',
  'libnanopb-dev': 'protobuf of agent and model',
  nanopb: 'generates code from proto/',
  'protobuf-compiler': 'generates code from proto/',
  'zlib1g-dev': 'waveforms',
  busybox: 'its devmem is a host of demo and tests',
  memtool: 'a host of demo and tests',
}

/** Only the tests need these. */
const testPackages = {
  python3: 'a host of the tests',
  'python3-pytest': 'runs the regression of the examples',
  gdb: 'a host of the tests',
  memtester: 'a host of the tests',
  gtkwave: 'reads waveforms (fst2vcd)',
  iproute2: 'takes the network away from a bridge',
  git: 'says which files the project has',
  'libxml2-utils': 'validates JUnit files (xmllint)',
  openssl: 'makes certificates',
  chromium: 'opens the page of a regression',
  strace: 'counts system calls',
  bubblewrap: 'keeps models in a sandbox (--sandbox)',
  slurmctld: 'runs a regression as a job array',
  slurmd: 'the node that does',
  'slurm-client': 'sbatch and sinfo',
}

const noQuestions = { DEBIAN_FRONTEND: 'noninteractive' }

/**
 * @param {(what: string) => void} busy
 * @param {string} goal
 */
export async function installSystemPackages(busy, goal) {
  await install(
    await findMissing(goal === 'demo' || goal === 'bench' ? packages : { ...packages, ...testPackages }),
    busy,
  )
}

/** @param {string[]} missing packages, none of which is installed */
export async function install(missing, busy) {
  if (missing.length === 0) return
  const asRoot = await findWayToRoot()
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`
  if (!asRoot) {
    throw new Error(
      `these packages are missing: ${missing.join(', ')}; install them, then start again:\n  sudo sh -c '${command}'`,
    )
  }
  busy(`installing ${missing.join(' ')}`)
  const [program, ...args] = [
    ...asRoot,
    'sh',
    '-c',
    command.replaceAll('apt-get ', 'apt-get -o DPkg::Lock::Timeout=120 -q '),
  ]
  await runOrThrow(program, args, 'see what apt says below, then start again', {
    env: { ...process.env, ...noQuestions },
  })
}

/** @param {Record<string, string>} wanted */
async function findMissing(wanted) {
  const names = Object.keys(wanted)
  const { status, stdout } = await runQuietly('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names])
  if (status === 127) {
    const table = Object.entries(wanted).map(([name, purpose]) => `  ${name.padEnd(18)} ${purpose}`)
    throw new Error(
      `this is not Debian or Ubuntu, so run it in the container of docker-compose.yml; it needs\n${table.join('\n')}`,
    )
  }
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')))
  return names.filter((name) => !installed.has(`${name} installed`))
}

/** The words before a command that make it run as root; undefined if nothing does without a question. */
async function findWayToRoot() {
  if (process.getuid() === 0) return ['env']
  const { status } = await runQuietly('sudo', ['-n', 'true'])
  return status === 0
    ? ['sudo', '-n', 'env', ...Object.entries(noQuestions).map(([key, value]) => `${key}=${value}`)]
    : undefined
}
