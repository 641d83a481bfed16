/**
 * A second model of RTL that runs beside a model in lockstep: it gets every access of that model, in the order of its
 * bus, and as much time as has passed there. Its answers go to nobody but the comparison.
 */
import type { ModelPool } from '../model/model-pool.js'
import type { RunningModel } from '../model/running-model.js'
import type { Completion } from '../wire/access.js'
import { decodeCompletion } from '../wire/wire.js'

/** Whose accesses a twin gets: it makes itself known to the twin as to any model. */
export interface TwinSession {
  readonly id: number
  /** The twin, once it knows this session, with the devices of the model that it runs beside. */
  openTwin(name: string): Promise<RunningModel>
}

/** As hdl/sim/model.cc takes them at once. */
const mostAdvanced = 0xffff_ffffn

export class ModelTwin {
  /** The cycle in which the last access of the model has ended. */
  #ended = 0n
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    /** The model beside which it runs. */
    readonly model: string,
    /** Its own name. */
    readonly name: string,
    private readonly models: Pick<ModelPool, 'start'>,
  ) {}

  /** Rejects with a sentence if it can't answer. */
  answer(session: TwinSession, access: Buffer, { cycleStart, cycleEnd }: Completion): Promise<Completion> {
    return this.#inTurn(async () => {
      const twin = await session.openTwin(this.name)
      await this.#pass(twin, cycleStart - this.#ended)
      this.#ended = cycleEnd
      return ask(twin, session, access)
    })
  }

  /** The model has been reset; so is its twin, in the order of their accesses. */
  reset(): void {
    const done = this.#inTurn(async () => {
      const twin = await this.models.start(this.name)
      await twin.link.call({ reset: { cycles: 0 } }, 'done')
    })
    // Whoever asks it next hears of it.
    done.catch(() => undefined)
  }

  /** What has passed between two accesses there passes here, too; the accesses themselves take what they take. */
  async #pass(twin: RunningModel, idle: bigint): Promise<void> {
    for (let left = idle; left > 0n; left -= mostAdvanced) {
      const cycles = left < mostAdvanced ? left : mostAdvanced
      await twin.link.call({ advance: { cycles } }, 'done')
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}

/** The same of a model that is asked for itself. Rejects with a sentence if it can't answer. */
export async function askTwin(session: TwinSession, name: string, access: Buffer): Promise<Completion> {
  return ask(await session.openTwin(name), session, access)
}

async function ask(twin: RunningModel, session: TwinSession, access: Buffer): Promise<Completion> {
  const bytes = await new Promise<Buffer | undefined>((resolve) =>
    twin.link.sendAccess(session.id, access, { complete: resolve }),
  )
  if (!bytes) throw new Error((await twin.ended).cause ?? `model ${twin.name} went away`)
  return decodeCompletion(bytes)
}
