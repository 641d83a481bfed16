/** Numbers and tables as people read them. */
import { toVisible } from './visible.js'

const timeUnits: [string, number][] = [
  ['s', 1e12],
  ['ms', 1e9],
  ['us', 1e6],
  ['ns', 1e3],
]

/** Picoseconds with the unit that fits: `1.25 us`. */
export function toTime(ps: bigint | number): string {
  const value = Number(ps)
  const [unit, size] = timeUnits.find(([, scale]) => value >= scale) ?? ['ps', 1]
  return `${Number((value / size).toPrecision(6))} ${unit}`
}

/** `1 access`, `2 accesses` */
export function toCount(count: number | bigint, singular: string, plural: string): string {
  return `${count} ${BigInt(count) === 1n ? singular : plural}`
}

/** Columns as wide as their widest cell; the last one is left as it is. */
export function toTable(cells: string[][]): string {
  const rows = cells.map((row) => row.map(toVisible))
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) => row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell)).join('  '))
    .join('\n')
}
