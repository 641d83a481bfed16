/** Where things stand in a file of mailboxes, as proto/trapline/v1/lane.h says it to agents and models. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { protoDirectory } from '../ground/paths.js'

const names = [
  ...(['VERSION', 'SLOTS', 'HEAD_BYTES', 'SLOT_BYTES', 'ANSWER_AT'] as const),
  ...(['CLOSED_AT', 'POSTED_AT', 'READS_AT', 'WRITES_AT', 'POLLS_AT', 'POLL_CYCLES_AT', 'ANSWER_DATA_AT'] as const),
]
type Name = (typeof names)[number]

let known: Readonly<Record<Name, number>> | undefined

/** Read at its first need: most runs have no mailboxes. */
export function laneLayout(): Readonly<Record<Name, number>> {
  return (known ??= readNumbers(readFileSync(join(protoDirectory, 'trapline/v1/lane.h'), 'utf8'), 'LANE', names))
}

/** What a header of C says of names that begin so. */
export function readNumbers<N extends string>(text: string, prefix: string, wanted: readonly N[]): Record<N, number> {
  const entries = wanted.map((name) => {
    const [, number] = new RegExp(`^#define ${prefix}_${name} (\\d+)u?$`, 'm').exec(text) ?? []
    if (number === undefined) throw new Error(`the header does not say ${prefix}_${name}`)
    return [name, Number(number)]
  })
  return Object.fromEntries(entries) as Record<N, number>
}
