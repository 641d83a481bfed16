/**
 * The end of a worker from outside: by a signal, or because vitest itself is gone. Then no compiler is started any
 * more, those that run are ended, and the worker follows within half a second, whatever its tests are at.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Interrupted } from '../ground/interruption.js'

/** For what gives up; hosts, models and files then go away as with any bridge that ends. */
const patienceMs = 400

class WorkerEnd {
  readonly controller = new AbortController()
  /** What has something to put away. */
  readonly busy = new Set<Promise<unknown>>()

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void this.#end(signal))
    // vitest ends its workers by SIGTERM; a connection that breaks was vitest's own end.
    process.on('disconnect', () => void this.#end('SIGTERM'))
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.controller.abort(new Interrupted(signal))
    if (this.busy.size > 0) await Promise.race([Promise.allSettled(this.busy), delay(patienceMs)])
    // As if nobody had listened: vitest does not let a worker call process.exit.
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  }
}

/** One per process, however often this module is loaded. */
const key = Symbol.for('trapline.worker-end')
const known = process as unknown as Record<typeof key, WorkerEnd | undefined>

function theEnd(): WorkerEnd {
  return (known[key] ??= new WorkerEnd())
}

/** Aborts when the worker is to end. From the first call on signals no longer end it by themselves. */
export function workerEnd(): AbortSignal {
  return theEnd().controller.signal
}

/** Work that a worker that is to end may finish, if that does not take long. */
export async function beforeWorkerEnds<T>(work: Promise<T>): Promise<T> {
  const { busy } = theEnd()
  busy.add(work)
  try {
    return await work
  } finally {
    busy.delete(work)
  }
}
