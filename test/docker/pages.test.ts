/** The commands and images of docs/docker.md, word for word, in a clone. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blocksOf, linesOf, readPage } from '../support/documents.js'
import { copyClone } from '../support/packed.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { compose } from './compose.js'
import { docker } from './containers.js'
import { findBaseImages, findEngine } from './engine.js'

const engine = await findEngine()
const reason = 'reason' in engine ? ` (skipped: ${engine.reason})` : ''

const page = 'docs/docker.md'
const scratch = openScratch()
const clone = join(scratch.path, 'trapline')
const every = ['--profile', 'unix', '--profile', 'tcp', '--profile', 'regression']
const ids = ['devmem', '0x43c00004', '32']
const promised = linesOf(page, 'text docker')
let env: Record<string, string> = {}

/** An image of a Dockerfile in a folder of its own. */
async function build(image: string, dockerfile: string, flags: string[] = []): Promise<void> {
  if ('reason' in engine) throw new Error(engine.reason)
  const folder = scratch.folder()
  writeFileSync(join(folder, 'Dockerfile'), dockerfile)
  const { status, output } = await docker(engine, ['build', '--tag', image, ...flags, folder])
  expect(status, output).toBe(0)
}

describe.skipIf(reason !== '')(`${page}${reason}`, () => {
  beforeAll(async () => {
    if ('reason' in engine) return
    const name = { COMPOSE_PROJECT_NAME: `trapline-test-${process.pid}` }
    env = { ...engine.env, ...(await findBaseImages(engine)), ...name }
    copyClone(clone)
    chmodSync(scratch.path, 0o755)
  })

  afterAll(async () => {
    if ('reason' in engine) return
    await compose(env, [...every, 'down', '--volumes', '--remove-orphans', '--timeout', '3'], clone)
    await engine[Symbol.asyncDispose]()
    removeScratch(scratch)
  })

  it('its commands build the images, run a host by each way, and a regression', async () => {
    for (const block of blocksOf(page, 'sh docker')) {
      const { exitCode, all } = await execa('sh', ['-euc', block], {
        ...{ cwd: clone, env, reject: false, all: true, stdin: 'ignore' },
      })
      expect(exitCode, all).toBe(0)
      expect(all.split(/\r?\n/)).toContain('0xCAFE0001')
      if (block.includes('regression')) expect(all.split(/\r?\n/)).toEqual(expect.arrayContaining(promised))
    }
  })

  /** The host's service on such images. Returns what its program prints. */
  async function runOn(images: string): Promise<string> {
    writeFileSync(join(clone, 'cocotb.yml'), images)
    const files = ['-f', 'docker-compose.yml', '-f', 'cocotb.yml', '--profile', 'unix']
    const ran = await compose(env, [...files, 'run', '--rm', '-T', 'host', 'busybox', ...ids], clone)
    expect(ran.exitCode, ran.stderr).toBe(0)
    return ran.stdout
  }

  it('an image of one’s own has the agent by three lines', async () => {
    const [lines = ''] = blocksOf(page, 'dockerfile yours')
    // Its own program is busybox, as it lies in the host's image.
    await build(
      'trapline-test-own',
      `FROM ${env['BASE_IMAGE']}\nCOPY --from=trapline-host /bin/busybox /bin/\n${lines}`,
    )
    expect(await runOn('services: { host: { image: trapline-test-own } }')).toBe('0xCAFE0001')
  })

  it('an image of a few lines adds cocotb to the bridge', async () => {
    const [dockerfile = ''] = blocksOf(page, 'dockerfile cocotb')
    const [, services = ''] = /a file `cocotb.yml` with `(services: .*?)` puts/.exec(readPage(page)) ?? []
    const [, image = ''] = /image: ([\w-]+)/.exec(services) ?? []
    // What pip trusts: in a base image that was made here also what this machine trusts.
    const authorities = env['NODE_IMAGE'] === 'trapline-node' ? '/etc/ssl/machine-certificates.crt' : ''
    await build(image, dockerfile, authorities ? ['--build-arg', `PIP_CERT=${authorities}`] : [])
    const project = scratch.folder()
    const rtl = {
      top: 'axil_regs',
      sources: ['/opt/trapline/hdl/models/axil_regs.sv'],
      parameters: { Id: '0xcafe0001' },
    }
    const models = { regs: { kind: 'cocotb', simulator: 'icarus', ...rtl } }
    const devices = { regs0: { kind: 'mem', path: '/dev/mem', base: '0x43c00000', size: '0x1000', model: 'regs' } }
    writeFileSync(join(project, 'trapline.config.json'), JSON.stringify({ models, devices }))
    await compose(env, [...every, 'down', '--volumes', '--timeout', '3'], clone)
    env = { ...env, PROJECT: project }
    expect(await runOn(services)).toBe('0xCAFE0001')
  })
})
