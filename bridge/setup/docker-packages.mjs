/** A Docker engine for the tests in containers, where the machine has none; Debian's is as good as any. */
import { runQuietly } from './run-command.mjs'
import { install } from './system-packages.mjs'

/** Each package is installed if none of its commands works. */
const wanted = [
  { package: 'docker.io', commands: ['docker version', 'dockerd --version'] },
  { package: 'docker-compose', commands: ['docker-compose version', 'docker compose version'] },
  { package: 'debootstrap', commands: ['debootstrap --version'] },
]

/** Without it the tests are skipped, so a failure here is only told. @param {(what: string) => void} busy */
export async function installDocker(busy) {
  const missing = []
  for (const { package: name, commands } of wanted) if (!(await anyWorks(commands))) missing.push(name)
  await install(missing, busy).catch((error) => process.stderr.write(`trapline: docker: ${error.message}\n`))
}

async function anyWorks(commands) {
  for (const command of commands) {
    const [program, ...args] = command.split(' ')
    if ((await runQuietly(program, args)).status === 0) return true
  }
  return false
}
