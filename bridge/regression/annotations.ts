/** Results as GitHub workflow commands: a runner shows each bad one at its file and line. */
import { isBad, type Result } from './result.js'

/** One line per bad result; empty for a green regression. */
export function toAnnotations(results: Result[]): string {
  return results.filter(isBad).map(toAnnotation).join('')
}

function toAnnotation({ suite, test, status, message = status, location, seed, repeat }: Result): string {
  const properties = {
    ...(location ? { file: location.file, line: location.line } : {}),
    title: `${suite}: ${test}`,
  }
  const present = Object.entries(properties).filter(([, value]) => value !== undefined)
  const text = present.map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(',')
  const lines = [message, ...(seed === undefined ? [] : [`seed ${seed}`]), ...(repeat ? [`repeat: ${repeat}`] : [])]
  return `::error ${text}::${escapeData(lines.join('\n'))}\n`
}

/** As `actions/toolkit` does it, `core/src/command.ts`. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
