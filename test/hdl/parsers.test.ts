/**
 * A model on a link that brings what no bridge sends: it answers, refuses, or ends with a sentence; it never crashes or
 * hangs. Each case has a fork of a model that was built with the sanitizers, and then a good bridge has one.
 */
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodeAccess, frameAccess, frameRequest } from '../../bridge/wire/wire.js'
import { makeCheckpoint, type Checkpoint } from '../../bridge/model/checkpoint.js'
import { launchModel } from '../../bridge/model/launch-model.js'
import type { RunningModel } from '../../bridge/model/running-model.js'
import { messages } from '../../bridge/wire/protobuf.js'
import { nothingRecorded } from '../../bridge/run/recording.js'
import { Chance, disorder, fuzz, fuzzTimeoutMs, spoil } from '../support/fuzz.js'
import { useSanitizers } from '../support/sanitizers.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { buildCore } from './run-model.js'

const scratch = openScratch()
const words: string[] = []
const replyType = messages.lookupType('trapline.v1.ModelReply')

let checkpoint: Checkpoint
beforeAll(async () => {
  useSanitizers()
  const built = await buildCore('axi_dma')
  const model: RunningModel = await launchModel({
    name: 'core',
    executable: built.executable,
    workingDirectory: scratch.path,
    runDirectory: scratch.path,
    ports: built.ports.map(({ name }) => name),
    managers: built.managers,
    streams: [],
    interrupts: built.interrupts,
    memories: [],
    seed: 1,
    maxCycles: 1000,
    minCyclesPerAccess: 0,
    stall: {},
    resetCycles: 16,
    furtherClocks: [],
    periodPs: 10_000,
    recording: nothingRecorded,
    onOutput: (line) => words.push(line),
  })
  checkpoint = await makeCheckpoint(model, scratch.path)
}, fuzzTimeoutMs)
afterAll(async () => {
  await checkpoint.close()
  removeScratch(scratch)
})

const memory = 0x1000_0000
let lastId = 0

function toAccess(chance: Chance): Buffer {
  const isWrite = chance.oneIn(2)
  const widthBytes = chance.pick([1, 4, 8, 64, 4096])
  const offset = BigInt(chance.pick([0, 4, 8, 0x18, 0x20, 0x28, 0xff0, 0x1000]))
  const data = isWrite ? Buffer.alloc(widthBytes, chance.below(4)) : Buffer.alloc(0)
  const rest = { hold: chance.oneIn(4), byteEnables: chance.oneIn(4) ? 5n : 0n, tid: 3, pc: 4n }
  const access = {
    seq: 1n,
    device: 1,
    operation: isWrite ? 'write' : 'read',
    offset,
    widthBytes,
    data,
    ...rest,
  } as const
  return frameAccess(++lastId, 1, encodeAccess(access))
}

/** What a bridge sends to a model, but for what names files. */
const requests = [
  { openSession: { session: 1, pid: 7, devices: [{ handle: 1, name: 'dut', port: 0, address: 0, size: 0x1000 }] } },
  { mapMemory: { address: memory, size: 0x2000, path: '', writable: true } },
  { run: { cycles: 2000, untilInterrupt: true } },
  { advance: { cycles: 100 } },
  { statistics: {} },
  { reset: { cycles: 3 } },
  { trace: { on: true } },
  { unmapMemory: { address: memory } },
  { dmaAnswer: { data: Buffer.alloc(64) } },
  { openSession: { session: 2, pid: 7, devices: [{ handle: 9, name: 'none', port: 7 }] } },
  { closeSession: { session: 2 } },
]

function toTraffic(chance: Chance): Buffer[] {
  const accesses = Array.from({ length: chance.below(8) }, () => toAccess(chance))
  const [first = Buffer.alloc(0), ...rest] = requests.map((request) => frameRequest({ id: ++lastId, ...request }))
  const ordered = [first, ...accesses, ...rest]
  return chance.oneIn(2) ? disorder(disorder(ordered, chance), chance) : ordered
}

/** A fork on a link of its own. Resolves with what it said when it is gone; `pieces` end with the end of the link. */
async function talk(pieces: Buffer[]): Promise<Buffer> {
  const link = connect(join(scratch.path, 'core.forks'))
  const said: Buffer[] = []
  link.on('error', () => undefined).on('data', (bytes: Buffer) => said.push(bytes))
  for (const piece of pieces) link.write(piece)
  link.end()
  await new Promise((resolve) => link.once('close', resolve))
  return Buffer.concat(said)
}

function parseReplies(bytes: Buffer): Record<string, object>[] {
  if (bytes.length < 4) return []
  const end = 4 + bytes.readUInt32LE(0)
  const reply = replyType.toObject(replyType.decode(bytes.subarray(4, end)), { enums: String, oneofs: true })
  return [reply, ...parseReplies(bytes.subarray(end))]
}

/** No length that a frame can have: the model ends with a sentence, after everything that others have printed. */
const lastWords = Buffer.from('ffffffff', 'hex')
const farewell = 'trapline model: the link carried a message of 4294967295 bytes; 65536 is the limit'

it('stands whatever comes over its link', { timeout: fuzzTimeoutMs }, async () => {
  await fuzz(80, async (chance) => {
    const traffic = toTraffic(chance)
    const spoiled = new Set([chance.below(traffic.length), chance.below(traffic.length)])
    await talk(traffic.map((frame, i) => (spoiled.has(i) ? spoil(frame, chance) : frame)))
    const count = words.filter((line) => line === farewell).length

    const [open, , , , statistics] = requests.map((request) => frameRequest({ id: ++lastId, ...request }))
    const replies = parseReplies(await talk([open as Buffer, statistics as Buffer, lastWords]))
    expect(replies.map(({ body }) => body)).toEqual(['hello', 'done', 'statistics'])
    await expect.poll(() => words.filter((line) => line === farewell).length).toBeGreaterThan(count)
    expect(words.splice(0).filter((line) => !line.startsWith('trapline model: '))).toEqual([])
  })
})
