// What a design sees before the first clock edge: idle buses, and no past that an assertion could take for one.
import { beforeAll, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

const buses = ['lite', 'full', 'apb', 'wb']

let built: BuiltModel
beforeAll(async () => {
  built = await buildCore(
    'first_edge',
    {},
    { ports: Object.fromEntries(buses.map((name) => [name, name.startsWith('wb') ? { wordAddress: false } : {}])) },
  )
}, buildTimeoutMs)

// Variables are random at power-up, so one seed alone can be lucky.
test.each(Array.from({ length: 12 }, (_, seed) => seed))('assertions hold from time 0, seed %i', async (seed) => {
  expect(built.ports.map(({ name }) => name)).toEqual(buses)
  expect(built.managers).toEqual(['mem'])
  const core = await runCore(built, { seed })
  await core.advance(40)
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
})
