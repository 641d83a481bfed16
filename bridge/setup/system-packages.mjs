/** The Debian packages that Trapline needs, and how they come onto the machine. */
import { packages, packagesFor } from './list-packages.mjs'
import { runOrThrow, runQuietly } from './run-command.mjs'

/** What Trapline is built with and needs at work, and what its tests need besides. */
const uses = ['models', 'waveforms', 'lines', 'agent', 'programs']
const usesOfTests = [...uses, 'tests']

const noQuestions = { DEBIAN_FRONTEND: 'noninteractive' }

/**
 * @param {(what: string) => void} busy
 * @param {string} goal
 */
export async function installSystemPackages(busy, goal) {
  const names = packagesFor(['demo', 'bench', 'pack', 'deb'].includes(goal) ? uses : usesOfTests)
  await install(await findMissing(names), busy)
}

/** @param {string[]} missing packages, none of which is installed */
export async function install(missing, busy) {
  if (missing.length === 0) return
  if ((await runQuietly('apt-get', ['--version'])).status === 127) throw new Error(notDebian(missing))
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

/** @param {string[]} names */
function notDebian(names) {
  const table = names.map((name) => `  ${name.padEnd(18)} ${packages[name].for}`)
  return `this is not Debian or Ubuntu, so run it in the container of docker-compose.yml; it needs\n${table.join('\n')}`
}

/** @param {string[]} names */
async function findMissing(names) {
  const { status, stdout } = await runQuietly('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names])
  if (status === 127) {
    throw new Error(notDebian(names))
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
