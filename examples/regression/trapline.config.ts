// One device, three variants of its RTL; tests choose.
import { defineConfig } from 'trapline'

export default defineConfig({
  models: {
    fifo: { top: 'fifo', sources: ['fifo.sv'] },
    fifo_bad: { top: 'fifo', sources: ['fifo_bad.sv'] },
    fifo_small: { top: 'fifo', sources: ['fifo.sv'], parameters: { Depth: 4 } },
  },
  goldens: {
    fifo_golden: { file: 'fifo-golden.ts', parameters: { Depth: 16 } },
  },
  devices: {
    fifo0: { kind: 'mem', base: 0x43c0_0000, size: 0x100, model: 'fifo' },
  },
})
