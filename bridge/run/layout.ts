/**
 * What stands in a run directory, and by what one knows that its run goes on: every name in one place. The folder of a
 * bridge has all of it but `ledger` and `untrapped` of hosts that others launch; a launcher elsewhere has a folder of
 * its own with the same names, as links where it sees the bridge's folder, else as its own ends of what travels
 * (far-bridge.ts).
 *
 * | name | made by | known beside this file to |
 * |---|---|---|
 * | `bridge.sock` | the bridge, or the launcher's way through TLS | agents, by TRAPLINE_BRIDGE |
 * | `clock`, `uioN.FOLDER`, `streamN.FOLDER` | the bridge | agents, by the reply to Attach |
 * | `N.memory` | the bridge | agents, by the reply to Attach; models, by MapMemory |
 * | `lanes/N.lane` | the bridge, with `--lane shm` | agents, by the reply to Attach; models, by OpenSession |
 * | `root/` | the bridge: the files that hosts see below `/sys` | `trap/device/path.c` |
 * | `nodes/` | the bridge; filled by agents | `trap/device/node.c`, `trap/keeper/broker.c` |
 * | `ledger` | the launcher; all processes of a run have it mapped | `trap/ground/ledger.c`, `trap/interpose/reach.c` |
 * | `untrapped` | agents | `trap/interpose/untrapped.c` |
 * | `seen.PROOF` | the bridge, for a launcher that asks whether it sees this folder | |
 * | `MODEL.raw.jsonl`, `MODEL.events.jsonl`; `MODEL.2.raw.jsonl` of its second process | models | models, by `--log`,
 * `--events` and BecomeFork |
 * | `MODEL.output.log` | the bridge: what RTL prints | |
 * | `MODEL.forks`, `MODEL.print` | a checkpoint, and the bridge for a fork of it | models, by ServeForks and BecomeFork
 * |
 * | `MODEL.link` | the bridge, for a simulation under cocotb to connect to | it, by `MODEL.settings.json` |
 * | `MODEL.settings.json`, `MODEL.simulate.json` | the bridge | simulations, by TRAPLINE_MODEL; `trapline.simulate` |
 * | `MODEL.results.xml`, `MODEL.verdict.json` | cocotb, and `trapline.simulate` | |
 */
import { createHash } from 'node:crypto'
import { lstatSync, type Stats } from 'node:fs'
import { connect } from 'node:net'
import { basename, join } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { longestSocketPath, problemOfSocketPath } from '../ground/socket-path.js'

export const bridgeSocket = 'bridge.sock'
export const clockSocket = 'clock'
export const ledgerFile = 'ledger'
export const untrappedFile = 'untrapped'
/** Holds the files that hosts see below /sys. */
export const rootFolder = 'root'
/** Holds the files that the agents of all hosts open for devices and lock. */
export const nodesFolder = 'nodes'
/** Holds the mailboxes of models, by which hosts reach them past the bridge. */
export const lanesFolder = 'lanes'

/** Names that C sources know, too, and which; a test holds them to it. */
export const namesInTrap: Record<string, string[]> = {
  [ledgerFile]: ['trap/ground/ledger.c', 'trap/interpose/reach.c'],
  [untrappedFile]: ['trap/interpose/untrapped.c'],
  [rootFolder]: ['trap/device/path.c'],
  [nodesFolder]: ['trap/device/node.c', 'trap/keeper/broker.c'],
  [lanesFolder]: ['trap/lane/lane_shm.c'],
}

/** What a bridge elsewhere may not name as a socket or memory of its own. */
export const launcherNames = [bridgeSocket, ledgerFile, untrappedFile, rootFolder, nodesFolder, lanesFolder]

/** Unique to the run, for hosts know connections by it. */
export function uioSocket(runDirectory: string, index: number): string {
  return `uio${index}.${basename(runDirectory)}`
}

