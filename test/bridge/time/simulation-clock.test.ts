import { expect, it } from 'vitest'
import type { RunningModel } from '../../../bridge/model/running-model.js'
import { SimulationClock } from '../../../bridge/time/simulation-clock.js'
import type { ThreadsAtWork, Worker } from '../../../bridge/time/threads-at-work.js'

const periodPs = 1_000n
const msPs = 1_000_000_000n
const host: Worker = { pid: 1, tid: '1', exe: '', isLocal: true }

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A model that needs so many turns of the event loop for each answer. */
function slowModel(delay: () => number): RunningModel {
  let timePs = 0n
  const call = async (request: { run?: { cycles: bigint } }) => {
    await turns(delay())
    timePs += (request.run?.cycles ?? 0n) * periodPs
    return { statistics: { timePs }, done: { timePs } }
  }
  return { link: { call } } as unknown as RunningModel
}

/** A host whose one thread works whenever it is not told to wait for an answer. */
class Host {
  isWaiting = false
  readonly work = {
    find: () => (this.isWaiting ? undefined : host),
    noteWait: () => undefined,
    noteProgress: () => undefined,
  } as unknown as ThreadsAtWork

  async waitFor<T>(answer: Promise<T>): Promise<T> {
    this.isWaiting = true
    const result = await answer
    // The answer goes through a socket.
    await turns(1)
    this.isWaiting = false
    return result
  }
}

it.each([...Array(24).keys()])(
  'who has asked for the time works from its answer on, however long that takes: %i turns',
  async (delay) => {
    const program = new Host()
    let answersIn = 0
    const model = slowModel(() => answersIn)
    const clock = new SimulationClock({
      models: () => [model],
      work: program.work,
      accesses: () => 0,
      isAccessing: () => false,
      processes: () => [host],
      periodPsOf: () => periodPs,
      maxSleepCycles: undefined,
      log: { info() {}, warn() {} } as never,
      mayWaitOn: () => true,
    })
    const never = new AbortController().signal
    const sleep = { pid: 1, tid: '1', untilInterrupt: false, endsOtherwise: true }
    await clock.setTimers({ pid: 1, nextPs: 3n * msPs, realNs: 0n })
    void clock.untilTimer({ pid: 1, tid: '2' }, never)
    await turns(delay % 5)
    answersIn = delay
    const { timePs: asked } = await program.waitFor(clock.pass({ ...sleep, durationNs: 0n }, never))
    answersIn = 0
    // The program computes its deadline now.
    await turns(3)
    const { timePs: woken } = await program.waitFor(clock.pass({ ...sleep, durationNs: 5_000_000n }, never))
    expect([asked, woken]).toEqual([0n, 5n * msPs])
  },
)
