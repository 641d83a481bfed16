import { joined as joinedParts } from '../../bridge/ground/joined.js'

/** One pattern, written on several lines. */
export function joined(...parts: RegExp[]): RegExp {
  return joinedParts(parts)
}
