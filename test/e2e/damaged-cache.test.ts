/**
 * A build cache in which files were damaged behind Trapline's back: the next run is right, and says what it built anew.
 * Which damage is seen: test/bridge/verilate/manifest.test.ts. `npm run soak` damages every file in every way, one by
 * one.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseConfig } from '../../bridge/config/load-config.js'
import type { ModelConfig } from '../../bridge/config/schema.js'
import { buildModel } from '../../bridge/verilate/build-model.js'
import { at, configOf } from '../support/configs.js'
import { damages, filesBelow } from '../support/damage.js'
import { cache } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const isExhaustive = process.env.SOAK_ACCESSES !== undefined
const scratch = openScratch()
afterAll(() => removeScratch(scratch))
const own = join(scratch.path, 'cache')
const id = '0x54524150\n'

/** What this model needs of the cache that all tests share, by what it is, after a first run. */
let entry: { memos: string[]; model: string[]; runtime: string[] }

async function run() {
  const args = ['run', '--config', scratch.write('c.json', configOf('axil_regs')), '--', 'busybox', 'devmem', at(4)]
  const { status, stdout, sentences } = await trapline(scratch, args, { env: { TRAPLINE_CACHE: own } })
  expect([status, stdout], sentences.join('\n')).toEqual([0, id])
  const damaged = sentences.flatMap((sentence) => /^the build cache is damaged at (\S+): /.exec(sentence)?.[1] ?? [])
  return { damaged: damaged.sort(), builds: sentences.filter((sentence) => sentence.startsWith('building ')).length }
}

let executable: string

beforeAll(async () => {
  const model = parseConfig('c.json', configOf('axil_regs')).models.dut as ModelConfig
  const options = { name: 'dut', configDir: scratch.path, memories: [], trace: false, cacheDir: cache }
  const { directory } = await buildModel(model, options)
  const copy = join(own, 'models', basename(directory))
  cpSync(directory, copy, { recursive: true })
  const runtime = runtimeOf(join(copy, 'build.log'))
  mkdirSync(join(own, 'runtime'))
  // Other tests may add to it.
  execFileSync('flock', [
    join(cache, 'runtime', `${runtime}.lock`),
    'cp',
    '-a',
    join(cache, 'runtime', runtime),
    join(own, 'runtime'),
  ])
  executable = join(copy, 'model')
  await run()
  entry = {
    memos: [...filesBelow(join(own, 'probes')), ...filesBelow(join(own, 'tools'))],
    model: filesBelow(copy),
    runtime: filesBelow(join(own, 'runtime', runtime)),
  }
})

/** The name of the folder of shared objects that it was linked with. */
function runtimeOf(log: string): string {
  return / RUNTIME_DIR=\S+\/(\w+) /.exec(readFileSync(log, 'utf8'))?.[1] as string
}

const forgetModel = () => rmSync(dirname(executable), { recursive: true, force: true })

it('a whole cache builds nothing and says nothing', async () => {
  expect(await run()).toEqual({ damaged: [], builds: 0 })
})

it.each(isExhaustive ? Object.keys(damages) : ['emptied', 'flipped'])('every memo: %s', async (kind) => {
  for (const file of entry.memos) damages[kind]?.(file)
  const { damaged, builds } = await run()
  expect({ damaged, builds }).toEqual({ damaged: kind === 'removed' ? [] : [...entry.memos].sort(), builds: 0 })
  expect(await run()).toEqual({ damaged: [], builds: 0 })
})

it('an object that all models share, and the model itself', async () => {
  const object = entry.runtime.find((file) => file.endsWith('mailbox.o')) as string
  damages.emptied?.(object)
  damages.flipped?.(executable)
  expect(await run()).toEqual({ damaged: [executable, object].sort(), builds: 1 })
  expect(await run()).toEqual({ damaged: [], builds: 0 })
})

it.runIf(isExhaustive)(
  'every file in every way',
  async () => {
    forgetModel()
    await run()
    const undamaged = readFileSync(executable)
    for (const kind of Object.keys(damages)) {
      for (const file of [...entry.model, ...entry.runtime]) {
        if (entry.runtime.includes(file)) forgetModel()
        damages[kind]?.(file)
        expect(await run(), `${kind}: ${file}`).toMatchObject({ builds: 1 })
        expect(await run()).toEqual({ damaged: [], builds: 0 })
        expect(readFileSync(executable).equals(undamaged)).toBe(true)
      }
    }
  },
  3 * 3_600_000,
)
