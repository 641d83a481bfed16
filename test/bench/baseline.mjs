/**
 * The baseline: what ratio each line had in several runs on one machine, and how far it may move. It holds ratios only,
 * for times change with the machine and the hour.
 *
 * Noise: a ratio is taken round by round, from measures that were taken in turns. A line is suspected where its median
 * over the rounds lies beyond the tolerance; then its measures alone are taken again, in turns, and it is worse only
 * where three of four of all these rounds lie beyond. Neighbours make some rounds slow, a regression all of them.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lines, measuresOf, ratiosOf } from './lines.mjs'
import { toFigure } from './report.mjs'
import { median, summarize } from './statistics.mjs'
import { store } from './stored.mjs'

const file = join(import.meta.dirname, 'baseline.json')
const roundsAgain = 10
const leastTolerance = 0.15
/** Half as good: what runs themselves differ by more than that says nothing about a change. */
const mostTolerance = 1

const how =
  'ratio: median over the runs named below of the median over their rounds. tolerance: 0.15, or twice the largest ' +
  'deviation of one of those runs, or half the width of its middle half, whichever is more; 0.2 is 20 % worse. ' +
  'leftOut: lines in which those runs differed too much to tell anything, tolerance above 1; and, where the load of ' +
  'one was above 1.5 a processor, those in which processes wait for each other. ' +
  'Written by npm run bench -- --baseline FILE.json…'

/**
 * @param {import('./lines.mjs').Line[]} selected
 * @param {import('./bench.mjs').Results} results
 * @param {(line: import('./lines.mjs').Line, rounds: number) => Promise<import('./bench.mjs').Results>} again
 * @returns {Promise<string[]>} one sentence for each line that is worse
 */
export async function check(selected, results, again) {
  const { lines: stored } = JSON.parse(await readFile(file, 'utf8'))
  const sentences = []
  for (const line of selected.filter(({ name }) => stored[name])) {
    const broken = measuresOf(line).find((name) => results.failed.has(name))
    const ratios = valuesOf(line, results)
    if (broken) sentences.push(`${line.name}: ${broken} could not be measured, ${results.reasons[broken]}.`)
    if (ratios.length === 0 || !isBeyond(line, stored[line.name], median(ratios))) continue
    const all = [...ratios, ...valuesOf(line, await again(line, roundsAgain))]
    const { median: now, from, to } = summarize(all)
    const better = isSmallBetter(line) ? from : to
    if (isBeyond(line, stored[line.name], better)) sentences.push(toSentence(line, stored[line.name], now, all.length))
  }
  return sentences
}

function valuesOf(line, { values }) {
  if (measuresOf(line).some((name) => values[name].length === 0)) return []
  return ratiosOf(line, (name) => values[name].map((value) => value.median))
}

function isSmallBetter({ atMost }) {
  return atMost !== undefined
}

export function limitOf(line, { ratio, tolerance }) {
  return isSmallBetter(line) ? ratio * (1 + tolerance) : ratio / (1 + tolerance)
}

function isBeyond(line, stored, ratio) {
  return isSmallBetter(line) ? ratio > limitOf(line, stored) : ratio < limitOf(line, stored)
}

function toSentence(line, stored, now, rounds) {
  const [was, limit] = [stored.ratio, limitOf(line, stored)].map(toFigure)
  const bound = isSmallBetter(line) ? 'at most' : 'at least'
  const found = `${line.words} is ${toFigure(now)} in ${rounds} rounds`
  return `${line.name} is worse: ${found}, was ${was}, may be ${bound} ${limit}.`
}

/** @param {string[]} files reports of several runs */
export async function storeBaseline(files) {
  if (files.length < 3) throw new Error('a baseline needs the JSON files of three runs at least, for their spread')
  const reports = await Promise.all(files.map(async (name) => JSON.parse(await readFile(name, 'utf8'))))
  const all = lines.filter(({ over }) => over).flatMap((line) => toEntry(line, reports))
  const isQuiet = reports.every(({ machine }) => machine.load[0] <= 1.5 * machine.processors)
  const ofAnyLoad = new Set(lines.filter(({ wakes }) => isQuiet || !wakes).map(({ name }) => name))
  const entries = all.filter(([name, { tolerance }]) => tolerance <= mostTolerance && ofAnyLoad.has(name))
  const leftOut = all.filter((entry) => !entries.includes(entry)).map(([name]) => name)
  const runs = reports.map(({ date, machine, rounds }) => ({ date, ...machine, rounds }))
  const baseline = { how, runs, lines: Object.fromEntries(entries), leftOut }
  await store(file, baseline)
}

function toEntry({ name }, reports) {
  const found = reports.map((report) => report.lines[name]?.ratio).filter(Boolean)
  if (found.length < 3) return []
  const ratio = median(found.map((one) => one.median))
  const deviations = found.map((one) => Math.max(one.median / ratio, ratio / one.median) - 1)
  const widths = found.map(({ from, to, median: middle }) => (to - from) / 2 / middle)
  const tolerance = Math.max(leastTolerance, 2 * Math.max(...deviations), median(widths))
  return [[name, { ratio: round(ratio), tolerance: round(tolerance) }]]
}

function round(value) {
  return Number(value.toPrecision(3))
}
