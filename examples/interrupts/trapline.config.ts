import { defineConfig } from 'trapline'

export default defineConfig({
  models: {
    timer: { top: 'axil_timer', sources: ['../../hdl/models/axil_timer.sv'] },
  },
  devices: {
    timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
  },
})
