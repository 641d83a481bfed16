/**
 * A run by mailboxes while somebody writes over them from outside: agent, model and bridge as they are. A program may
 * then read anything, or hear of an error, but it goes on or ends, nothing crashes, and the next one is served.
 */
import { closeSync, createReadStream, openSync, readdirSync, readSync, writeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate as turn } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { laneLayout } from '../../bridge/wire/lane-layout.js'
import { configOf } from '../support/configs.js'
import { fuzz, fuzzTimeoutMs, type Chance } from '../support/fuzz.js'
import { makeScratch } from '../support/scratch.js'
import { startTrapline } from '../support/trapline.js'

/** Ends of a program that reads what nobody has written, or whose access fails: by itself, or by the agent. */
const honestEnds = [0, 1, -7, 125]
const limits = [0, 1, 2, 4, 5, 0x10, 0x1000, 0x1001, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

class Boxes {
  readonly #file: number

  constructor(folder: string) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    this.#file = openSync(join(folder, files.find((name) => name.endsWith('.lane')) ?? 'no mailboxes'), 'r+')
  }

  put(at: number, value: number): void {
    const word = Buffer.alloc(4)
    word.writeUInt32LE(value >>> 0)
    writeSync(this.#file, word, 0, 4, at)
  }

  /** Where the mailboxes that a model serves begin. */
  get served(): number[] {
    const { SLOTS, HEAD_BYTES, SLOT_BYTES, ANSWER_AT } = laneLayout()
    const word = Buffer.alloc(4)
    const all = Array.from({ length: SLOTS }, (_, slot) => HEAD_BYTES + slot * SLOT_BYTES)
    return all.filter((box) => readSync(this.#file, word, 0, 4, box + ANSWER_AT + 4) === 4 && word.readUInt32LE(0) > 0)
  }

  /** As the bridge has made it; what it says of all mailboxes would end this for good. */
  mend(): void {
    this.put(0, laneLayout().VERSION)
    this.put(laneLayout().CLOSED_AT, 0)
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** Any field of any part; of data and words the first ones. */
function placeIn(box: number, chance: Chance): number {
  const { ANSWER_AT, ANSWER_DATA_AT } = laneLayout()
  const head = chance.pick(chance.oneIn(20) ? [0, laneLayout().CLOSED_AT] : [64, 68])
  const request = box + 4 * chance.below(20)
  const answer = box + ANSWER_AT + 4 * chance.below(ANSWER_DATA_AT / 4 + 4)
  return chance.pick([head, request, answer])
}

async function writeOver(boxes: Boxes, chance: Chance, isOver: () => boolean): Promise<void> {
  const served = boxes.served
  const turns = chance.pick([1, 10, 100])
  for (let i = chance.below(40); i > 0 && served.length > 0 && !isOver(); i--) {
    const [place, value] = [
      placeIn(chance.pick(served), chance),
      chance.oneIn(4) ? chance.below(2 ** 32) : chance.pick(limits),
    ]
    // What an access brings stands there for a moment only.
    for (let times = chance.pick([1, 300]); times > 0; times--) boxes.put(place, value)
    for (let idle = chance.below(turns); idle > 0; idle--) await turn()
  }
}

/** Pipes to and from the program. */
class Parent {
  readonly pipes = ['asked', 'told'].map((name) => join(makeScratch().path, name))
  #lines: AsyncIterator<string> | undefined

  async make(): Promise<void> {
    await execa('mkfifo', this.pipes)
    this.#lines = createInterface(createReadStream(this.pipes[1] ?? ''))[Symbol.asyncIterator]()
  }

  /** Has a child make so many accesses, and something be done meanwhile; gives how the child has ended. */
  async ask(count: number, meanwhile?: (isOver: () => boolean) => Promise<void>): Promise<number> {
    await writeFile(this.pipes[0] ?? '', `${count}\n`)
    let isOver = false
    const first = await this.#next()
    if (first !== 'begun') return Number(first)
    const last = this.#next().finally(() => (isOver = true))
    await meanwhile?.(() => isOver)
    return Number(await last)
  }

  async #next(): Promise<string> {
    const { value } = (await this.#lines?.next()) as IteratorResult<string, undefined>
    return value ?? 'nothing'
  }

  async end(): Promise<void> {
    await writeFile(this.pipes[0] ?? '', '')
  }
}

it('whoever writes over mailboxes hurts nothing but accesses', { timeout: fuzzTimeoutMs }, async () => {
  const scratch = makeScratch()
  const [config, parent] = [scratch.write('c.json', configOf('axil_ram')), new Parent()]
  await parent.make()
  const program = ['python3', join(import.meta.dirname, 'tools/lanes.py'), 'children', ...parent.pipes]
  const flags = ['--config', config, '--lane', 'shm', '--seed', '7']
  const byGrpc = 'what says whose the mailboxes are is written over, too'
  const run = startTrapline(scratch, ['run', ...flags, '--', ...program], { byGrpc, longestMs: fuzzTimeoutMs })
  expect(await parent.ask(10)).toBe(0)
  const boxes = new Boxes(run.temporary)
  await fuzz(10, async (chance) => {
    const meanwhile = (isOver: () => boolean) => writeOver(boxes, chance, isOver)
    expect(honestEnds).toContain(await parent.ask(1000, meanwhile))
    boxes.mend()
    expect(await parent.ask(50)).toBe(0)
  })
  boxes.close()
  await parent.end()
  const { status, sentences } = await run.ended
  expect([0, 125]).toContain(status)
  expect(sentences.filter((sentence) => /internal error|killed by|ended with/.test(sentence))).toEqual([])
})
