/**
 * All that the CI files of the examples have run: on a machine with Node and nothing else, in a project whose lock file
 * names Trapline's package, each installs, runs its shards and makes its page. What a service does between the lines
 * (checkout, artefacts) is left out. Their machines are one, of our base image, which keeps packages and models: the
 * first file shows that its packages suffice, test/e2e/ci.test.ts that the others name the same.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ciFolder, ciServices, packagesIn, type CiJob } from '../support/ci-services.js'
import { packClone } from '../support/packed.js'
import { root } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { startMachine, type Container } from './containers.js'
import { findBaseImages, findEngine } from './engine.js'

const engine = await findEngine()
const reason = 'reason' in engine ? ` (skipped: ${engine.reason})` : ''

const place = '/builds/project'
/** What the tests import says less. */
const longestMs = 2_400_000
const scratch = openScratch()
let machine: Container

/**
 * The project's own. npm ci refuses a lock file that lacks what the newest vite names and not every registry has: an
 * optional package for Windows.
 */
function pinned(name: string): string {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return `${name}@${packages[`node_modules/${name}`].version}`
}

async function use(script: string): Promise<void> {
  const { status, output } = await machine.run(place, script)
  expect(status, output).toBe(0)
}

function carryOut({ script, env }: CiJob) {
  return machine.run(place, script.join('\n'), env)
}

describe.skipIf(reason !== '')(`CI${reason}`, () => {
  beforeAll(async () => {
    if ('reason' in engine) return
    const packed = await packClone(join(scratch.path, 'clone'))
    machine = await startMachine(engine, (await findBaseImages(engine))['NODE_IMAGE'] ?? '')
    await machine.run('/', `mkdir -p ${place}`)
    for (const folder of [join(root, 'examples/regression'), ciFolder]) await machine.copyIn(`${folder}/.`, place)
    await machine.copyIn(packed, `${place}/trapline.tgz`)
    // A project has a lock file, and GitHub's machines have sudo.
    const packages = ['./trapline.tgz', pinned('vitest'), pinned('vite')]
    await use(`npm install --no-audit --no-fund --save-dev ${packages.join(' ')}`)
    await use('apt-get -q update && apt-get -q install -y --no-install-recommends sudo')
  }, longestMs)

  afterAll(async () => {
    removeScratch(scratch)
    if ('reason' in engine) return
    await machine[Symbol.asyncDispose]()
    await engine[Symbol.asyncDispose]()
  })

  it.for(ciServices)(
    '$title finds the planted bug, from its first line to its last',
    { timeout: longestMs },
    async (service, { skip }) => {
      skip(service.without !== '', service.without)
      await use('rm -rf node_modules results page.html junit.xml')
      if (service.file === 'Jenkinsfile') await use(`sudo apt-get -q install -y ${packagesIn(service).join(' ')}`)
      const { shards, report, artefacts } = service.read(place)
      const ended = []
      for (const shard of shards) ended.push(await carryOut(shard))
      const output = ended.map((one) => one.output).join('\n')
      expect(ended.map(({ status }) => status).sort(), output).toEqual([...Array(shards.length - 1).fill(0), 1])
      expect(output).toContain('access 19: read fifo0+0x0 4 B = 0xf1f0000f  in check (fifo_test.c:27)')
      const made = await carryOut(report)
      expect(made.status, made.output).toBe(1)
      await use(`ls -d ${artefacts.join(' ').replace('/**', '')}`)
      await use("grep -q '1 of 3 tests did not pass' page.html")
    },
  )
})
