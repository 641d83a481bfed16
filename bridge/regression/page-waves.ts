/**
 * The excerpt of a waveform on the page, drawn as a waveform: levels, buses with their values, cycles and time, what
 * programs did, and the access that is to blame over all of it. Names stand still where the signals are scrolled.
 */
import { escapeHtml as escape } from './page-text.js'
import type { Excerpt, ExcerptSignal, Result } from './result.js'
import { isAsleep, isClock, isLevel, toStretches, type Stretch } from './wave-signals.js'

const rowHeight = 20
const axisHeight = 18
/** Of a character of the drawing's font. */
const characterPx = 6.7
const [leastCyclePx, mostCyclePx] = [26, 92]
/** Of what is left out. */
const cutPx = 120

export function toWaves({ waves }: Result): string {
  const { excerpt } = waves ?? {}
  if (!excerpt) return ''
  const groups = [...new Set(excerpt.signals.map(({ group = '' }) => group))]
  const [own = ''] = groups.filter((group) => group !== '')
  const main = excerpt.signals.filter(({ group = '' }) => ['', own, 'interrupts'].includes(group))
  const others = groups.filter((group) => !['', own, 'interrupts'].includes(group))
  const further = others.map((group) => toFurther(excerpt, group))
  return `<div class="waves">${toFigure(excerpt, main, true)}${further.join('')}</div>`
}

/** Another bus of the RTL, out of the way where nothing happens on it. */
function toFurther(excerpt: Excerpt, group: string): string {
  const signals = excerpt.signals.filter((signal) => signal.group === group)
  const isQuiet = signals.every((signal) => isAsleep(toStretches(signal, excerpt)))
  const title = isQuiet ? `${group}: nothing happens on its ${signals.length} signals` : group
  const figure = toFigure(excerpt, signals, false)
  return `<details${isQuiet ? '' : ' open'}><summary>${escape(title)}</summary>${figure}</details>`
}

/** Where things stand in one drawing. */
interface Scale {
  cut: Excerpt['cut']
  toX(ps: number): number
  toCycle(ps: number): number
  cyclePx: number
  periodPs: number
  widthPx: number
}

