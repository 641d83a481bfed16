/**
 * `npm run bench -- --curves`: what an access takes as runs become larger, one axis after the other, by both lanes.
 * Each point is the median of some runs, each the median of all accesses of one.
 */
import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { run } from './measures.mjs'
import { base, commandLine, config, programs } from './setup.mjs'
import { median } from './statistics.mjs'

const lanes = ['grpc', 'shm']
const fewAccesses = { grpc: 2000, shm: 20_000 }
/** More of them only if asked for: a run by gRPC of a million takes minutes. */
const mostAccesses = { grpc: 10_000, 'grpc, log': 10_000, shm: 1_000_000, 'shm, log': 100_000 }

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {string} title
 * @property {string} axis
 * @property {{ name: string, points: [number, number][] }[]} series points of x and microseconds an access
 */

const kinds = [
  {
    name: 'accesses',
    title: 'accesses, log off and on',
    axis: 'accesses of the run',
    values: [1000, 10_000, 100_000, 1_000_000],
    series: lanes.flatMap((lane) => [false, true].map((isLogged) => ({ lane, isLogged }))),
    isShort: (way, count) => count <= mostAccesses[nameOf(way)],
    program: (_, count) => ['access_cost', '/dev/mem', `${base}`, `${count}`],
  },
  {
    name: 'devices',
    title: 'devices',
    axis: 'devices, reached in turns',
    values: [1, 4, 16, 64],
    program: ({ lane }, count) => [
      'access_cost',
      '/dev/mem',
      `${base}`,
      `${fewAccesses[lane]}`,
      `${count}`,
      'read',
      '4096',
    ],
  },
  {
    name: 'windows',
    title: 'windows',
    axis: 'windows, reached in turns',
    values: [1, 10, 100, 1000, 10_000],
    program: ({ lane }, count) => ['access_cost', '/dev/mem', `${base}`, `${fewAccesses[lane]}`, `${count}`],
  },
  {
    name: 'threads',
    title: 'threads',
    axis: 'threads that ask at once',
    values: [1, 2, 4, 8, 16],
    program: ({ lane }, count) => ['thread_cost', '/dev/mem', `${base}`, `${count}`, `${fewAccesses[lane]}`],
  },
]

/** @returns {Promise<{ date: string, machine: object, rounds: number, curves: Curve[] }>} */
export async function measureCurves({ folder }, { rounds, long, say }) {
  const before = loadavg()[0]
  const curves = []
  for (const kind of kinds) {
    const series = []
    for (const way of kind.series ?? lanes.map((lane) => ({ lane }))) {
      const points = []
      for (const value of kind.values.filter((each) => long || (kind.isShort?.(way, each) ?? true))) {
        say(`${kind.name}: ${value} by ${nameOf(way)}`)
        const found = []
        for (let round = 0; round < rounds; round++) found.push(await measurePoint(kind, way, value, folder))
        points.push([value, Number(median(found).toPrecision(3))])
      }
      series.push({ name: nameOf(way), points })
    }
    curves.push({ name: kind.name, title: kind.title, axis: kind.axis, series })
  }
  const machine = {
    ...{ processor: cpus()[0].model, processors: cpus().length, node: process.version },
    load: [before, loadavg()[0]].map((load) => Number(load.toFixed(1))),
  }
  return { date: new Date().toISOString().slice(0, 10), machine, rounds, curves }
}

function nameOf({ lane, isLogged }) {
  return isLogged ? `${lane}, log` : lane
}

async function measurePoint(kind, way, value, folder) {
  const file = join(folder, 'curve.json')
  writeFileSync(file, JSON.stringify(configOf(kind.name === 'devices' ? value : 1)))
  const [program, ...args] = kind.program(way, value)
  const log = way.isLogged ? ['--log', join(folder, 'curve.jsonl')] : []
  const flags = ['run', '--config', file, '--lane', way.lane, '--seed', '1', ...log]
  const lines = await run(process.execPath, [commandLine, ...flags, '--', join(programs, program), ...args])
  const [, ...numbers] = lines.find(([name]) => name === 'access' || name === 'threads')
  return Number(numbers[0]) / 1000
}

/** So many devices side by side, each of the same registers. */
function configOf(count) {
  const [[name, device]] = Object.entries(config.devices)
  const side = Array.from({ length: count }, (_, i) => [`${name}_${i}`, { ...device, base: base + i * device.size }])
  return { ...config, devices: Object.fromEntries(side) }
}
