/** What of the RTL is left out is said when a model starts: once per process, for a test run starts it many times. */
import type { Log } from '../ground/log.js'
import type { BuiltModel } from '../verilate/build-model.js'

const said = new Set<string>()

export function sayLeftOut(log: Log, name: string, { leftOut }: Pick<BuiltModel, 'leftOut'>): void {
  const line = `${name}: ${leftOut.join('; ')}`
  if (leftOut.length > 0 && !said.has(line)) log.info(line)
  said.add(line)
}
