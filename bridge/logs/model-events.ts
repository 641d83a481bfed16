/**
 * What models write of themselves beside the accesses (hdl/sim/event_log.h): interrupts, and bursts of the RTL's own
 * ports.
 */
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openForeign } from '../ground/foreign-files.js'

export type ModelEvent =
  | { kind: 'interrupt'; line: string; level: boolean; timePs: bigint }
  | {
      kind: 'burst'
      port: string
      op: 'read' | 'write'
      address: string
      bytes: number
      beginPs: bigint
      endPs: bigint
    }

/** File by file; a last line that is torn, since its model was killed, is left out. */
export async function* readModelEvents(files: string[]): AsyncGenerator<ModelEvent> {
  for (const file of files.filter((name) => existsSync(name)))
    for await (const line of createInterface({ input: createReadStream(file, { fd: openForeign(file) }) }))
      if (line.endsWith('}')) yield JSON.parse(line, reviveTime) as ModelEvent
}

function reviveTime(key: string, value: unknown): unknown {
  return key.endsWith('Ps') ? BigInt(value as string) : value
}
