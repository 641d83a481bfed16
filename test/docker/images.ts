/** The images of docker-compose.yml, as its script builds them. */
import { execa } from 'execa'
import { root } from '../support/places.js'

export type Service = 'bridge' | 'host'

/** `env` names engine and base images. What was built before comes from the engine's cache. */
export async function buildImage(service: Service, env: Record<string, string>): Promise<void> {
  const args = ['--profile', 'unix', 'build', service]
  const { exitCode, all } = await execa('docker/compose.sh', args, { cwd: root, env, reject: false, all: true })
  if (exitCode !== 0) throw new Error(`docker/compose.sh ${args.join(' ')}: ${all}`)
}
