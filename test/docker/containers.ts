/** Containers of one engine that a test starts, enters and takes files from; they end with what uses them. */
import { join } from 'node:path'
import { execa } from 'execa'
import { root } from '../support/places.js'
import type { Engine } from './engine.js'

export interface Ended {
  status: number
  /** Stdout and stderr together. */
  output: string
}

export interface Container extends AsyncDisposable {
  /** Runs a script of sh in it, in `folder`. */
  run(folder: string, script: string, env?: Record<string, string>): Promise<Ended>
  copyIn(path: string, place: string): Promise<void>
  copyOut(place: string, path: string): Promise<void>
}

/** `docker` with these arguments. */
export async function docker({ env }: Engine, args: string[]): Promise<Ended> {
  const { exitCode, all } = await execa('docker', args, { env, reject: false, all: true, stdin: 'ignore' })
  return { status: exitCode ?? -1, output: String(all) }
}

/** A container of `image` that does nothing by itself. */
export async function startContainer(engine: Engine, image: string, flags: string[] = []): Promise<Container> {
  const orThrow = async (args: string[]) => {
    const { status, output } = await docker(engine, args)
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${output}`)
    return output.trim()
  }
  const id = await orThrow(['run', '--detach', '--init', ...flags, image, 'sleep', 'infinity'])
  return {
    run: (folder, script, env = {}) =>
      docker(engine, ['exec', '--workdir', folder, ...toFlags(env), id, 'sh', '-ec', script]),
    copyIn: async (path, place) => void (await orThrow(['cp', path, `${id}:${place}`])),
    copyOut: async (place, path) => void (await orThrow(['cp', `${id}:${place}`, path])),
    [Symbol.asyncDispose]: async () => void (await docker(engine, ['rm', '--force', '--volumes', id])),
  }
}

/** One that gets packages from where the images do: what these variables say, else what the image says. */
export async function startMachine(engine: Engine, image: string, flags: string[] = []): Promise<Container> {
  const { NPM_REGISTRY = '', DEBIAN_MIRROR = '' } = process.env
  const env = { npm_config_update_notifier: 'false', NO_COLOR: '1', DEBIAN_FRONTEND: 'noninteractive' }
  const places = { ...(NPM_REGISTRY && { npm_config_registry: NPM_REGISTRY }), ...(DEBIAN_MIRROR && { DEBIAN_MIRROR }) }
  const machine = await startContainer(engine, image, [...toFlags({ ...env, ...places }), ...flags])
  if (DEBIAN_MIRROR) {
    await machine.copyIn(join(root, 'docker/install-packages.sh'), '/tmp/install-packages')
    await machine.run('/', 'sh /tmp/install-packages')
  }
  return machine
}

function toFlags(env: Record<string, string>): string[] {
  return Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
}
