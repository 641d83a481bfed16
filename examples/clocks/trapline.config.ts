import { defineConfig } from 'trapline'

export default defineConfig({
  models: {
    copier: {
      top: 'stream_copier',
      sources: ['async_fifo.sv', 'stream_copier.sv'],
      clock: { port: 's_axi_lite_aclk', periodPs: 10_000 },
      clocks: { m_axi_aclk: { periodPs: 4000 }, axis_aclk: { periodPs: 6400, phasePs: 1000 } },
    },
  },
  devices: {
    copier0: { kind: 'uio', model: 'copier', maps: [{ size: 0x1000 }], interrupt: 'irq' },
    udmabuf0: { kind: 'u-dma-buf', size: 0x1_0000 },
  },
})
