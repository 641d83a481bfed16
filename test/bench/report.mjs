/** What a run of the benchmark found: as text for people, and as JSON. */
import { cpus, loadavg } from 'node:os'
import { aimOf, isMet, lines, measuresOf, ratiosOf } from './lines.mjs'
import { median, summarize } from './statistics.mjs'

/** @param {import('./bench.mjs').Results} results */
export function toReport(results, { rounds, long, selected }) {
  const measures = Object.entries(results.words).map(([name, words]) => toMeasure(name, words, results))
  return {
    date: new Date().toISOString(),
    machine: { processor: cpus()[0].model, processors: cpus().length, node: process.version, load: loadavg() },
    rounds,
    long,
    measures: Object.fromEntries(measures),
    lines: Object.fromEntries(selected.map((line) => [line.name, toLine(line, results)])),
  }
}

function toMeasure(name, words, { values, reasons }) {
  const found = values[name]
  if (found.length === 0) return [name, { words: words.trim(), notMeasured: reasons[name] }]
  const p99s = found.map(({ p99 }) => p99).filter((p99) => p99 !== undefined)
  const medians = found.map((value) => value.median)
  const signals = values['bare-signal']
  return [
    name,
    {
      words: words.trim(),
      ns: summarize(medians),
      ...(p99s.length > 0 ? { p99: median(p99s) } : {}),
      ...(signals.length === found.length
        ? { overSignal: median(medians.map((ns, round) => ns / signals[round].median)) }
        : {}),
      values: medians,
    },
  ]
}

function toLine(line, { values, reasons }) {
  const { words } = line
  const aim = aimOf(line)
  const lacking = measuresOf(line).find((name) => values[name].length === 0)
  const notRun = lacking && reasons[lacking]
  if (notRun) return { words, aim, notRun }
  const ratios = ratiosOf(line, (name) => values[name].map((value) => value.median))
  const ratio = summarize(ratios)
  return { words, aim, ratio, met: isMet(line, ratio.median), values: ratios }
}

/** @param {ReturnType<toReport>} report @param {Record<string, string>} words */
export function toText(report, words) {
  const { machine, rounds } = report
  return [
    '',
    `${machine.processor}, ${machine.processors} processors, Node ${machine.node}, ` +
      `load ${machine.load[0].toFixed(1)}, ${rounds} rounds`,
    '',
    ...toTable([
      ['', 'median', 'p99', '25 %', '75 %', '× signal'],
      ...Object.keys(report.measures).map((name) => measureRow(words[name], report.measures[name])),
    ]),
    '',
    ...toTable([['', 'median', '25 %', '75 %', 'aim'], ...Object.entries(report.lines).map(lineRow)]),
    '',
  ].join('\n')
}

function measureRow(words, { ns, p99, overSignal, notMeasured }) {
  if (notMeasured) return [words, `not measured: ${notMeasured}`]
  const ratio = overSignal === undefined || overSignal > 1000 ? '' : overSignal.toFixed(2)
  return [words, toTime(ns.median), p99 === undefined ? '' : toTime(p99), toTime(ns.from), toTime(ns.to), ratio]
}

function lineRow([name, { words, aim, ratio, met, notRun }]) {
  const head = `${words} [${name}]`
  if (notRun) return [head, `not measured: ${notRun}`]
  return [head, toFigure(ratio.median), toFigure(ratio.from), toFigure(ratio.to), `${aim}: ${met ? 'met' : 'NOT MET'}`]
}

function toTable(rows) {
  const width = Math.max(...rows.map(([first]) => first.length)) + 2
  const toCells = (cells) =>
    cells.length === 1
      ? `  ${cells[0]}`
      : cells.map((cell, at) => (at === 3 && cells.length === 4 ? `  ${cell}` : cell.padStart(10))).join('')
  return rows.map(([first, ...cells]) => `${first.padEnd(width)}${toCells(cells)}`.trimEnd())
}

export function toFigure(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value < 0.01 ? value.toFixed(4) : value.toFixed(value < 10 ? 2 : 1)
}

function toTime(ns) {
  if (ns < 1e3) return `${ns.toFixed(ns < 100 ? 1 : 0)} ns`
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} us`
  if (ns < 1e9) return `${(ns / 1e6).toFixed(ns < 1e7 ? 1 : 0)} ms`
  return `${(ns / 1e9).toFixed(1)} s`
}

/** The lines that a run of some measures tells something about. */
export function linesFor(only, long) {
  const chosen = only.length > 0 ? lines.filter(({ name }) => only.includes(name)) : lines
  return chosen.filter(({ name, isLong }) => long || !isLong || only.includes(name))
}
