/** Where things stand in the file of accesses to real devices, as proto/trapline/v1/ring.h says it to agents. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { protoDirectory } from '../ground/paths.js'
import { readNumbers } from './lane-layout.js'

const names = [
  ...(['VERSION', 'RECORDS', 'HEAD_BYTES', 'RECORD_BYTES', 'TAKEN_AT', 'HOLDER_AT', 'BEGUN_AT'] as const),
  ...(['WAITS_AT', 'WAITS', 'ENDS'] as const),
  ...(['WALL_AT', 'PC_AT', 'OFFSET_AT', 'SESSION_AT', 'DEVICE_AT', 'THREAD_AT', 'STACK_AT'] as const),
  ...(['COUNT_AT', 'WIDTH_AT', 'OPERATION_AT', 'DATA_AT', 'ADDRESS_AT', 'LENGTH_AT'] as const),
  ...(['MAP', 'UNMAP', 'INTERRUPT', 'INTERRUPT_CONTROL'] as const),
]

export type RingLayout = Readonly<Record<(typeof names)[number], number>>

export function readRingLayout(): RingLayout {
  return readNumbers(readFileSync(join(protoDirectory, 'trapline/v1/ring.h'), 'utf8'), 'RING', names)
}
