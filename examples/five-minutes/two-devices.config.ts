import { defineConfig } from 'trapline'

export default defineConfig({
  models: {
    blinker: { top: 'blinker', sources: ['blinker.sv'] },
    gpio: {
      top: 'axil_gpio',
      sources: ['../../hdl/models/axil_gpio.sv'],
      parameters: { Pins: 8 },
      inputs: { gpio_i: 0x5 },
    },
  },
  devices: {
    blinker0: { kind: 'mem', path: '/dev/mem', base: 0x43c0_0000, size: 0x100, model: 'blinker' },
    gpio0: { kind: 'char', path: '/dev/gpio0', size: 0x14, model: 'gpio' },
  },
})
