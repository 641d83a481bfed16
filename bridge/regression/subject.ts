/** What a test was about: which programs came to devices, and which models ran. */
import { basename } from 'node:path'
import type { Bridge } from '../assembly/bridge.js'
import type { Result } from './result.js'

export type Subject = Pick<Result, 'programs' | 'models'>

/** Each once, in the order in which they came. */
export function toSubject(bridges: Bridge[]): Subject {
  const programs = bridges.flatMap(({ sessions }) => [...sessions.programs].map((path) => basename(path)))
  const models = bridges.flatMap((bridge) => bridge.models.history.map(({ name }) => name))
  return { programs: [...new Set(programs)], models: [...new Set(models)] }
}
