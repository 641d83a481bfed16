/** Whether accesses may pass the bridge by, in memory that hosts share with models, and what is said where not. */
import { join } from 'node:path'
import { usedModels } from '../config/used-models.js'
import { Lanes } from '../model/lanes.js'
import { lanesFolder } from '../run/layout.js'
import type { Foundation } from './foundation.js'

/** Undefined where all accesses go by gRPC. */
export function makeLanes({ config, settings, directory, devices, log }: Foundation): Lanes | undefined {
  if (config.lane !== 'shm') {
    if (config.patch)
      log.info(
        '`patch: true` is not used: it needs memory shared with the models, and --lane (or TRAPLINE_LANE) says grpc',
      )
    return undefined
  }
  const used = usedModels(config)
  const isBesideDevice = devices.some((device) => device.config.hardware && device.config.model !== '')
  const isLocked = isBesideDevice || used.some((name) => config.models[name]?.lockstep !== undefined)
  if (settings.lockstep !== false && isLocked) {
    const also = config.patch ? ' and nothing is patched' : ''
    log.info(
      '--lane shm is not used: lockstep compares each answer before the program has it, so all accesses go by ' +
        `gRPC${also}`,
    )
    return undefined
  }
  const others = used.filter((name) => config.models[name]?.kind !== 'verilator')
  if (others.length > 0)
    log.info(`--lane shm is for models that Verilator builds; accesses to ${others.join(', ')} go by gRPC`)
  return new Lanes(
    join(directory.path, lanesFolder),
    used.filter((name) => !others.includes(name)),
  )
}