function toFigure(excerpt: Excerpt, signals: ExcerptSignal[], hasSpans: boolean): string {
  const scale = toScale(excerpt)
  const spanRows = hasSpans ? toSpanRows(excerpt, scale) : []
  const rows = [...spanRows, ...signals.map((signal) => toRow(signal, excerpt, scale))]
  const height = axisHeight * 2 + rows.length * rowHeight
  const names = rows.map(({ name, isQuiet }, i) => toName(name, isQuiet, i))
  const lanes = rows.map(({ drawing }, i) => `<g transform="translate(0 ${axisHeight + i * rowHeight})">${drawing}</g>`)
  const label = toLabel(excerpt, scale)
  const widest = Math.max(...rows.map(({ name }) => name.length), 6)
  const namesPx = Math.ceil(Math.min(24, widest) * characterPx) + 8
  const size = (width: number) => `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return `<figure class="wave"><svg class="names" aria-hidden="true" ${size(namesPx)}>${names.join('')}</svg>
<div class="scroll" tabindex="0" role="group" aria-label="${label}">
<svg role="img" aria-label="${label}" ${size(Math.ceil(scale.widthPx))}>
${toBlamed(excerpt, scale, height)}${toAxis(excerpt, scale, height)}${lanes.join('\n')}${toGap(scale, height)}
</svg></div></figure>`
}

function toLabel(excerpt: Excerpt, { toCycle }: Scale): string {
  const { beginPs, endPs, access, cut: gap } = excerpt
  const without = gap ? ` without ${toCycle(gap.beginPs)} to ${toCycle(gap.endPs)}` : ''
  const marked = access ? `; the access to blame, cycles ${toCycle(access.beginPs)} to ${toCycle(access.endPs)}` : ''
  const cut = access && access.endPs > endPs ? ', which goes on behind them' : ''
  return `signals in cycles ${toCycle(beginPs)} to ${toCycle(endPs)}${without}${marked}${cut}`
}

function toName(name: string, isQuiet: boolean, row: number): string {
  const shown = name.length > 24 ? `${name.slice(0, 23)}…` : name
  const y = axisHeight + row * rowHeight + 14
  return `<text${isQuiet ? ' class="idle"' : ''} x="0" y="${y}">${escape(shown)}<title>${escape(name)}</title></text>`
}

/** As wide as the values of buses want it, within reason. */
function toScale(excerpt: Excerpt): Scale {
  const { beginPs, endPs, signals, cut, periodPs = (endPs - beginPs) / 10 || 1 } = excerpt
  const wishes = signals.flatMap((signal) => {
    if (isLevel(signal)) return []
    const awake = toStretches(signal, excerpt).filter(({ isIdle }) => !isIdle)
    return awake.map((one) => ((one.value.length * characterPx + 12) * periodPs) / (one.endPs - one.beginPs || 1))
  })
  const shownPs = endPs - beginPs - (cut ? cut.endPs - cut.beginPs : 0)
  const share = Math.min(60, 800 / (shownPs / periodPs || 1))
  const wish = Math.max(leastCyclePx, share, ...wishes)
  const cyclePx = Math.min(mostCyclePx, wish)
  const toPlainX = (ps: number) => ((ps - beginPs) / periodPs) * cyclePx
  const toX = (ps: number) => {
    if (!cut || ps <= cut.beginPs) return toPlainX(ps)
    const share = Math.min(1, (ps - cut.beginPs) / (cut.endPs - cut.beginPs))
    return toPlainX(cut.beginPs) + share * cutPx + Math.max(0, toPlainX(ps) - toPlainX(cut.endPs))
  }
  return { cut, toX, toCycle: (ps) => Math.round(ps / periodPs), cyclePx, periodPs, widthPx: toX(endPs) + 1 }
}

function toBlamed({ access, endPs }: Excerpt, { toX }: Scale, height: number): string {
  if (!access) return ''
  const [x, end] = [toX(access.beginPs), toX(Math.min(access.endPs, endPs))]
  return `<rect class="blamed" x="${at(x)}" y="0" width="${at(Math.max(2, end - x))}" height="${height}"/>`
}

/** Cycles above, time below. */
function toAxis({ beginPs, endPs, cut }: Excerpt, scale: Scale, height: number): string {
  if (!cut) return toAxisOf(beginPs, endPs, scale, height)
  return toAxisOf(beginPs, cut.beginPs, scale, height) + toAxisOf(cut.endPs, endPs, scale, height)
}

/** Over all that is drawn: nothing is known of it here. */
function toGap({ cut, toX, periodPs }: Scale, height: number): string {
  if (!cut) return ''
  const x = at(toX(cut.beginPs))
  const count = `… ${Math.round((cut.endPs - cut.beginPs) / periodPs)} cycles …`
  const gap = `<rect class="cut" x="${x}" y="0" width="${cutPx}" height="${height}"/>`
  return `${gap}<text x="${x}" dx="6" y="12">${count}</text>`
}

function toAxisOf(beginPs: number, endPs: number, { toX, toCycle, cyclePx, periodPs }: Scale, height: number): string {
  const step = Math.ceil(68 / cyclePx)
  const count = Math.floor((endPs - beginPs) / periodPs)
  const left = toX(beginPs)
  const toLine = (i: number) => `M${at(left + i * cyclePx)} ${axisHeight}V${height - axisHeight}`
  const labels = Array.from({ length: Math.ceil(count / step) }, (_, i) => {
    const ps = beginPs + i * step * periodPs
    const x = at(toX(ps) + 2)
    return `<text x="${x}" y="12">${toCycle(ps)}</text><text x="${x}" y="${height - 5}">${toTime(ps)}</text>`
  })
  return `<path class="grid" d="${Array.from({ length: count + 1 }, (_, i) => toLine(i)).join('')}"/>${labels.join('')}`
}

function toTime(ps: number): string {
  const [unit, size] = ps >= 1e9 ? ['ms', 1e9] : ps >= 1e6 ? ['µs', 1e6] : ps >= 1e3 ? ['ns', 1e3] : ['ps', 1]
  return `${Number((ps / Number(size)).toPrecision(6))} ${unit}`
}

interface Row {
  name: string
  isQuiet: boolean
  drawing: string
}

function toSpanRows({ spans = [], beginPs, endPs }: Excerpt, scale: Scale): Row[] {
  const { toX } = scale
  const rows = [...new Set(spans.map(({ row }) => row))]
  return rows.map((name) => ({
    name,
    isQuiet: false,
    drawing: spans
      .filter(({ row }) => row === name)
      .map((span) => {
        const [from, to] = [Math.max(span.beginPs, beginPs), Math.min(span.endPs, endPs)]
        const x = toX(from)
        const width = Math.max(3, toX(to) - x)
        return (
          `<rect class="span${span.isBlamed ? ' mark' : ''}" x="${at(x)}" y="3" width="${at(width)}" height="14">` +
          `<title>${escape(span.text)}</title></rect>${toTexts(span.text, from, to, scale, 'inside')}`
        )
      })
      .join(''),
  }))
}

function toRow(signal: ExcerptSignal, excerpt: Excerpt, scale: Scale): Row {
  const stretches = toStretches(signal, excerpt)
  const isQuiet = isAsleep(stretches)
  const draw = isLevel(signal) ? toLevel : toBus
  return { name: signal.name, isQuiet: isQuiet && !isClock(signal, excerpt), drawing: draw(stretches, scale, isQuiet) }
}

const [top, middle, bottom] = [4, 10, 16]
const heights: Record<string, number> = { '0': bottom, '1': top }

/** One line; what is neither high nor low lies in the middle. */
function toLevel(stretches: Stretch[], { toX }: Scale, isQuiet: boolean): string {
  const steps = stretches.map(({ beginPs, endPs, value }, i) => {
    const y = heights[value] ?? middle
    return `${i === 0 ? `M${at(toX(beginPs))} ${y}` : `V${y}`}H${at(toX(endPs))}`
  })
  const unknown = stretches.filter(({ value }) => !(value in heights))
  const marks = unknown.map(
    ({ beginPs, value }) => `<text class="bad" x="${at(toX(beginPs) + 3)}" y="14">${value}</text>`,
  )
  return `<path class="level${isQuiet ? ' idle' : ''}" d="${steps.join('')}"/>${marks.join('')}`
}

function toBus(stretches: Stretch[], scale: Scale): string {
  const { toX } = scale
  return stretches
    .map(({ beginPs, endPs, value, isIdle }) => {
      const [x, end] = [toX(beginPs), toX(endPs)]
      const slope = Math.min(3, (end - x) / 2)
      const shape =
        `M${at(x)} ${middle}L${at(x + slope)} ${top}H${at(end - slope)}L${at(end)} ${middle}` +
        `L${at(end - slope)} ${bottom}H${at(x + slope)}Z`
      const name = isIdle ? 'idle' : /[xz]/.test(value) ? 'bad' : ''
      const text = toTexts(value, beginPs, endPs, scale, name)
      return `<path class="bus ${name}" d="${shape}"><title>${escape(value)}</title></path>${text}`
    })
    .join('')
}

/** Where the stretch begins, and again behind what is left out. */
function toTexts(text: string, fromPs: number, toPs: number, { cut, toX }: Scale, name: string): string {
  const parts =
    cut && fromPs < cut.endPs && toPs > cut.endPs
      ? [
          [fromPs, Math.max(fromPs, cut.beginPs)],
          [cut.endPs, toPs],
        ]
      : [[fromPs, toPs]]
  return parts.map(([from = 0, to = 0]) => toText(text, toX(from), toX(to) - toX(from), name)).join('')
}

/** As much of it as there is room for. */
function toText(text: string, x: number, width: number, name: string): string {
  const room = Math.floor((width - 8) / characterPx)
  if (room < 1 || (room < 3 && text.length > room)) return ''
  const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text
  return `<text class="${name}" x="${at(x + 5)}" y="14">${escape(shown)}</text>`
}

/** Coordinates to a tenth of a pixel. */
function at(px: number): string {
  return String(Math.round(px * 10) / 10)
}
