/** Registers as a file of our own format has them: `description.ts` is the format, docs/registers.md its page. */
import { toMessage, TraplineError } from '../ground/errors.js'
import { lineOf, placesOf } from './json-places.js'

/** What the file says, not looked over yet, with the place of each entry of its lists. */
export function readJson(file: string, text: string): unknown {
  const input = parse(file, text)
  return placed(input, [], { file, places: placesOf(text) })
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const [, position] = /position (\d+)/.exec(toMessage(error)) ?? []
    const before = position === undefined ? text : text.slice(0, Number(position))
    const problem = toMessage(error).replace(/ \(line \d+ column \d+\)$/, '')
    throw new TraplineError('config', `${file}:${before.split('\n').length}: it is no JSON: ${problem}`, {
      cause: error,
    })
  }
}

interface JsonPlaces {
  file: string
  places: Map<string, number>
}

/** One that says that it came from elsewhere keeps that. */
function placed(value: unknown, path: (string | number)[], about: JsonPlaces): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one, i) => placed(one, [...path, i], about))
  const inner = Object.entries(value).map(([key, one]) => [key, placed(one, [...path, key], about)])
  const isEntry = typeof path.at(-1) === 'number'
  const at = isEntry ? { at: `${about.file}:${lineOf(about.places, path)}` } : {}
  return { ...at, ...Object.fromEntries(inner) }
}
