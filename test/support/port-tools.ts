/** Debian's programs that use I/O ports, with what RTL behind those ports has them print. */
import type { TraplineConfig } from '../../bridge/config/schema.js'

/** `rtl` is where the sample RTL lies. */
export function portConfig(rtl: (top: string) => string): TraplineConfig {
  const model = (top: string) => ({ top, sources: [rtl(top)] })
  return {
    models: {
      cmos: model('isa_cmos'),
      superio: model('superio'),
      pci: { ...model('pci_cf8'), ports: { cfg: { protocol: 'wishbone', wordAddress: false } } },
    },
    devices: {
      cmos: { kind: 'port', base: 0x70, size: 4, model: 'cmos' },
      superio: { kind: 'port', base: 0x2e, size: 2, model: 'superio' },
      pci: { kind: 'port', base: 0xcf8, size: 8, model: 'pci' },
    },
  }
}

export interface PortTool {
  /** Of sh. */
  command: string
  shows: RegExp
  /** Packages of Debian, by the programs that they are there for. */
  packages: Record<string, string>
}

/** isaset and isadump ask first whether they are root, which fakeroot tells them. */
export const portTools: PortTool[] = [
  { command: 'outb 0x70 0x33; outb 0x71 0x44; inb 0x71', shows: /^68$/m, packages: { inb: 'ioport' } },
  {
    command: 'fakeroot isaset -y 0x70 0x71 0x21 0x77; fakeroot isadump -y 0x70 0x71',
    shows: /^20: 00 77 (00 ){14}$/m,
    packages: { isadump: 'lm-sensors', fakeroot: 'fakeroot' },
  },
  {
    command: 'superiotool',
    shows: /^Found ITE IT8712F \(id=0x8712, rev=0x7\) at 0x2e$/m,
    packages: { superiotool: 'coreboot-utils' },
  },
  { command: 'nvramtool -x', shows: /^00f0 \|( 00){16} \|/m, packages: { nvramtool: 'coreboot-utils' } },
  {
    command:
      'setpci -A intel-conf1 -s 01.0 COMMAND=0x7; lspci -A intel-conf1 -n; setpci -A intel-conf1 -s 01.0 COMMAND',
    shows: /^00:00\.0 0600: 1b36:0008 \(rev 01\)\n00:01\.0 ff00: 1af4:cafe \(rev 01\)\n0007$/m,
    packages: { lspci: 'pciutils' },
  },
]
