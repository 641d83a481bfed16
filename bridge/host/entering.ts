/** Whether this machine lets the agent into programs where they begin (trap/enter/enter.c). */
import { spawnSync } from 'node:child_process'
import { enterProgram } from '../ground/paths.js'

let problem: string | undefined
let isKnown = false

/** Undefined if it does; else what it says. */
export function whyNoEntering(): string | undefined {
  if (!isKnown) problem = tryEntering()
  isKnown = true
  return problem
}

function tryEntering(): string | undefined {
  const { PATH, HOME } = process.env
  const { status, signal, stderr, error } = spawnSync(enterProgram, ['--check'], {
    env: { PATH, HOME },
    encoding: 'utf8',
  })
  if (status === 0) return undefined
  return (
    stderr
      ?.trim()
      .split('\n')[0]
      ?.replace(/^trapline: /, '') ||
    (error?.message ?? `it ends with ${signal ?? status}`)
  )
}
