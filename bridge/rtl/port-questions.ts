/** Sentences that find-ports and find-buses have in common. */
import { TraplineError } from '../errors.js'

const flagByRole = { clock: '--clock', reset: '--reset', port: '--port' }

export function ambiguous(role: keyof typeof flagByRole, top: string, candidates: string[]): TraplineError {
  const key = role === 'port' ? 'ports' : role
  const names = `${candidates.slice(0, -1).join(', ')} and ${candidates.at(-1) ?? ''}`
  return new TraplineError(
    'config',
    `${names} of ${top} can each be the ${role}; say which with ${flagByRole[role]} or the key "${key}"`,
  )
}

export function list(what: string, names: string[]): string {
  return names.length > 0 ? `${what}: ${names.join(', ')}` : `it has no ${what}`
}
