/**
 * A model with mailboxes in which stands what no agent writes: requests that are none, answers, turns and the bell
 * written over while it runs, sessions that come and go. It never crashes, still answers its link, and what another
 * session asks by its mailbox is done as it was asked. Each case has a fork of a model built with the sanitizers.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeCheckpoint, type Checkpoint } from '../../bridge/model/checkpoint.js'
import { LaneFile } from '../../bridge/model/lanes.js'
import { launchModel } from '../../bridge/model/launch-model.js'
import { ModelLink } from '../../bridge/model/model-link.js'
import { nothingRecorded } from '../../bridge/run/recording.js'
import { laneLayout } from '../../bridge/wire/lane-layout.js'
import { Chance, fuzz, fuzzTimeoutMs } from '../support/fuzz.js'
import { useSanitizers } from '../support/sanitizers.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { buildCore } from './run-model.js'

const scratch = openScratch()
const words: string[] = []

let checkpoint: Checkpoint
beforeAll(async () => {
  useSanitizers()
  const built = await buildCore('axi_dma')
  const model = await launchModel({
    ...{ name: 'boxes', executable: built.executable, workingDirectory: scratch.path, runDirectory: scratch.path },
    ports: built.ports.map(({ name }) => name),
    managers: built.managers,
    interrupts: built.interrupts,
    ...{ streams: [], memories: [], seed: 1, maxCycles: 1000, minCyclesPerAccess: 0, stall: {}, resetCycles: 16 },
    ...{ furtherClocks: [], periodPs: 10_000, recording: nothingRecorded },
    onOutput: (line) => words.push(line),
  })
  checkpoint = await makeCheckpoint(model, scratch.path)
}, fuzzTimeoutMs)
afterAll(async () => {
  await checkpoint.close()
  removeScratch(scratch)
})

/** Offsets of all fields, as proto/trapline/v1/lane.h has them. */
const request = {
  ...{ turn: 0, isAsleep: 4, cpu: 8, device: 12, operation: 16, width: 20, tid: 24, isPosted: 28 },
  ...{ seq: 32, offset: 40, enables: 48, pc: 56, elements: 64, descending: 68, stack: 72, data: 76 },
}
const answer = {
  ...{ turn: 0, session: 4, cpu: 8, status: 12, dataBytes: 16, beats: 20, cycleStart: 24, cycleEnd: 32, timePs: 40 },
  ...{ reads: laneLayout().READS_AT, writes: laneLayout().WRITES_AT, polls: laneLayout().POLLS_AT },
  ...{ pollCycles: laneLayout().POLL_CYCLES_AT, done: 80, data: laneLayout().ANSWER_DATA_AT },
  detail: laneLayout().ANSWER_DATA_AT + 4096,
}
const head = { version: 0, isClosed: laneLayout().CLOSED_AT, bell: 64, isAsleep: 68 }
const write = 2
const read = 1

/** The file of mailboxes, as agents have it. */
class Boxes {
  readonly #file: number

  constructor(readonly path: string) {
    this.#file = openSync(path, 'r+')
  }

  put(at: number, value: number): void {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value >>> 0)
    writeSync(this.#file, bytes, 0, 4, at)
  }

