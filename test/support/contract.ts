/** Numbers that the contract says in words alone, for what RTL, golden models and others have to agree on. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.js'

/** How many cycles a model takes at once (model.proto). */
export function mostCycles(message: 'AdvanceModel' | 'ResetModel'): bigint {
  const text = readFileSync(join(root, 'proto/trapline/v1/model.proto'), 'utf8')
  const [, number] = new RegExp(`^message ${message} \\{\\n +uint64 cycles = 1; .*?(\\d{5,})`, 'm').exec(text) ?? []
  if (number === undefined) throw new Error(`model.proto says no number of cycles for ${message}`)
  return BigInt(number)
}
