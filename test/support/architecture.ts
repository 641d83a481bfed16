/**
 * The picture of the architecture (docs/architecture.svg): the way of one access, and below it the rooms of each house
 * in layers, with an arrow for each need that no other arrows imply. Everything but the words on the way is read from
 * the tree, so the same tree gives the same picture, byte by byte. `npm run picture` draws it anew.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.js'
import { type Arrow, type House, layersOf, roomsOf, upwardArrows } from './rooms.js'

export const pictureFile = join(root, 'docs/architecture.svg')

/** Sizes in pixels of the picture's own grid. */
const grid = { margin: 20, gap: 96, box: 28, row: 62, letter: 7.3, padding: 10, between: 14, head: 150, label: 54 }
const font = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace'
const colours = { ink: '#1f2328', pale: '#8c959f', paper: '#ffffff', floor: '#f6f8fa', box: '#ddf4ff', edge: '#0969da' }
const small = { 'font-size': 11 }
const centred = { 'text-anchor': 'middle' }

interface Box {
  name: string
  /** Of its upper left corner. */
  x: number
  y: number
  width: number
}

interface Panel {
  title: string
  caption: string
  layers: string[][]
  arrows: Arrow[]
}

/** What the picture says beside names of rooms: who is there, and what passes between them. */
const captions: Record<House | 'hdl', string> = {
  trap: 'C: the agent, and programs beside it',
  bridge: 'TypeScript, one process',
  hdl: 'one process a model',
}

export function drawArchitecture(): string {
  const panels = [panelOf('trap'), panelOf('bridge'), modelPanel()]
  const parts: string[] = []
  const heads: { x: number; width: number }[] = []
  let x = grid.margin
  for (const panel of panels) {
    const width = Math.max(panel.arrows.length > 0 ? 300 : 190, ...panel.layers.map(rowWidth)) + 2 * grid.between
    parts.push(...drawPanel(panel, x, width))
    heads.push({ x, width })
    x += width + grid.gap
  }
  const foot = grid.head + Math.max(...panels.map(panelHeight))
  const whole = { width: Math.round(x - grid.gap + grid.margin), height: foot + grid.margin }
  return wrap(whole, [...parts, ...drawWay(heads)])
}

function panelOf(house: House): Panel {
  const { rooms, arrows } = roomsOf(house)
  const upward = upwardArrows(arrows)
  if (upward.length > 0) throw new Error(`rooms of ${house}/ need each other: ${upward.map(nameOf).join(', ')}`)
  const layers = layersOf(arrows)
  const lone = rooms.filter((room) => !layers.flat().includes(room))
  const below = [[...(layers[0] ?? []), ...lone], ...layers.slice(1)]
  return { title: `${house}/`, caption: captions[house], layers: below.reverse(), arrows: needed(arrows) }
}

function nameOf({ from, to }: Arrow): string {
  return `${from} → ${to}`
}

