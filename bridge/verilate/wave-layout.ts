/** The signals that a waveform of a model opens with, in groups: interrupt lines, then each bus below its software. */
import type { BusPort } from '../rtl/bus-ports.js'
import type { ModelDescription } from '../rtl/find-ports.js'
import { busSignals } from './harness-bus.js'
import { softwareSignals } from './harness-software.js'

export interface WaveGroup {
  title: string
  /** Of the generated top. */
  signals: { name: string; width: number; isText?: boolean }[]
}

export function toWaveLayout({ ports, managers, interrupts }: ModelDescription): WaveGroup[] {
  const lines = interrupts.map(({ name }, i) => ({ title: name, signals: [{ name: `irq_${i}`, width: 1 }] }))
  const softwareOf = ({ name }: BusPort) => softwareSignals.map((one) => ({ ...one, name: `${name}__${one.name}` }))
  return [
    ...lines,
    ...ports.map((port) => ({ title: port.name, signals: [...softwareOf(port), ...busSignals(port)] })),
    ...managers.map((port) => ({ title: port.name, signals: busSignals(port) })),
  ]
}
