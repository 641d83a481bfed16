/** On which line of a JSON text each of its values begins: `JSON.parse` doesn't say. The text has been parsed. */

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/** One list or object that is open. */
interface Level {
  path: string
  /** Of a list, where its next value stands in it; of an object the name that the next value has. */
  next: number | string
}

/** Lines by path: names and indices, joined by `/`; the whole has the empty path. */
export function placesOf(text: string): Map<string, number> {
  const places = new Map<string, number>()
  const levels: Level[] = []
  let line = 1
  let end = 0
  let isName = false
  for (const { 0: word, index } of text.matchAll(token)) {
    for (; end < index; end++) if (text[end] === '\n') line++
    const level = levels.at(-1)
    if (word === ':') isName = false
    else if (word === ',') isName = nextIn(level)
    else if (word === '}' || word === ']') levels.pop()
    else if (isName && level) level.next = JSON.parse(word) as string
    else {
      const path = level ? [level.path, level.next].filter((step) => step !== '').join('/') : ''
      places.set(path, line)
      if (word === '{') levels.push({ path, next: '' })
      if (word === '[') levels.push({ path, next: 0 })
      isName = word === '{'
    }
  }
  return places
}

/** Goes on behind a comma; whether a name comes next. */
function nextIn(level: Level | undefined): boolean {
  if (typeof level?.next !== 'number') return true
  level.next++
  return false
}

/** The line of a value, or of what it would stand in. */
export function lineOf(places: Map<string, number>, path: readonly PropertyKey[]): number {
  const line = places.get(path.map(String).join('/'))
  return line ?? (path.length > 0 ? lineOf(places, path.slice(0, -1)) : 1)
}
