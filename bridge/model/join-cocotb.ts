/**
 * Joins a simulation that runs already: a cocotb test listens on a socket, and the bridge is its guest. It ends as the
 * test does; we can't end it.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { TraplineError } from '../ground/errors.js'
import { peerPidOf } from '../ground/outlet.js'
import { problemOfSocketPath } from '../ground/socket-path.js'
import { modelFiles } from '../run/layout.js'
import type { BenchSettings } from './cocotb-settings.js'
import { superviseModel, type ModelSettings, type RunningModel } from './running-model.js'

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ECONNREFUSED: 'nobody listens there',
  EACCES: "it is another user's",
  ENOTSOCK: 'it is no socket',
}

export async function joinCocotb(settings: ModelSettings & BenchSettings, path: string): Promise<RunningModel> {
  const { name, runDirectory, recording } = settings
  const link = await open(name, path)
  const closed = new Promise<object>((resolve) =>
    link.once('close', () =>
      resolve({ sentence: `model ${name} ended: the cocotb test that --join leads to went away` }),
    ),
  )
  const { rawLog } = modelFiles(runDirectory, name, recording.launch)
  const process = { link, pid: peerPidOf(link), rawLog, exited: closed, kill: () => link.destroy() }
  const model = await superviseModel(settings, process)
  // It knows nothing of this run but what it is told here.
  if (recording.writesLog) await model.link.call({ becomeFork: { log: rawLog } }, 'done')
  return model
}

async function open(name: string, path: string): Promise<Socket> {
  const problem = problemOfSocketPath(path)
  if (problem !== undefined) throw new TraplineError('usage', `--join ${name}=SOCKET: ${problem}; choose a shorter one`)
  const link = connect(path)
  try {
    await once(link, 'connect')
    return link
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const reason = reasons[code] ?? code
    throw new TraplineError(
      'model',
      `--join ${name}=${path}: can't connect, ${reason}; the cocotb test must wait in \`await bridge.run(…)\` by then`,
      { cause: error },
    )
  }
}
