/**
 * The services of docker-compose.yml on a real engine, as a user of CI runs them: no privileges, a read-only root, the
 * default seccomp profile. Where no engine can be had, the tests are skipped and their name says why.
 */
import { chownSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../support/places.js'
import { openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { buildImage, compose } from './compose.js'
import { findBaseImages, findEngine } from './engine.js'

const engine = await findEngine()
const reason = 'reason' in engine ? ` (skipped: ${engine.reason})` : ''

/** Who starts the containers; root would prove nothing. */
const caller = process.getuid?.() || 12_345
const every = ['--profile', 'unix', '--profile', 'tcp', '--profile', 'regression']
const id = ['busybox', 'devmem', '0x43c00004', '32']
let scratch: Scratch
let artefacts = ''
let env: Record<string, string> = {}

/** `docker-compose run` of a service, with everything that it depends on. */
function runService(profile: string, service: string, command: string[], flags: string[] = []) {
  return compose(env, ['--profile', profile, 'run', '--rm', '-T', ...flags, service, ...command])
}

/** One value of the program's output per line. */
async function linesOf(profile: string, service: string, script: string): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runService(profile, service, ['sh', '-c', script])
  expect(exitCode, stderr).toBe(0)
  return stdout.split('\n')
}

async function logOf(service: string): Promise<string[]> {
  const { stdout } = await compose(env, [...every, 'logs', '--no-color', service])
  return stdout.split('\n').map((line) => line.replace(/^[^|]*\| /, ''))
}

describe.skipIf(reason !== '')(`in containers${reason}`, () => {
  beforeAll(async () => {
    if ('reason' in engine) return
    scratch = openScratch()
    artefacts = scratch.folder()
    const certificates = scratch.folder()
    env = {
      ...engine.env,
      ...(await findBaseImages(engine)),
      ...{ UID: String(caller), GID: String(caller), ARTEFACTS: artefacts, CERTIFICATES: certificates },
      COMPOSE_PROJECT_NAME: `trapline-test-${process.pid}`,
      TRAPLINE_TOKEN: 'correct-horse-battery',
    }
    await execa('docker/make-certificates.sh', [certificates], { cwd: root })
    const owned = [artefacts, certificates, ...readdirSync(certificates).map((name) => join(certificates, name))]
    for (const path of owned) chownSync(path, caller, caller)
    // The host's image takes the agent from the bridge's.
    for (const service of ['bridge', 'host'] as const) await buildImage(service, env)
  })

  afterAll(async () => {
    if ('reason' in engine) return
    await compose(env, [...every, 'down', '--volumes', '--remove-orphans', '--timeout', '3'])
    await engine[Symbol.asyncDispose]()
    removeScratch(scratch)
  })

  it.each([
    ['a UNIX socket on a shared volume', 'unix', 'host'],
    ['TCP with mutual TLS and token', 'tcp', 'host-tcp'],
  ])('over %s a host reads and writes RTL', async (_name, profile, service) => {
    const { exitCode, stdout, stderr } = await runService(profile, service, id)
    expect([exitCode, stdout], stderr).toEqual([0, '0xCAFE0001'])
    await linesOf(profile, service, 'busybox devmem 0x43c00000 32 0x5eed')
    expect(await linesOf(profile, service, 'busybox devmem 0x43c00000 32')).toEqual(['0x00005EED'])
    const devices =
      'cat /sys/class/uio/uio0/name /sys/class/u-dma-buf/buffer0/size; head -c 2 /dev/buffer0 | od -An -tx1'
    expect(await linesOf(profile, service, devices)).toEqual(['timer0', '1048576', ' 00 00'])
  })

  it.each([
    ['unix', 'host'],
    ['unix', 'bridge'],
    ['tcp', 'host-tcp'],
  ])('profile %s: %s has no privileges', async (profile, service) => {
    const script = `id -u; sed -n 's/^CapBnd:\\t//p; s/^NoNewPrivs:\\t//p; s/^Seccomp:\\t//p' /proc/self/status
      touch /here 2> /dev/null && echo writable; stat -f -c '%b %S' /dev/shm`
    const seccompFilter = '2'
    const [user, ...rest] = await linesOf(profile, service, script)
    expect([user, ...rest]).toEqual([String(caller), '0000000000000000', '1', seccompFilter, '16384 4096'])
  })

  it('the host image has the agent and the program, no Node, no compiler', async () => {
    const script = 'for name in node g++ verilator python3; do command -v $name; done; ls /opt/trapline'
    const files = ['libtrapline.so', 'trapline-enter', 'trapline-world']
    expect(await linesOf('unix', 'host', script)).toEqual(files)
  })

  it('a regression runs in one container, and its artefacts belong to the caller', async () => {
    const { exitCode, stdout, stderr } = await runService('regression', 'regression', [])
    expect([exitCode, stdout], stderr).toEqual([0, '4 passed, 0 failed'])
    const files = readdirSync(artefacts).sort()
    expect(files).toEqual(['id', 'scratch', 'strobes', 'wide'].flatMap((name) => [`${name}.json`, `${name}.jsonl`]))
    for (const file of files) expect(statSync(join(artefacts, file)).uid).toBe(caller)
    expect(readFileSync(join(artefacts, 'id.jsonl'), 'utf8')).toContain('"data":"0xcafe0001"')
  })

  it('a host without the token gets nothing, and the bridge notes it once', async () => {
    const ended = await runService('tcp', 'host-tcp', id, ['-e', 'TRAPLINE_TOKEN=guess'])
    expect([ended.exitCode, ended.stdout]).toEqual([125, ''])
    expect(ended.stderr).toContain('the token is not the one of this bridge; set TRAPLINE_TOKEN to it')
    const refused = (await logOf('bridge-tcp')).filter((line) => line.includes('refused'))
    expect(refused).toEqual([expect.stringMatching(/refused [\d.:a-f]+: its token is not the one of this bridge/)])
  })

  /** Where a mailbox can't be had a line says so, and accesses go by gRPC. */
  it('with lane shm accesses of one container reach the model of another by memory that both see', async () => {
    // The first access of each process goes by gRPC in any case.
    const second = `dd if=/dev/mem bs=4 count=2 skip=${0x43c00000 / 4} status=none | od -An -v -tx4 -w4 | tail -n 1`
    const byLane = async (lane: string, before = '') => {
      const shell = ['sh', '-c', `${before} ${second}; ${second}`]
      env['TRAPLINE_LANE'] = lane
      await compose(env, ['--profile', 'unix', 'up', '--detach', 'bridge'])
      return await runService('unix', 'host', shell)
    }
    const answers = ' cafe0001\n cafe0001'
    const shm = await byLane('shm')
    expect([shm.exitCode, shm.stdout], shm.stderr).toEqual([0, answers])
    expect(shm.stderr).not.toContain('mailbox')
    const closed = await byLane('shm', 'chmod 0 /run/trapline/bridge/lanes/*;')
    expect([closed.exitCode, closed.stdout], closed.stderr).toEqual([0, answers])
    expect(closed.stderr).toContain("mailbox /run/trapline/bridge/lanes/0.lane can't be used here")
    await byLane('grpc')
  })

  it('a bridge that was killed comes back at the same place', async () => {
    expect((await runService('unix', 'host', id)).stdout).toBe('0xCAFE0001')
    await compose(env, ['--profile', 'unix', 'kill', '-s', 'KILL', 'bridge'])
    const without = await runService('unix', 'host', id, ['--no-deps'])
    expect([without.exitCode, without.stdout]).toEqual([125, ''])
    expect(without.stderr).toContain('no bridge answers')
    expect((await runService('unix', 'host', id)).stdout).toBe('0xCAFE0001')
  })
})
