/**
 * What package.json depends on: pinned, the same in the lock file, fit for our oldest Node; and what tells what is
 * newer.
 */
import { execa } from 'execa'
import { cpSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { directDependencies, reasonsToStay } from '../../../bridge/setup/dependencies.mjs'
import { admits, toVersion } from '../../../bridge/setup/version-ranges.mjs'
import { root } from '../../support/places.js'
import { makeScratch } from '../../support/scratch.js'

interface Locked {
  version: string
  dev?: boolean
  resolved?: string
  engines?: { node?: string }
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
const all = await directDependencies()

it('every version is pinned, and is the one of the lock file', () => {
  const pinned = all.map(({ name, pinned }) => [name, pinned])
  expect(pinned.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version ?? ''))).toEqual([])
  expect(all.map(({ name }) => [name, lock.packages[`node_modules/${name}`]?.version])).toEqual(pinned)
})

it('the lock file names no place to get packages from', () => {
  expect(Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
})

it('everything runs on the oldest Node of each major that engines names', () => {
  const { engines } = lock.packages[''] ?? {}
  const oldest = (engines?.node ?? '').match(/\d+\.\d+\.\d+/g) ?? []
  expect(oldest.length).toBeGreaterThan(0)
  const unfit = Object.entries(lock.packages).flatMap(([name, { engines }]) =>
    oldest.filter((node) => !admits(engines?.node ?? '*', toVersion(node))).map((node) => `${name} on Node ${node}`),
  )
  expect(unfit).toEqual([])
})

it('a Node that is none of engines is told so, before anything is installed', async () => {
  const scratch = makeScratch()
  cpSync(join(root, 'bridge/setup'), join(scratch.path, 'bridge/setup'), { recursive: true })
  scratch.write('package.json', { engines: { node: '^98.1.0 || >=99' } })
  const start = join(scratch.path, 'bridge/setup/start.mjs')
  const { exitCode, stderr } = await execa(process.execPath, [start, 'demo'], { reject: false })
  expect(stderr).toBe(
    `trapline: Node ${process.versions.node} is none of those that this works with, ^98.1.0 || >=99; ` +
      'install one of them (nodejs.org)',
  )
  expect(exitCode).toBe(1)
})

it('pages name the oldest Nodes of engines', () => {
  const { engines } = lock.packages[''] ?? {}
  const oldest = (engines?.node ?? '').match(/\d+\.\d+/g) ?? []
  for (const page of ['README.md', 'CONTRIBUTING.md', 'docs/getting-started.md'])
    expect(
      readFileSync(join(root, page), 'utf8')
        .match(/Node \d+ from (\S+) on, or (\S+) and newer/)
        ?.slice(1),
    ).toEqual(oldest)
})

it('a reason to stay behind is of a dependency that there is, and of its major', async () => {
  const reasons = await reasonsToStay()
  expect(reasons.length).toBeGreaterThan(0)
  const majors = new Map(all.map(({ name, pinned }) => [name, pinned.split('.')[0]]))
  expect(reasons.map(({ name, major }) => [name, major])).toEqual(reasons.map(({ name }) => [name, majors.get(name)]))
})

it.each([
  ['*', '1.2.3', true],
  ['20', '20.19.0', true],
  ['18 || 20 || >=22', '21.0.0', false],
  ['^20.19.0 || >=22.12.0', '20.17.0', false],
  ['^20.19.0 || >=22.12.0', '20.20.2', true],
  ['^20.19.0 || >=22.12.0', '22.12.0', true],
  ['>=20 <23', '23.0.0', false],
  ['>= 4', '20.17.0', true],
  ['>20.1', '20.1.9', false],
  ['<=20', '20.20.2', true],
  ['~20.1', '20.2.0', false],
  ['22.x', '22.5.0', true],
  ['^0.2.3', '0.3.0', false],
  ['^0.0.3', '0.0.4', false],
  ['12.0 - 20.5', '20.5.1', true],
  ['12.0.0 - 20.5.0', '20.5.1', false],
])('the range %j on %s: %s', (range, version, admitted) => {
  expect(admits(range, toVersion(version))).toBe(admitted)
})

/** Runs `npm run deps` with what npm finds at `registry`, and nothing of earlier answers. */
async function ask(registry: string, ...names: string[]) {
  const env = { npm_config_registry: registry, npm_config_cache: makeScratch().path, npm_config_offline: 'false' }
  const result = await execa(process.execPath, ['bridge/setup/newer-versions.mjs', ...names], {
    ...{ cwd: root, env, reject: false },
  })
  return { status: result.exitCode, lines: result.stdout.split('\n'), stderr: result.stderr }
}

/** A registry in which `name` has these releases, by the Node that each needs. */
async function serveReleases(name: string, releases: Record<string, string>): Promise<string> {
  const versions = Object.entries(releases).map(([version, node]) => [version, { name, version, engines: { node } }])
  const [latest] = Object.keys(releases).slice(-1)
  const document = { name, 'dist-tags': { latest }, versions: Object.fromEntries(versions) as object }
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function pinOf(name: string): string {
  return all.find((dependency) => dependency.name === name)?.pinned ?? ''
}

it('what is newer is told, what of it runs on our Node, and why it is not taken', async () => {
  const registry = await serveReleases('zod', { [pinOf('zod')]: '>=18', '98.2.0': '>=20', '99.0.0': '>=22' })
  const { status, lines } = await ask(registry, 'zod')
  expect(lines[0]).toMatch(/^package +pinned +newest +on Node 20 +why not newer$/)
  expect(lines[1]?.split(/ {2,}/)).toEqual(['zod', pinOf('zod'), '99.0.0', '98.2.0', 'to be taken'])
  expect(status).toBe(0)
})

it('where something newer does not run on our Node, the reason is that of CONTRIBUTING', async () => {
  const [{ name, reason } = { name: '', reason: '' }] = await reasonsToStay()
  const registry = await serveReleases(name, { [pinOf(name)]: '>=18', '99.0.0': '>=99' })
  const { lines } = await ask(registry, name)
  expect(lines[1]?.split(/ {2,}/)).toEqual([name, pinOf(name), '99.0.0', pinOf(name), reason])
})

it('without a registry, pins and reasons are told, and one sentence', async () => {
  const { status, lines, stderr } = await ask('http://127.0.0.1:9/', 'zod', 'vitest')
  expect(lines.map((line) => line.split(/ +/).slice(0, 2))).toContainEqual(['zod', pinOf('zod')])
  expect(stderr).toMatch(/^trapline: npm got no answer from its registry \(ECONNREFUSED for \w+\), so nobody knows .*$/)
  expect(status).toBe(1)
})

it('a name that is no dependency is refused', async () => {
  const { status, stderr } = await ask('http://127.0.0.1:9/', 'zodd')
  expect(stderr).toMatch(/^trapline: package\.json depends on no zodd; it does on .*zod/)
  expect(status).toBe(1)
})
