/**
 * A Docker engine to test with: the one that answers, else one of our own that ends with the tests. Its images are kept
 * in `build/docker`, so that the next tests start at once. As every dockerd it leaves the interface docker0 and its
 * firewall rules.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { root } from '../support/places.js'

export interface Engine extends AsyncDisposable {
  /** What finds it, for every command. */
  env: Record<string, string>
}

/** Why there is none. */
export interface NoEngine {
  reason: string
}

export async function findEngine(): Promise<Engine | NoEngine> {
  if (!(await succeeds('docker', ['--version']))) return { reason: 'docker is not installed' }
  if (!(await succeeds('docker-compose', ['version'])) && !(await succeeds('docker', ['compose', 'version'])))
    return { reason: 'docker-compose is not installed' }
  if (await succeeds('docker', ['version'])) return { env: {}, [Symbol.asyncDispose]: async () => undefined }
  if (process.getuid?.() !== 0) return { reason: 'no engine answers, and only root can start one' }
  if (!(await succeeds('dockerd', ['--version']))) return { reason: 'no engine answers, and dockerd is not installed' }
  return startEngine()
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  return !(await execa(command, args, { reject: false, timeout: 20_000 })).failed
}

async function startEngine(): Promise<Engine | NoEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-docker-'))
  const data = join(root, 'build/docker')
  mkdirSync(data, { recursive: true })
  const socket = `unix://${join(folder, 'docker.sock')}`
  const places = ['--data-root', data, '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'pid')]
  const daemon = spawn('dockerd', [...places, '--host', socket], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((resolve) => daemon.once('close', () => resolve()))
  const clear = () => rmSync(folder, { recursive: true, force: true })
  const problem = await untilReady(daemon)
  if (problem !== undefined) {
    clear()
    return { reason: `no engine answers, and dockerd can't run here: ${problem}` }
  }
  const stop = async () => {
    daemon.kill('SIGTERM')
    await ended
    clear()
  }
  return { env: { DOCKER_HOST: socket }, [Symbol.asyncDispose]: stop }
}

/** Its last words if it ends before it listens. */
function untilReady(daemon: ChildProcess): Promise<string | undefined> {
  let last = ''
  return new Promise((resolve) => {
    daemon.once('close', () => resolve(last))
    daemon.stderr?.on('data', (chunk) => {
      last = String(chunk).trim().split('\n').at(-1) ?? last
      if (String(chunk).includes('API listen on')) resolve(undefined)
    })
  })
}

/** Build arguments that name the base images: those of the environment, of a registry, or made here. */
export async function findBaseImages({ env }: Engine): Promise<Record<string, string>> {
  const usual = {
    BASE_IMAGE: process.env.BASE_IMAGE ?? 'debian:bookworm-slim',
    NODE_IMAGE: process.env.NODE_IMAGE ?? 'node:20-bookworm-slim',
  }
  if (await hasAll(Object.values(usual), env)) return usual
  const own = { BASE_IMAGE: 'trapline-base', NODE_IMAGE: 'trapline-node' }
  if (!(await hasImages(Object.values(own), env))) await execa('docker/make-base-image.sh', { cwd: root, env })
  return own
}

/** They are there, or come from a registry. */
async function hasAll(images: string[], env: Record<string, string>): Promise<boolean> {
  for (const image of images) {
    if (await hasImages([image], env)) continue
    if ((await execa('docker', ['pull', '--quiet', image], { env, reject: false, timeout: 300_000 })).failed)
      return false
  }
  return true
}

async function hasImages(images: string[], env: Record<string, string>): Promise<boolean> {
  return !(await execa('docker', ['image', 'inspect', ...images], { env, reject: false })).failed
}
