/** `--sandbox`: RTL reaches the files of its own model and nothing else; where there can be no sandbox nothing runs. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkSandbox } from '../../bridge/model/sandbox.js'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base } from '../support/configs.js'
import { root, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, trapline } from '../support/trapline.js'

const refusal = await checkSandbox().then(
  () => undefined,
  (error: Error) => error.message,
)
/** A machine that can't have one is named. */
const needsSandbox = refusal === undefined ? 'a sandbox can be had' : `needs a sandbox: ${refusal}`

const actions = { write: 3, shell: 4, beside: 6, read: 7 }

interface Prepared {
  scratch: Scratch
  home: string
  file: string
}

/** Where the RTL runs there is nothing but the configuration; the file that it is after is beside, in HOME. */
function prepare(more: Partial<TraplineConfig> = {}): Prepared {
  const scratch = makeScratch()
  const home = join(scratch.path, 'home')
  for (const folder of ['home', 'project']) mkdirSync(join(scratch.path, folder))
  const config: TraplineConfig = {
    models: {
      unruly: {
        top: 'unruly',
        sources: [join(root, 'test/e2e/cores/unruly.sv')],
        parameters: { Path: '"../home/secret.txt"' },
      },
    },
    devices: { dut: { kind: 'mem', base, size: 0x1000, model: 'unruly' } },
    ...more,
  }
  return { scratch, home, file: scratch.write('project/trapline.config.json', config) }
}

/** Does one thing after the other; whether each went well. */
async function act({ scratch, home, file }: Prepared, flags: string[], ...steps: number[]) {
  const words = steps.flatMap((step) => [`busybox devmem ${at(0)} 32 ${step}`, `busybox devmem ${at(4)} 32`])
  const run = await trapline(scratch, ['run', '--config', file, ...flags, '--', 'sh', '-c', words.join(' && ')], {
    env: { HOME: home },
  })
  return { ...run, wentWell: run.stdout.trim().split('\n').map(Number) }
}

describe.skipIf(refusal !== undefined)(needsSandbox, () => {
  it('RTL writes no file, reads none, and runs nothing', async () => {
    const free = prepare()
    const { write, shell, beside, read } = actions
    const all = [write, read, shell, beside]
    expect((await act(free, [], ...all)).wentWell).toEqual([1, 1, 1, 1])
    expect(readFileSync(join(free.home, 'run-by-rtl.txt'), 'utf8')).toBe('run by RTL\n')
    expect(existsSync(join(free.scratch.path, 'project', 'beside.txt'))).toBe(true)

    const held = prepare()
    writeFileSync(join(held.home, 'secret.txt'), 'a secret\n')
    const { status, wentWell } = await act(held, ['--sandbox'], ...all)
    expect([status, wentWell]).toEqual([0, [0, 0, 0, 0]])
    expect(readFileSync(join(held.home, 'secret.txt'), 'utf8')).toBe('a secret\n')
    expect(readdirSync(held.home)).toEqual(['secret.txt'])
    expect(readdirSync(join(held.scratch.path, 'project'))).toEqual(['trapline.config.json'])
    expect((await act(prepare({ sandbox: true }), [], write)).wentWell).toEqual([0])
  })

  it('log, waveform, timeline and DMA are what they are without', async () => {
    const { scratch } = prepare()
    const config: TraplineConfig = {
      models: { dma: { top: 'axi_dma', sources: [sampleRtl('axi_dma')] } },
      devices: {
        dut: { kind: 'mem', base, size: 0x1000, model: 'dma' },
        udmabuf0: { kind: 'u-dma-buf', size: 0x10000 },
      },
      seed: 1,
    }
    const file = scratch.write('c.json', config)
    // A descriptor of zeros at 0x10000000: it is read, and ends the chain or not, but memory is reached.
    const program = [
      'sh',
      '-c',
      `busybox devmem ${at(8)} 64 0x10000000 && busybox devmem ${at(0)} 32 3 && busybox devmem ${at(4)}`,
    ]
    const logs = []
    for (const flag of [[], ['--sandbox']]) {
      const folder = scratch.folder()
      const files = { log: join(folder, 'a.jsonl'), trace: join(folder, 'w.fst'), perfetto: join(folder, 'p.json') }
      const outputs = Object.entries(files).flatMap(([name, path]) => [`--${name}`, path])
      const run = await trapline(scratch, ['run', '--config', file, ...flag, ...outputs, '--', ...program])
      expect([run.status, run.sentences.filter((line) => /^model |fault/.test(line))]).toEqual([0, []])
      const lines = readFileSync(files.log, 'utf8').replace(/"(pid|tid|wallNs|pc)":"?[\w]+"?/g, '')
      logs.push(lines.replace(/"symbol":"[^"]*"/g, ''))
      expect(readFileSync(files.trace).length).toBeGreaterThan(500)
      expect(readFileSync(files.perfetto, 'utf8')).toContain('DMA m_axi reads')
    }
    expect(logs[1]).toBe(logs[0])
    expect(logs[0]).toContain('dma-read')
  })

  it('a signal ends the run as it does without, and nothing is left', async () => {
    const { scratch, file } = prepare()
    const run = startTrapline(scratch, [
      'run',
      '--config',
      file,
      '--sandbox',
      '--',
      'sh',
      '-c',
      `busybox devmem ${at(0)}; echo up; exec sleep 100`,
    ])
    await run.untilStdout(/up/)
    run.kill('SIGTERM')
    expect((await run.ended).status).toBe(143)
  })
})

it('without bubblewrap it says so and runs nothing', async () => {
  const { scratch, file } = prepare()
  // The tools below are too few to build it.
  await trapline(scratch, ['build', '--config', file])
  const folder = scratch.folder()
  for (const tool of ['verilator', 'g++', 'gcc', 'make', 'sh', 'busybox', 'rm', 'sleep', 'cat', 'perl'])
    spawnSync('sh', ['-c', `ln -s "$(command -v ${tool})" ${join(folder, tool)}`])
  const run = await trapline(scratch, ['run', '--config', file, '--sandbox', '--', 'busybox', 'devmem', at(0)], {
    env: { PATH: folder },
  })
  expect([run.status, run.stdout]).toEqual([125, ''])
  expect(run.sentences.at(-1)).toBe(
    'the sandbox needs bubblewrap, which is not installed; on Debian or Ubuntu: apt-get install bubblewrap, or ' +
      'go without the sandbox',
  )
})

it('where it can not start it says why and runs nothing', async () => {
  const { scratch, file } = prepare()
  const folder = scratch.folder()
  const failing = join(folder, 'bwrap')
  spawnSync('sh', [
    '-c',
    `printf '#!/bin/sh\\necho "bwrap: No permissions to create new namespace" >&2\\nexit 1\\n' > ${failing}; ` +
      `chmod +x ${failing}`,
  ])
  const run = await trapline(scratch, ['run', '--config', file, '--sandbox', '--', 'busybox', 'devmem', at(0)], {
    env: { PATH: `${folder}:${process.env.PATH}` },
  })
  expect([run.status, run.stdout]).toEqual([125, ''])
  expect(run.sentences.at(-1)).toMatch(
    /^the sandbox can't be started \(bwrap: No permissions to create new namespace\); allow user namespaces /,
  )
})

it('a bridge elsewhere is told itself', async () => {
  const run = await trapline(makeScratch(), ['run', '--bridge', '127.0.0.1:1', '--sandbox', '--', 'true'])
  expect(run.sentences).toEqual(["--sandbox is the bridge's affair; give it to `trapline serve` instead"])
})
