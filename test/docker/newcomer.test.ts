/**
 * A newcomer: Debian 12 with Node and nothing else, and no words but those of the pages, whose commands are run as they
 * stand there. How long each took is printed.
 */
import { basename, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startBrowser, textsOf, view } from '../support/browser.js'
import { blocksOf, linesOf, promisesOf, scriptOf } from '../support/documents.js'
import { copyClone } from '../support/packed.js'
import { makeScratch, openScratch, removeScratch } from '../support/scratch.js'
import { startMachine, type Container } from './containers.js'
import { findBaseImages, findEngine } from './engine.js'

const engine = await findEngine()
const reason = 'reason' in engine ? ` (skipped: ${engine.reason})` : ''

const [clone, repository] = ['/home/trapline', '/home/yours']
const scratch = openScratch()
/** What the tests import says less. */
const longestMs = 2_400_000
let image = ''

/** A machine with a clone on it; it ends with the test. */
async function startWithClone(): Promise<Container> {
  if ('reason' in engine) throw new Error(engine.reason)
  const machine = await startMachine(engine, image)
  onTestFinished(() => machine[Symbol.asyncDispose]())
  await machine.copyIn(join(scratch.path, 'trapline'), clone)
  return machine
}

/** Types what is in the pages; each command must end with the status that is due. Prints how long they took. */
class Newcomer {
  readonly #times: string[] = []
  readonly #begun = performance.now()

  constructor(
    readonly machine: Container,
    readonly folder: string,
  ) {
    onTestFinished(() =>
      console.log([...this.#times, `${toSeconds(performance.now() - this.#begun)}  in all`].join('\n')),
    )
  }

  async types(command: string, due = 0): Promise<string> {
    const begun = performance.now()
    const { status, output } = await this.machine.run(this.folder, command)
    this.#times.push(
      `${toSeconds(performance.now() - begun)}  ${command
        .replace(/ +# .*/, '')
        .split('\n')
        .join('; ')}`,
    )
    expect(status, `${command}\n${output}`).toBe(due)
    return output
  }

  /** Returns where a copy of its file lies. */
  async fetch(file: string): Promise<string> {
    // What a browser makes of a file follows from its name.
    const copy = join(makeScratch().path, basename(file))
    await this.machine.copyOut(`${this.folder}/${file}`, copy)
    return copy
  }
}

function toSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(8)} s`
}

/** Names of the signals in a waveform. */
async function signalsIn(waveform: string): Promise<string[]> {
  const { stdout } = await execa('fst2vcd', [waveform])
  return [...stdout.matchAll(/^\$var \w+ \d+ \S+ (\S+)/gm)].map(([, name = '']) => name)
}

describe.skipIf(reason !== '')(`a newcomer${reason}`, () => {
  beforeAll(async () => {
    if ('reason' in engine) return
    image = (await findBaseImages(engine))['NODE_IMAGE'] ?? ''
    copyClone(join(scratch.path, 'trapline'))
  })

  afterAll(async () => {
    removeScratch(scratch)
    if (!('reason' in engine)) await engine[Symbol.asyncDispose]()
  })

  it(
    'comes by a section of the README to a green and a red test, a page and a waveform',
    { timeout: longestMs },
    async () => {
      const machine = await startWithClone()
      await machine.copyIn(join(import.meta.dirname, 'newcomer'), repository)
      const newcomer = new Newcomer(machine, repository)
      const [toRun = [], toTests = []] = blocksOf('README.md', 'sh yours').map((block) => block.trimEnd().split('\n'))
      let shown = ''
      for (const command of toRun) shown = await newcomer.types(command)
      expect(shown).toMatch(/→ read +core0\+0x8 4 B .* = 0x0000002a$/m)
      expect(shown).toMatch(/^40 \+ 2 = 42$/m)
      const signals = ['s_axi_rdata', 'sum', 's_axi__software_function']
      expect(await signalsIn(await newcomer.fetch('run.fst'))).toEqual(expect.arrayContaining(signals))

      const lines = linesOf('README.md', 'ts driver.test.ts').join('\n')
      await newcomer.types(`cat > driver.test.ts <<'END'\n${lines}\nEND`)
      const [tested = '', reported = ''] = toTests
      expect(await newcomer.types(tested)).toMatch(/Tests +1 passed/)
      await newcomer.types(reported)
      expect(await headlineOf(newcomer)).toEqual(['the test passed'])

      await newcomer.types('sed -i "s/a + b/a - b/" rtl/core.sv')
      const red = await newcomer.types(tested, 1)
      expect(red).toContain('access 3: read core0+0x8 4 B = 0x00000026  in main (driver.c:20)')
      await newcomer.types(reported)
      expect(await headlineOf(newcomer)).toEqual(['the test did not pass'])
      const [, waves = ''] = /^waves: gtkwave (\S+) /m.exec(red) ?? []
      expect(await signalsIn(await newcomer.fetch(waves.replace(`${repository}/`, '')))).toEqual(
        expect.arrayContaining(signals),
      )
      const [, repeat = ''] = /^repeat: (.*)$/m.exec(red) ?? []
      expect(await newcomer.types(repeat, 1)).toContain('access 3: read core0+0x8 4 B = 0x00000026')
    },
  )

  it('sees in a clone what the pages say', { timeout: longestMs }, async () => {
    const newcomer = new Newcomer(await startWithClone(), clone)
    const started = (await newcomer.types('npm start')).split('\n')
    const shown = linesOf('README.md', 'text start').filter((line) => line !== '…')
    expect(started).toEqual(expect.arrayContaining(shown))
    for (const page of ['README.md', 'docs/getting-started.md']) {
      const printed = (await newcomer.types(`exec 2>&1\n${scriptOf(page)}`)).split('\n')
      const timeless = promisesOf(page).filter((line) => !line.includes(' s wall, '))
      expect(printed).toEqual(expect.arrayContaining(timeless))
    }
  })
})

/** What the page says first, in a browser. */
async function headlineOf(newcomer: Newcomer): Promise<string[]> {
  const browser = await startBrowser()
  return textsOf(await view(browser, await newcomer.fetch('page.html')), 'h1')
}
