/** An excerpt as WaveDrom draws it (WaveJSON): a character per clock cycle, values as they stand when it ends. */
import { toVisibleJson } from '../ground/visible.js'
import type { Excerpt, ExcerptSignal } from './result.js'
import { isClock, isLevel, valueAt } from './wave-signals.js'

/** When values are looked at, or what is cut out. */
type Sample = number | 'gap'
type Lane = Record<string, unknown>

export function toWaveDrom(excerpt: Excerpt): string {
  const { beginPs, endPs, periodPs = endPs - beginPs, signals, access, cut } = excerpt
  const cycles = Math.round((endPs - beginPs) / periodPs)
  const ends = Array.from({ length: cycles }, (_, i) => beginPs + (i + 1) * periodPs - 1)
  const samples = ends.flatMap((ps): Sample[] => {
    if (!cut || ps <= cut.beginPs || ps >= cut.endPs) return [ps]
    return ps < cut.beginPs + periodPs ? ['gap'] : []
  })
  const groups = [...new Set(signals.map(({ group = '' }) => group))]
  const lanes = groups.flatMap((group) => {
    const own = signals.filter((signal) => (signal.group ?? '') === group)
    const drawn = own.map((signal) => (isClock(signal, excerpt) ? toClock(signal, samples) : toLane(signal, samples)))
    return group === '' ? drawn : [[group, ...drawn]]
  })
  const toCycle = (ps: number) => Math.round(ps / periodPs)
  const gap = cut ? `; left out: cycles ${toCycle(cut.beginPs)} to ${toCycle(cut.endPs)}` : ''
  const head = {
    ...(access && { text: `the access to blame: cycles ${toCycle(access.beginPs)} to ${toCycle(access.endPs)}${gap}` }),
    tick: toCycle(beginPs),
  }
  return toVisibleJson(JSON.stringify({ signal: lanes, head })) + '\n'
}

function toClock({ name }: ExcerptSignal, samples: Sample[]): Lane {
  return { name, wave: samples.map((sample, i) => (i === 0 ? 'p' : sample === 'gap' ? '|' : '.')).join('') }
}

function toLane(signal: ExcerptSignal, samples: Sample[]): Lane {
  const data: string[] = []
  let last: string | undefined
  const wave = samples.map((sample) => {
    if (sample === 'gap') return '|'
    const value = valueAt(signal, sample) ?? 'x'
    if (value === last) return '.'
    last = value
    if (isLevel(signal)) return value
    data.push(value)
    return '='
  })
  return { name: signal.name, wave: wave.join(''), ...(!isLevel(signal) && { data }) }
}
