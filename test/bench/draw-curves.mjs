/** Curves as one SVG: a panel for each, both axes logarithmic. Colours follow the reader's light or dark. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

export const drawing = join(root, 'docs/speed-curves.svg')

const [panelWidth, panelHeight, across] = [440, 290, 2]
const plot = { left: 62, top: 44, right: 20, bottom: 46 }
/** By the name of a series: its class, and how it is dashed. */
const looks = {
  grpc: ['grpc', ''],
  'grpc, log': ['grpc', '6 4'],
  shm: ['shm', ''],
  'shm, log': ['shm', '6 4'],
}

const fonts = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace'
const style = `
svg{color:#1f2328;--faint:#d0d7de;--grpc:#bc4c00;--shm:#0969da}
@media (prefers-color-scheme:dark){svg{color:#e6edf3;--faint:#3d444d;--grpc:#f0883e;--shm:#58a6ff}}
text{fill:currentColor}
.faint{stroke:var(--faint)}.grpc{stroke:var(--grpc)}.shm{stroke:var(--shm)}
.dot.grpc{fill:var(--grpc)}.dot.shm{fill:var(--shm)}`

/** @param {Awaited<ReturnType<import('./curves.mjs').measureCurves>>} measured */
export function draw({ date, machine, rounds, curves }) {
  const rows = Math.ceil(curves.length / across)
  const [width, height] = [panelWidth * across, panelHeight * rows + 28]
  const { processor, processors, node, load } = machine
  const place = `${date}, ${processor}, ${processors} processors, Node ${node}`
  const words = `${place}, load ${load.join(' to ')}, rounds: ${rounds}`
  const range = powersAround(curves.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([, y]) => y))))
  const panels = curves.map((curve, at) => {
    const [x, y] = [(at % across) * panelWidth, Math.floor(at / across) * panelHeight]
    return `<g transform="translate(${x} ${y})">\n${panel(curve, range).join('\n')}\n</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="${fonts}" font-size="11">`,
    '<title>What an access takes as a run becomes larger, by gRPC and by shared memory</title>',
    `<style>${style}\n</style>`,
    ...panels,
    `<text x="${plot.left}" y="${height - 10}">${escape(words)}</text>`,
    '</svg>',
    '',
  ].join('\n')
}

export function writeDrawing(measured) {
  writeFileSync(drawing, draw(measured))
}

function panel({ title, axis, series }, range) {
  const xs = series.flatMap(({ points }) => points.map(([x]) => x))
  const [least, most] = [Math.min(...xs), Math.max(...xs)]
  const [right, bottom] = [panelWidth - plot.right, panelHeight - plot.bottom]
  const toX = scale([least, most], [plot.left, right])
  const toY = scale(range, [bottom, plot.top])
  const values = [...new Set(xs)].sort((a, b) => a - b)
  return [
    `<text x="${plot.left}" y="20" font-size="13" font-weight="bold">${escape(title)}</text>`,
    `<text x="${plot.left}" y="35">microseconds, the median access</text>`,
    ...tens(range).map((y) => horizontal(y, toY(y), right)),
    ...values.map((x) => `<text x="${round(toX(x))}" y="${bottom + 16}" text-anchor="middle">${toWords(x)}</text>`),
    `<text x="${(plot.left + right) / 2}" y="${bottom + 34}" text-anchor="middle">${escape(axis)}</text>`,
    ...series.flatMap((one) => line(one, toX, toY)),
    ...legend(series),
  ]
}

function horizontal(value, y, right) {
  return (
    `<line class="faint" x1="${plot.left}" x2="${right}" y1="${round(y)}" y2="${round(y)}"/>` +
    `<text x="${plot.left - 8}" y="${round(y + 4)}" text-anchor="end">${toWords(value)}</text>`
  )
}

function line({ name, points }, toX, toY) {
  const [look, dashes] = looks[name]
  const places = points.map(([x, y]) => [round(toX(x)), round(toY(y))])
  const path = places.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')
  return [
    stroke(look, dashes, path),
    ...places.map(([x, y]) => `<circle class="dot ${look}" cx="${x}" cy="${y}" r="3"/>`),
  ]
}

function stroke(look, dashes, path) {
  const gaps = dashes && ` stroke-dasharray="${dashes}"`
  return `<path class="${look}" d="${path}" fill="none" stroke-width="2"${gaps}/>`
}

function legend(series) {
  return series.map(({ name }, at) => {
    const [look, dashes] = looks[name]
    const x = plot.left + 10 + 90 * at
    const words = `<text x="${x + 23}" y="${plot.top + 20}">${escape(name)}</text>`
    return stroke(look, dashes, `M${x} ${plot.top + 16} h18`) + words
  })
}

/** Logarithmic, from one range to the other. */
function scale([least, most], [from, to]) {
  const whole = Math.log(most / least) || 1
  return (value) => from + ((to - from) * Math.log(value / least)) / whole
}

function powersAround(values) {
  const power = (value, rounded) => 10 ** rounded(Math.log10(value))
  return [power(Math.min(...values), Math.floor), power(Math.max(...values), Math.ceil)]
}

function tens([least, most]) {
  return Array.from({ length: Math.round(Math.log10(most / least)) + 1 }, (_, at) => least * 10 ** at)
}

function toWords(value) {
  return value.toLocaleString('en')
}

function round(value) {
  return Number(value.toFixed(1))
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