/** Likewise. */
export function streamSocket(runDirectory: string, handle: number): string {
  return `stream${handle}.${basename(runDirectory)}`
}

export function memoryFile(handle: number): string {
  return `${handle}.memory`
}

/** In the same folder: by it agents tell of accesses to real devices. */
export const ringFile = 'hardware.ring'

/** The raw access log of real devices, beside those of models. */
export const hardwareLog = 'hardware.ring.raw.jsonl'

/** Of the mailboxes of one process of a model. */
export function laneFile(index: number): string {
  return `${index}.lane`
}

/** The name of the file by which a launcher knows that it sees the bridge's folder. */
export function proofFile(proof: string): string {
  return `seen.${proof}`
}

/** Paths of what belongs to one model. Where it ended and was started again, what it wrote before stays. */
export function modelFiles(runDirectory: string, model: string, launch = 1) {
  const path = (ending: string) => join(runDirectory, `${model}.${ending}`)
  const number = launch > 1 ? `${launch}.` : ''
  return {
    rawLog: path(`${number}raw.jsonl`),
    events: path(`${number}events.jsonl`),
    output: path('output.log'),
    settings: path('settings.json'),
    simulate: path('simulate.json'),
    results: path('results.xml'),
    verdict: path('verdict.json'),
    get link() {
      return modelSocket(runDirectory, model, 'link')
    },
    get forks() {
      return modelSocket(runDirectory, model, 'forks')
    },
    get print() {
      return modelSocket(runDirectory, model, 'print')
    },
  }
}

/** What names of the folders begin with, in TMPDIR or beside the link that leads to one. */
const folderPrefix = 'trapline-'

/** For mkdtemp(3). */
export function folderTemplate(parent: string): string {
  return join(parent, folderPrefix)
}

export function isFolderName(name: string): boolean {
  return name.startsWith(folderPrefix) && name.length > folderPrefix.length && !name.includes('/')
}

/** Path of a socket in a run directory. Throws where it would be too long for one. */
export function socketIn(runDirectory: string, name: string): string {
  const path = join(runDirectory, name)
  const problem = problemOfSocketPath(path)
  if (problem !== undefined) throw new TraplineError('bridge', `${problem}; choose a shorter --run-dir, e.g. in /tmp`)
  return path
}

/** Names of models are as long as users like. */
function modelSocket(runDirectory: string, model: string, ending: string): string {
  const name = `${model}.${ending}`
  if (problemOfSocketPath(join(runDirectory, name)) === undefined) return join(runDirectory, name)
  return socketIn(runDirectory, `${createHash('sha256').update(model).digest('hex').slice(0, 16)}.${ending}`)
}

/** Refuses a parent in which not even the bridge's own socket would fit. */
export function checkParent(parent: string): void {
  socketIn(`${folderTemplate(parent)}XXXXXX`, bridgeSocket)
}

/** Longest path of a parent that leaves room for each socket of a run directory, bytes. */
export const longestParent = longestSocketPath - 2 * `/${folderPrefix}XXXXXX`.length - '/stream9999'.length

/** A bridge answers in it: whichever way hosts reach that bridge, the socket of its clock is there. */
export function isAnswered(runDirectory: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(join(runDirectory, clockSocket))
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** The folder of that path here is that of a bridge which made the proof for us, and is ours alone to write into. */
export function isSeenHere(runDirectory: string, proof: string): boolean {
  const look = (name: string) => lstatSync(join(runDirectory, name), { throwIfNoEntry: false })
  try {
    const isThere = (look(clockSocket)?.isSocket() ?? false) && (look(proofFile(proof))?.isFile() ?? false)
    return isThere && isOurs(lstatSync(runDirectory))
  } catch {
    return false
  }
}

/** A folder that nobody else could have filled. */
export function isOurs(found: Stats): boolean {
  return found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0
}

/** What every process of a run carries in its environment, and no other: the folder's name is random. */
export const runVariable = 'TRAPLINE_RUN_DIR'
