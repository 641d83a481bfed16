/** A Docker engine for the tests in containers, where the machine has none; Debian's is as good as any. */
import { packagesFor } from './list-packages.mjs'
import { runQuietly } from './run-command.mjs'
import { install } from './system-packages.mjs'

/** Each package is installed if none of these works; by default a command of its name. */
const commandsOf = {
  'docker.io': ['docker version', 'dockerd --version'],
  'docker-compose': ['docker-compose version', 'docker compose version'],
}

/** Without it the tests are skipped, so a failure here is only told. @param {(what: string) => void} busy */
export async function installDocker(busy) {
  const missing = []
  for (const name of packagesFor(['containers']))
    if (!(await anyWorks(commandsOf[name] ?? [`${name} --version`]))) missing.push(name)
  await install(missing, busy).catch((error) => process.stderr.write(`trapline: docker: ${error.message}\n`))
}

async function anyWorks(commands) {
  for (const command of commands) {
    const [program, ...args] = command.split(' ')
    if ((await runQuietly(program, args)).status === 0) return true
  }
  return false
}