  get(at: number): number {
    const bytes = Buffer.alloc(4)
    readSync(this.#file, bytes, 0, 4, at)
    return bytes.readUInt32LE(0)
  }

  close(): void {
    closeSync(this.#file)
  }
}

const boxAt = (slot: number) => laneLayout().HEAD_BYTES + slot * laneLayout().SLOT_BYTES
const answerAt = (slot: number) => boxAt(slot) + laneLayout().ANSWER_AT

const limits = [0, 1, 2, 3, 4, 5, 8, 0x10, 0x40, 0xfff, 0x1000, 0x1001, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

/** What a program gone wild may write: into the head, its own mailbox, one that nobody has. */
function scribble(boxes: Boxes, chance: Chance): void {
  const slot = chance.pick([0, 0, 0, 9])
  const ofRequest = () => boxAt(slot) + chance.pick([...Object.values(request), 4 * chance.below(1040)])
  const ofAnswer = () => answerAt(slot) + chance.pick([...Object.values(answer), 4 * chance.below(1180)])
  const ofHead = () => chance.pick(Object.values(head))
  const places = chance.pick([ofRequest, ofRequest, ofRequest, ofAnswer, ofHead])
  boxes.put(places(), chance.oneIn(4) ? chance.below(2 ** 32) : chance.pick(limits))
  // What makes the model take it.
  if (chance.oneIn(4)) boxes.put(boxAt(slot), boxes.get(boxAt(slot)) + 1)
  if (chance.oneIn(4)) boxes.put(head.bell, boxes.get(head.bell) + 1)
}

interface Asked {
  operation: number
  offset: number
  value?: number
}

/** By the mailbox of the good session, beside whatever else goes on. The link makes the model look. */
async function ask(boxes: Boxes, link: ModelLink, { operation, offset, value = 0 }: Asked): Promise<number> {
  const [own, due] = [boxAt(1), boxes.get(boxAt(1)) + 1]
  const fields = { device: 1, operation, width: 4, seq: due, offset, enables: 0, elements: 0, data: value }
  for (const [name, field] of Object.entries(fields)) boxes.put(own + request[name as keyof typeof request], field)
  boxes.put(own, due)
  while (boxes.get(answerAt(1)) !== due) {
    boxes.put(head.bell, boxes.get(head.bell) + 1)
    await link.call({ statistics: {} }, 'statistics')
    await turn()
  }
  expect(boxes.get(answerAt(1) + answer.status)).toBe(1)
  return boxes.get(answerAt(1) + answer.data)
}

interface Talk {
  boxes: Boxes
  link: ModelLink
  chance: Chance
}

/** COUNT, FAULT and holes are the wild one's, HEAD the good one's. */
async function openSession({ boxes, link }: Talk, session: number, slot: number, observeAll = false): Promise<void> {
  const place = slot === 0 ? { address: 0x10, size: 0x100 } : { address: 8, size: 8 }
  const devices = [{ handle: 1, name: 'dut', port: 0, ...place }]
  await link.call({ openSession: { session, pid: 7, devices, lane: { path: boxes.path, slot, observeAll } } }, 'done')
}

async function goWild(talk: Talk): Promise<void> {
  const { boxes, link, chance } = talk
  await openSession(talk, 2, 1)
  let wild = 10
  await openSession(talk, wild, 0, chance.oneIn(2))
  for (let round = 0; round < 6; round++) {
    const run = link.call({ run: { cycles: chance.pick([0, 50, 5000]), untilInterrupt: true } }, 'done')
    for (let i = chance.below(60); i > 0; i--) scribble(boxes, chance)
    const value = chance.below(2 ** 32)
    await ask(boxes, link, { operation: write, offset: 0, value })
    for (let i = chance.below(20); i > 0; i--) scribble(boxes, chance)
    expect(await ask(boxes, link, { operation: read, offset: 0 })).toBe(value)
    await run
    if (!chance.oneIn(3)) continue
    await link.call({ closeSession: { session: wild } }, 'done')
    await openSession(talk, ++wild, 0, chance.oneIn(2))
  }
}

async function openLink(socket: Socket): Promise<{ link: ModelLink; closed: Promise<string | undefined> }> {
  const ignore = () => undefined
  return await new Promise((resolve) => {
    const closed = new Promise<string | undefined>((end) => {
      const events = { onProgress: ignore, onFault: ignore, onInterrupt: ignore, onOwnFailure: ignore, onClose: end }
      const link: ModelLink = new ModelLink('boxes', socket, {
        ...events,
        onHello: () => setImmediate(() => resolve({ link, closed })),
        onDmaRequest: async ({ size }) => Buffer.alloc(size),
      })
    })
  })
}

let files = 0

it('a model stands whatever is written into its mailboxes', { timeout: fuzzTimeoutMs }, async () => {
  await fuzz(15, async (chance) => {
    const lane = new LaneFile(scratch.path, `${++files}.lane`)
    const boxes = new Boxes(lane.path)
    const { link, closed } = await openLink(connect(join(scratch.path, 'boxes.forks')))
    await goWild({ boxes, link, chance })
    const bad = { session: 99, pid: 7, devices: [], lane: { path: lane.path, slot: laneLayout().SLOTS } }
    await expect(link.call({ openSession: bad }, 'done')).rejects.toThrow('there is no mailbox 1024')
    await link.call({ openSession: { ...bad, lane: undefined } }, 'done')
    await link.call({ stop: {} }, 'done')
    expect(await closed).toBeUndefined()
    boxes.close()
    lane.dispose()
    expect(words.splice(0)).toEqual([])
  })
})
