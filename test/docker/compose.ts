/** What docker/compose.sh does for a test: the images and services of docker-compose.yml, and of files beside it. */
import { execa } from 'execa'
import { root } from '../support/places.js'

export type Service = 'bridge' | 'host'

/** `env` names engine and base images; `folder` is a checkout. */
export function compose(env: Record<string, string>, args: string[], folder = root) {
  return execa('docker/compose.sh', args, { cwd: folder, env, reject: false, all: true, stdin: 'ignore' })
}

/** What was built before comes from the engine's cache. */
export async function buildImage(service: Service, env: Record<string, string>): Promise<void> {
  const args = ['--profile', 'unix', 'build', service]
  const { exitCode, all } = await compose(env, args)
  if (exitCode !== 0) throw new Error(`docker/compose.sh ${args.join(' ')}: ${all}`)
}
