/** Trapline's own version, and the one of the protocols that it speaks. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageDirectory } from './paths.js'

export const version = (JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string })
  .version

/** The version of `AgentService` and of the model link; both peers refuse another one. */
export const protocolVersion = 1
