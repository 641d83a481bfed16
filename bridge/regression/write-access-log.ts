/** The access log of a bridge that has stopped: every access, hosts' and its own, with functions and source lines. */
import { finishAccessLog } from '../logs/access-log.js'
import type { Bridge } from '../assembly/bridge.js'

export async function writeAccessLog(
  { sessions, symbolizer, models, memories }: Bridge,
  output: string,
): Promise<void> {
  await symbolizer.name(sessions.allSites())
  await finishAccessLog({
    rawLogs: models.history.map((model) => model.rawLog),
    output,
    devices: sessions.devices,
    memories,
    symbolOf: (session, pc) => symbolizer.lookup(sessions.siteOf(session, pc)),
  })
}
