/** The access log of a bridge that has stopped: every access, hosts' and its own, with functions and source lines. */
import { finishAccessLog } from '../logs/access-log.js'
import type { Written } from '../logs/until-hurried.js'
import type { Bridge } from '../assembly/bridge.js'

/** Once `hurry` has aborted, a long log is cut. */
export async function writeAccessLog(
  { sessions, codeBlame, models, memories, registers, hardware }: Bridge,
  output: string,
  hurry?: AbortSignal,
): Promise<Written> {
  await codeBlame.name(sessions.allSites())
  const logged = models.history.filter(({ name }) => !models.isTwin(name))
  return await finishAccessLog({
    rawLogs: [...logged.map((model) => model.rawLog), hardware?.rawLog ?? []].flat(),
    output,
    devices: sessions.devices,
    ...(hardware && { pciDevices: hardware.pciDevices }),
    memories,
    registers,
    blameOf: (session, access) => codeBlame.on(sessions.codeOf(session), access),
    hurry,
  })
}
