/** What the software of a regression has touched of registers, and what never, on its page. */
import { isWithin, toAll, type CoverageCount, type RegisterCoverage } from '../registers/coverage.js'
import { escapeHtml as escape } from './page-text.js'

const mostNames = 200

export function toRegisterCoverage(devices: RegisterCoverage[]): string {
  if (devices.length === 0) return ''
  const heads = ['device', 'registers', 'fields', 'named values'].map((title) => `<th scope="col">${title}</th>`)
  return `<section id="registers"><h2>Registers that the software touched</h2>
<div class="wide" tabindex="0" role="group" aria-label="registers by device"><table>
<thead><tr>${heads.join('')}</tr></thead>
<tbody>${devices.map(toRow).join('')}</tbody></table></div>${devices.map(toUntouched).join('')}</section>`
}

function toRow({ device, registers, fields, values }: RegisterCoverage): string {
  const cells = [registers, fields, values].map((count) => `<td>${toShare(count)}</td>`)
  return `<tr><td>${escape(device)}</td>${cells.join('')}</tr>`
}

/** `12 of 16 (75 %)` */
function toShare(count: CoverageCount): string {
  const [touched, all] = [count.touched.length, toAll(count)]
  return all === 0 ? '–' : `${touched} of ${all} (${Math.floor((100 * touched) / all)} %)`
}

function toUntouched({ device, registers, fields, values, constant }: RegisterCoverage): string {
  const lists: [string, string[]][] = [
    ['registers', registers.untouched],
    ['fields', fields.untouched.filter((name) => !isWithin(name, registers.untouched))],
    ['values', values.untouched],
    ['fields of one value only', constant],
  ]
  const parts = lists.flatMap(([title, names]) =>
    names.length > 0 ? [`<dt>${title}</dt><dd>${escape(toSome(names))}</dd>`] : [],
  )
  if (parts.length === 0) return ''
  return `<details><summary>never touched in ${escape(device)}</summary><dl>${parts.join('')}</dl></details>`
}

function toSome(names: string[]): string {
  const more = names.length - mostNames
  return names.slice(0, mostNames).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
