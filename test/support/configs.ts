/** Configurations with one device on one model, for tests that are about something else. */
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { sampleRtl } from './places.js'

type Model = TraplineConfig['models'][string]
type Device = Extract<TraplineConfig['devices'][string], { kind: 'mem' }>

/** Where hosts see the device of `configOf`: bytes of /dev/mem. */
export const base = 0x43c0_0000

export function at(offset: number): string {
  return `0x${(base + offset).toString(16)}`
}

/** Device `dut` on one of our own models, or on RTL given as model. */
export function configOf(model: string | Model, device: Partial<Device> = {}): TraplineConfig {
  const dut = typeof model === 'string' ? { top: model, sources: [sampleRtl(model)] } : model
  return {
    models: { dut },
    devices: { dut: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'dut', ...device } },
  }
}

export function sampleModel(name: string, parameters: Model['parameters']): Model {
  return { top: name, sources: [sampleRtl(name)], parameters }
}
