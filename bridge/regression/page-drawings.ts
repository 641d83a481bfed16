/** Drawings of the page, as SVG: when a test made its accesses, and how long they took. */
import type { LogEntry } from '../logs/log-record.js'
import { escapeHtml as escape } from './page-text.js'

const width = 1000
const rowHeight = 18
const labelWidth = 130

/** A row per device; a bar per access, from its first to its last handshake. The failing one is marked. */
export function toTimeline(accesses: LogEntry[], failing: bigint): string {
  const devices = [...new Set(accesses.map(({ device }) => device ?? 'physical'))]
  const begin = beginOf(accesses[0])
  const span = Number(endOf(accesses.at(-1)) - begin) || 1
  const toX = (at: bigint) => labelWidth + (Number(at - begin) / span) * (width - labelWidth - 4)
  const bars = accesses.map((record) => {
    const isFailing = record.seq === failing
    const [x, end] = [toX(beginOf(record)), toX(endOf(record))]
    const y = devices.indexOf(record.device ?? 'physical') * rowHeight + (isFailing ? 0 : 3)
    const kind = isFailing ? 'mark' : record.operation.replace('stream-', '')
    return (
      `<rect class="${kind}" x="${x.toFixed(1)}" y="${y}" ` +
      `width="${Math.max(isFailing ? 3 : 1, end - x).toFixed(1)}" height="${rowHeight - (isFailing ? 2 : 8)}"/>`
    )
  })
  const labels = devices.map((name, i) => `<text x="0" y="${i * rowHeight + 12}">${escape(name)}</text>`)
  return toSvg('when the accesses were made', devices.length * rowHeight, [...labels, ...bars])
}

/** How many accesses took how many cycles, in powers of two. */
export function toHistogram(accesses: LogEntry[]): string {
  const counts: number[] = []
  for (const { cycles } of accesses) {
    if (!cycles) continue
    const bin = (cycles.end - cycles.start).toString(2).length
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  const first = counts.findIndex((count) => count > 0)
  if (first < 0) return ''
  const most = Math.max(...counts.filter(Boolean))
  const rows = Array.from(counts.slice(first), (count = 0, i) => {
    const length = (count / most) * (width - labelWidth - 80)
    const y = i * rowHeight
    return (
      `<text x="0" y="${y + 12}">under ${2 ** (first + i)} cycles</text><rect class="bar" x="${labelWidth}" ` +
      `y="${y + 3}" width="${length.toFixed(1)}" height="${rowHeight - 8}"/><text ` +
      `x="${labelWidth + length + 6}" y="${y + 12}">${count}</text>`
    )
  })
  return (
    `<figure>${toSvg('how long the accesses took', rows.length * rowHeight, rows)}<figcaption>cycles an ` +
    `access took</figcaption></figure>`
  )
}

function toSvg(label: string, height: number, parts: string[]): string {
  const svg = `<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}">${parts.join('')}</svg>`
  return `<div class="wide" tabindex="0" role="group" aria-label="${label}">${svg}</div>`
}

/** In cycles, or in picoseconds where the log has no cycles. */
function beginOf(record: LogEntry | undefined): bigint {
  return record?.cycles?.start ?? record?.timePs ?? 0n
}

function endOf(record: LogEntry | undefined): bigint {
  return record?.cycles?.end ?? record?.timePs ?? 0n
}
