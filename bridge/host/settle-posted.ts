/** What programs had posted when they ended is carried out, however long their models take for that. */
import type { Session } from '../access/session.js'
import type { Sessions } from '../access/sessions.js'
import { endsWithin } from '../ground/patience.js'
import type { ModelPool } from '../model/model-pool.js'
import { noticeMs } from './bus-failure.js'

export interface Settling {
  sessions: Pick<Sessions, 'drain' | 'isPosting'>
  models: Pick<ModelPool, 'running'>
  /** Those whose programs have ended; absent: all. */
  isMeant?(session: Session): boolean
  /** Whether they have been waited for long enough. */
  isGivenUp(): boolean
}

/** Whatever else is left of them is over in a moment. */
export async function settlePosted({ sessions, models, isMeant, isGivenUp }: Settling): Promise<void> {
  const drained = sessions.drain(isMeant)
  const families = models.running.flatMap(({ family }) => family)
  while (!(await endsWithin(drained, noticeMs, families, isGivenUp)) && sessions.isPosting(isMeant));
}
