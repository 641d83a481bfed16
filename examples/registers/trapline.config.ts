// One device, and a description of its registers: any of the four meter.* files says the same.
import { defineConfig } from 'trapline'

export default defineConfig({
  models: {
    meter: { top: 'meter', sources: ['meter.sv'] },
  },
  devices: {
    meter0: { kind: 'mem', base: 0x43c0_0000, size: 0x40, model: 'meter', registers: 'meter.json' },
  },
})