/** The model has no rooms in that sense: SystemVerilog and C++ that speak by one package. */
function modelPanel(): Panel {
  const folders = readdirSync(join(root, 'hdl'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const names = folders.map(({ name }) => name).sort()
  return { title: 'hdl/', caption: captions.hdl, layers: names.map((name) => [name]), arrows: [] }
}

/** Without the arrows that are implied: where one needs another that it also reaches by a third. */
function needed(arrows: Arrow[]): Arrow[] {
  const reaches = (from: string, to: string): boolean =>
    arrows.some((arrow) => arrow.from === from && (arrow.to === to || reaches(arrow.to, to)))
  return arrows.filter(
    ({ from, to }) => !arrows.some((other) => other.from === from && other.to !== to && reaches(other.to, to)),
  )
}

function boxWidth(name: string): number {
  return name.length * grid.letter + 2 * grid.padding
}

function rowWidth(row: string[]): number {
  return row.reduce((sum, name) => sum + boxWidth(name) + grid.between, -grid.between)
}

function panelHeight({ layers }: Panel): number {
  return grid.label + layers.length * grid.row
}

function drawPanel(panel: Panel, x: number, width: number): string[] {
  const boxes = placeRooms(panel, x, width)
  const floor = { x, y: grid.head, width: round(width), height: panelHeight(panel), rx: 10 }
  return [
    tag('rect', { ...floor, fill: colours.floor, stroke: colours.pale }),
    tag('text', { x: x + 14, y: grid.head + 24, 'font-weight': 'bold' }, panel.title),
    tag('text', { x: x + 14, y: grid.head + 40, ...small, fill: colours.pale }, panel.caption),
    ...panel.arrows.map((arrow) => drawArrow(boxes, arrow)),
    ...[...boxes.values()].flatMap(drawBox),
  ]
}

/** From the ground up: the rooms of a layer are spread evenly, in the order of those that they need. */
function placeRooms({ layers, arrows }: Panel, x: number, width: number): Map<string, Box> {
  const boxes = new Map<string, Box>()
  for (const [index, row] of [...layers.entries()].reverse()) {
    const wished = row.map((name) => ({ name, centre: meanCentre(name, arrows, boxes) ?? Infinity }))
    wished.sort((a, b) => (a.centre === b.centre ? (a.name < b.name ? -1 : 1) : a.centre - b.centre))
    const taken = row.reduce((sum, name) => sum + boxWidth(name), 0)
    const gap = (width - taken) / (row.length + 1)
    let left = x + gap
    for (const { name } of wished) {
      boxes.set(name, { name, x: left, y: grid.head + grid.label + index * grid.row, width: boxWidth(name) })
      left += boxWidth(name) + gap
    }
  }
  return boxes
}

/** Undefined for a room that needs none. */
function meanCentre(name: string, arrows: Arrow[], boxes: Map<string, Box>): number | undefined {
  const below = arrows.filter(({ from }) => from === name).flatMap(({ to }) => boxes.get(to) ?? [])
  if (below.length === 0) return undefined
  return below.reduce((sum, box) => sum + box.x + box.width / 2, 0) / below.length
}

function drawArrow(boxes: Map<string, Box>, { from, to }: Arrow): string {
  const [upper, lower] = [boxes.get(from), boxes.get(to)]
  if (upper === undefined || lower === undefined) throw new Error(`no room ${from} or ${to}`)
  const start = { x: round(upper.x + upper.width / 2), y: upper.y + grid.box }
  const end = { x: round(lower.x + lower.width / 2), y: lower.y - 2 }
  const bend = Math.min(28, (end.y - start.y) / 2)
  const d = `M${start.x} ${start.y} C${start.x} ${start.y + bend} ${end.x} ${end.y - bend} ${end.x} ${end.y}`
  return tag('path', { d, fill: 'none', stroke: colours.pale, 'marker-end': 'url(#tip)' })
}

function drawBox({ name, x, y, width }: Box): string[] {
  const place = { x: round(x), y, width: round(width), height: grid.box, rx: 6 }
  return [
    tag('rect', { ...place, fill: colours.box, stroke: colours.edge }),
    tag('text', { x: round(x + width / 2), y: y + 18, ...centred }, name),
  ]
}

type Head = { x: number; width: number }

/** The way of one access, above the houses that it passes: what is outside, and what is said between two of them. */
function drawWay([agent, bridge, model]: Head[]): string[] {
  if (agent === undefined || bridge === undefined || model === undefined) return []
  return [
    ...outsider('your program', agent, 'load, store: SIGSEGV', 'value, next pc'),
    ...outsider('your RTL', model, 'AXI, APB, AHB, …', 'data, response'),
    ...between(agent, bridge, 'gRPC'),
    ...between(bridge, model, 'socket pair'),
  ]
}

function outsider(name: string, { x, width }: Head, down: string, up: string): string[] {
  const middle = round(x + width / 2)
  const [top, foot, half] = [30, 70, 85]
  const place = { x: middle - half, y: top, width: 2 * half, height: foot - top, rx: 6 }
  const y = grid.head - 34
  return [
    tag('rect', { ...place, fill: colours.paper, stroke: colours.ink }),
    tag('text', { x: middle, y: top + 25, ...centred, 'font-weight': 'bold' }, name),
    way(middle - 12, foot, middle - 12, grid.head - 2),
    way(middle + 12, grid.head, middle + 12, foot + 2),
    tag('text', { x: middle - 20, y, ...small, 'text-anchor': 'end' }, down),
    tag('text', { x: middle + 20, y, ...small }, up),
  ]
}

function between(left: Head, right: Head, by: string): string[] {
  const [start, end, y] = [round(left.x + left.width), round(right.x), grid.head + 22]
  const word = { x: round((start + end) / 2), ...small, ...centred }
  return [
    tag('text', { ...word, y: y - 12, 'font-weight': 'bold' }, by),
    tag('text', { ...word, y: y + 4 }, 'Access'),
    way(start, y + 10, end - 2, y + 10),
    tag('text', { ...word, y: y + 28 }, 'Completion'),
    way(end, y + 34, start + 2, y + 34),
  ]
}

function way(x1: number, y1: number, x2: number, y2: number): string {
  const line = { stroke: colours.ink, 'stroke-width': 1.5, 'marker-end': 'url(#way)' }
  return tag('path', { d: `M${x1} ${y1} L${x2} ${y2}`, ...line })
}

function wrap({ width, height }: { width: number; height: number }, parts: string[]): string {
  const svg = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, 'font-family': font }
  const title = 'The way of one access, and the rooms of each house: an arrow is a need, and runs down'
  const content = [
    tag('title', {}, title),
    tag('defs', {}, [arrowHead('tip', colours.pale), arrowHead('way', colours.ink)].join('')),
    tag('rect', { width, height, rx: 12, fill: colours.paper }),
    ...parts,
  ]
  return `${tag('svg', { ...svg, 'font-size': 12, fill: colours.ink }, `\n${content.join('\n')}\n`)}\n`
}

function arrowHead(id: string, fill: string): string {
  const place = { viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }
  return tag('marker', { id, ...place }, tag('path', { d: 'M0 0 L8 4 L0 8 z', fill }))
}

/** Names of folders and our own words: nothing in them needs escaping. */
function tag(name: string, attributes: Record<string, string | number>, content?: string): string {
  const words = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${value}"`)].join(' ')
  return content === undefined ? `<${words}/>` : `<${words}>${content}</${name}>`
}

/** Coordinates to a tenth of a pixel, the same on every machine. */
function round(value: number): number {
  return Math.round(value * 10) / 10
}
