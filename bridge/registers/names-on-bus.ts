/** The names of registers by their addresses on the bus of a model, as golden models know them. */
import type { MappedDevice } from '../map/address-map.js'
import type { Place } from './register-map.js'
import type { RegisterMaps } from './register-maps.js'

/** @param place with a bus address for its offset */
export type RegisterNames = (port: string, place: Place) => string | undefined

/** Of all devices that lie on the model. */
export function namesOnBus(devices: MappedDevice[], maps: RegisterMaps, model: string): RegisterNames {
  const there = devices.filter(({ name, config }) => config.model === model && maps.of(name))
  return (port, place) => {
    const device = there.find(({ config }) => {
      const isOnPort = config.port === undefined || config.port === port
      return isOnPort && config.address <= place.offset && place.offset < config.address + config.size
    })
    return (
      device && maps.name(device.name, { ...place, offset: place.offset - device.config.address }, undefined)?.register
    )
  }
}
