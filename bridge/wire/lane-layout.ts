/** Where things stand in a file of mailboxes, as proto/trapline/v1/lane.h says it to agents and models. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { protoDirectory } from '../ground/paths.js'

const names = [
  ...(['VERSION', 'SLOTS', 'HEAD_BYTES', 'SLOT_BYTES', 'ANSWER_AT'] as const),
  ...(['CLOSED_AT', 'READS_AT', 'WRITES_AT', 'POLLS_AT', 'POLL_CYCLES_AT', 'ANSWER_DATA_AT'] as const),
]
type Name = (typeof names)[number]

let known: Readonly<Record<Name, number>> | undefined

/** Read at its first need: most runs have no mailboxes. */
export function laneLayout(): Readonly<Record<Name, number>> {
  return (known ??= readLayout(readFileSync(join(protoDirectory, 'trapline/v1/lane.h'), 'utf8')))
}

function readLayout(text: string): Record<Name, number> {
  const entries = names.map((name) => {
    const [, number] = new RegExp(`^#define LANE_${name} (\\d+)u?$`, 'm').exec(text) ?? []
    if (number === undefined) throw new Error(`lane.h does not say LANE_${name}`)
    return [name, Number(number)]
  })
  return Object.fromEntries(entries) as Record<Name, number>
}
