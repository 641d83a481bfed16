/**
 * What a waveform opens with in Surfer: a file of its commands beside it, `F.sucl` of `F.fst` (its manual, "Commands").
 * Its state files belong to one version of it; the commands stay.
 */
import { isPlain, topScope, type LaidGroup } from './wave-groups.js'

/** @param fromPs where its cursor stands, if anywhere */
export function toCommandFile(groups: LaidGroup[], fromPs: bigint | undefined): string {
  const rows = groups.flatMap(({ title, signals }) => [
    { add: `divider_add ${title.replace(/\W/g, '_')}`, format: undefined },
    ...signals.filter(isPlain).map(({ name, isText }) => ({
      add: `variable_add ${topScope}${name}`,
      format: isText ? 'ASCII' : isText === false ? 'Unsigned' : undefined,
    })),
  ])
  const formats = rows.flatMap(({ format }, i) =>
    format ? [`item_focus ${toItem(i)}`, `item_set_format ${format}`] : [],
  )
  const cursor = fromPs === undefined ? [] : [`cursor_set ${fromPs}`]
  const lines = ['# Written by Trapline.', ...rows.map(({ add }) => add), ...formats, 'item_unfocus', ...cursor]
  return `${lines.join('\n')}\n`
}

/** What Surfer calls the item of a row: its number in hexadecimal, with letters from a to p as digits. */
function toItem(row: number): string {
  const digits = [...row.toString(16)].map((digit) => String.fromCharCode('a'.charCodeAt(0) + parseInt(digit, 16)))
  return digits.join('')
}
