/**
 * I/O ports in containers: Debian's programs that use in and out, as a normal user, without capabilities, under
 * Docker's own seccomp profile, with a bridge in a container of its own or in the same.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portConfig, portTools } from '../support/port-tools.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { toWords } from '../support/trapline.js'
import { buildImage, compose } from './compose.js'
import { docker } from './containers.js'
import { findBaseImages, findEngine } from './engine.js'

const engine = await findEngine()
const reason = 'reason' in engine ? ` (skipped: ${engine.reason})` : ''

/** Who starts the containers; root would prove nothing. */
const caller = `${process.getuid?.() || 12_345}`
const scratch = openScratch()
const packages = [...new Set(portTools.flatMap((tool) => Object.values(tool.packages)))]
/** For the names of tests. */
const titled = portTools.map((tool) => ({ ...tool, title: Object.keys(tool.packages).join(' and ') }))
let env: Record<string, string> = {}

/** An image of ours with the programs in it. */
async function addPrograms(service: 'bridge' | 'host'): Promise<string> {
  if ('reason' in engine) throw new Error(engine.reason)
  const { DEBIAN_MIRROR = '' } = process.env
  const image = `trapline-test-ports-${service}`
  const install = `RUN install-packages ${packages.join(' ')}`
  scratch.write('Dockerfile', [`FROM trapline-${service}`, 'ARG DEBIAN_MIRROR=', 'USER root', install].join('\n'))
  const mirror = ['--build-arg', `DEBIAN_MIRROR=${DEBIAN_MIRROR}`]
  const { status, output } = await docker(engine, ['build', '--tag', image, ...mirror, scratch.path])
  expect(status, output).toBe(0)
  return image
}

function composed(args: string[]) {
  const files = ['--file', 'docker-compose.yml', '--file', join(scratch.path, 'programs.json')]
  return compose(env, [...files, '--profile', 'unix', '--profile', 'regression', ...args])
}

/** Stdout alone. */
async function run(service: string, command: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await composed(['run', '--rm', '-T', service, ...command])
  expect(exitCode, stderr).toBe(0)
  return stdout
}

const rights = "id -u; sed -n 's/^CapBnd:\\t//p; s/^NoNewPrivs:\\t//p; s/^Seccomp:\\t//p' /proc/self/status"
const underFilter = `${caller}\n0000000000000000\n1\n2\n`

describe.skipIf(reason !== '')(`I/O ports in containers${reason}`, () => {
  beforeAll(async () => {
    if ('reason' in engine) return
    const project = { PROJECT: scratch.path, COMPOSE_PROJECT_NAME: `trapline-test-${process.pid}` }
    env = { ...engine.env, ...(await findBaseImages(engine)), UID: caller, GID: caller, ...project }
    // The host's image takes the agent from the bridge's.
    for (const service of ['bridge', 'host'] as const) await buildImage(service, env)
    const [bridge, host] = [await addPrograms('bridge'), await addPrograms('host')]
    scratch.write('programs.json', { services: { host: { image: host }, regression: { image: bridge } } })
    const rtl = (top: string) => `/opt/trapline/hdl/models/${top}.sv`
    scratch.write('trapline.config.json', portConfig(rtl))
    chmodSync(scratch.path, 0o755)
  })

  afterAll(async () => {
    if ('reason' in engine) return
    await composed(['down', '--volumes', '--remove-orphans', '--timeout', '3'])
    await engine[Symbol.asyncDispose]()
    removeScratch(scratch)
  })

  it.for(titled)('$title, with the bridge elsewhere', async ({ command, shows }) => {
    const shown = await run('host', ['sh', '-ec', `${rights}; PATH=$PATH:/usr/sbin; ${command}`])
    expect(shown.slice(0, underFilter.length)).toBe(underFilter)
    expect(shown).toMatch(shows)
  })

  it('all of them in one container, by accesses of their widths', async () => {
    const script = ['PATH=$PATH:/usr/sbin', ...portTools.map(({ command }) => command)].join('\n')
    const traced = `${rights}; trapline run --log /tmp/log -- sh -ec '${script}'; echo; cat /tmp/log`
    const shown = await run('regression', ['sh', '-ec', traced])
    expect(shown.slice(0, underFilter.length)).toBe(underFilter)
    for (const { shows } of portTools) expect(shown).toMatch(shows)
    const accesses = shown.split('\n').flatMap((line) => (line.startsWith('{') ? toWords(JSON.parse(line)) : []))
    const ofMachine = ['read cmos+0x1 1 B = 0x44', 'write cmos+0x1 1 B = 0x77', 'read superio+0x1 1 B = 0x87']
    const ofBus = ['write pci+0x0 4 B = 0x80000800', 'write pci+0x4 2 B = 0x0007', 'read pci+0x4 4 B = 0xcafe1af4']
    expect(accesses).toEqual(expect.arrayContaining([...ofMachine, ...ofBus]))
    expect(accesses.filter((access) => !/pci\+| 1 B = /.test(access))).toEqual([])
  })
})
