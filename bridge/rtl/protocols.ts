/** The buses that Trapline speaks. Whoever finds ports in RTL or wires them up reads these tables. Pure. */
import type { PortProtocol } from '../config/schema.js'
import type { BusFamily, Protocol } from './bus-rules.js'
import { ahb, ahbProtocols } from './buses/ahb.js'
import { apb, apbProtocols } from './buses/apb.js'
import { avalon, avalonProtocols } from './buses/avalon.js'
import { axi, axiProtocols } from './buses/axi.js'
import { cpuif, cpuifProtocols } from './buses/cpuif.js'
import { localbus, localbusProtocols } from './buses/localbus.js'
import { native, nativeProtocols } from './buses/native.js'
import { obi, obiProtocols } from './buses/obi.js'
import { tilelink, tilelinkProtocols } from './buses/tilelink.js'
import { wishbone, wishboneProtocols } from './buses/wishbone.js'

export const families: BusFamily[] = [axi, apb, wishbone, ahb, tilelink, obi, cpuif, localbus, avalon, native]

export const protocols: Record<PortProtocol, Protocol> = {
  ...axiProtocols,
  ...apbProtocols,
  ...wishboneProtocols,
  ...ahbProtocols,
  ...tilelinkProtocols,
  ...obiProtocols,
  ...cpuifProtocols,
  ...localbusProtocols,
  ...avalonProtocols,
  ...nativeProtocols,
}
