/** An excerpt as WaveDrom draws it (WaveJSON): a character per clock cycle, values as they stand when it ends. */
import { toVisibleJson } from '../ground/visible.js'
import type { Excerpt, ExcerptSignal } from './result.js'
import { isClock, isLevel, valueAt } from './wave-signals.js'

type Lane = Record<string, unknown>

export function toWaveDrom(excerpt: Excerpt): string {
  const { beginPs, endPs, periodPs = endPs - beginPs, signals, access } = excerpt
  const cycles = Math.round((endPs - beginPs) / periodPs)
  const samples = Array.from({ length: cycles }, (_, i) => beginPs + (i + 1) * periodPs - 1)
  const groups = [...new Set(signals.map(({ group = '' }) => group))]
  const lanes = groups.flatMap((group) => {
    const own = signals.filter((signal) => (signal.group ?? '') === group)
    const drawn = own.map((signal) => (isClock(signal, excerpt) ? toClock(signal, cycles) : toLane(signal, samples)))
    return group === '' ? drawn : [[group, ...drawn]]
  })
  const toCycle = (ps: number) => Math.round(ps / periodPs)
  const head = {
    ...(access && { text: `the access to blame: cycles ${toCycle(access.beginPs)} to ${toCycle(access.endPs)}` }),
    tick: toCycle(beginPs),
  }
  return toVisibleJson(JSON.stringify({ signal: lanes, head })) + '\n'
}

function toClock({ name }: ExcerptSignal, cycles: number): Lane {
  return { name, wave: `p${'.'.repeat(Math.max(0, cycles - 1))}` }
}

function toLane(signal: ExcerptSignal, samples: number[]): Lane {
  const values = samples.map((ps) => valueAt(signal, ps) ?? 'x')
  const isNew = (value: string, i: number) => i === 0 || values[i - 1] !== value
  const bit = (value: string) => (isLevel(signal) ? value : '=')
  const wave = values.map((value, i) => (isNew(value, i) ? bit(value) : '.')).join('')
  return { name: signal.name, wave, ...(!isLevel(signal) && { data: values.filter(isNew) }) }
}
