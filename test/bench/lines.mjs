/**
 * What Trapline aims at: ratios between measures of one run, round by round, so that a machine whose speed drifts does
 * so for both. A line is `of` ÷ the sum of `over`; names are those of sources. Without `over` it is a figure of its
 * own, in seconds or, with `perSecond`, so many a second.
 */
import { cocotbPeer } from './peers.mjs'

/**
 * @typedef {object} Line
 * @property {string} name what `--only` takes
 * @property {string} words
 * @property {string} [of]
 * @property {string[]} [over]
 * @property {boolean} [perSecond]
 * @property {boolean} [isLong] what it needs takes a minute or more
 * @property {number} [atMost]
 * @property {number} [atLeast]
 * @property {boolean} [wakes] a process waits for another one: the ratio of a busy machine is not that of a quiet one
 */

/** @type {Line[]} */
export const lines = [
  { name: 'trap', words: 'trapped access / bare signal', of: 'trap-load', over: ['bare-signal'], atMost: 1.2 },
  {
    name: 'recorded',
    words: 'recorded access to a real device / bare signal',
    of: 'recorded',
    over: ['bare-signal'],
    atMost: 1.5,
  },
  { name: 'echo', wakes: true, words: 'gRPC access / grpc-js echo', of: 'grpc', over: ['echo'], atMost: 1.5 },
  {
    name: 'cocotbext-grpc',
    wakes: true,
    words: `cocotbext-axi on ${cocotbPeer.title} / gRPC access`,
    of: `${cocotbPeer.name}-cocotbext`,
    over: ['grpc'],
    atLeast: 5,
  },
  {
    name: 'shm',
    wakes: true,
    words: 'shm access / (bare signal + bare Verilator access)',
    of: 'shm',
    over: ['bare-signal', 'bare-model'],
    atMost: 1.5,
  },
  {
    name: 'shm-static',
    wakes: true,
    words: 'shm access of a static program / of a preloaded one',
    of: 'shm-static',
    over: ['shm'],
    atMost: 1.05,
  },
  {
    name: 'shm-one-core',
    wakes: true,
    words: 'shm on one core / on two',
    of: 'shm-one-core',
    over: ['shm'],
    atMost: 3,
  },
  {
    name: 'cocotbext-shm',
    wakes: true,
    words: `cocotbext-axi on ${cocotbPeer.title} / shm access`,
    of: `${cocotbPeer.name}-cocotbext`,
    over: ['shm'],
    atLeast: 60,
  },
  {
    name: 'lean-shm',
    wakes: true,
    words: `lean coroutine on ${cocotbPeer.title} / shm access`,
    of: `${cocotbPeer.name}-lean`,
    over: ['shm'],
    atLeast: 6,
  },
  {
    name: 'patched',
    wakes: true,
    words: 'patched site end to end / bare signal',
    of: 'patched',
    over: ['bare-signal'],
    atMost: 0.25,
  },
  { name: 'posted', words: 'posted writes by gRPC, a second', of: 'posted', perSecond: true, atLeast: 50_000 },
  {
    name: 'copy',
    wakes: true,
    words: '1 MiB memcpy by shm / bare Verilator',
    of: 'shm-copy',
    over: ['bare-copy'],
    atMost: 2,
  },
  { name: 'idle', words: 'idle cycles/s / bare Verilator', of: 'bare-idle', over: ['idle'], atLeast: 0.7 },
  {
    name: 'idle-large',
    isLong: true,
    words: 'idle cycles/s / bare Verilator, a core of 28,000 lines',
    of: 'bare-idle-large',
    over: ['idle-large'],
    atLeast: 0.95,
  },
  { name: 'run', words: 'trapline run -- true / node -e 0', of: 'empty-run', over: ['bare-node'], atMost: 3 },
  ...['call', 'read', 'open'].map((name) => ({
    name,
    words: `${name} that is none of ours / natively`,
    of: `plain-${name}`,
    over: [`bare-${name}`],
    atMost: 1.1,
  })),
  { name: 'exec', words: 'a program without a device / natively', of: 'plain-exec', over: ['bare-exec'], atMost: 1.5 },
  ...['grpc', 'shm'].map((lane) => ({
    name: `threads-${lane}`,
    wakes: true,
    words: `throughput by ${lane}: 8 threads / one`,
    of: `${lane}-1-thread`,
    over: [`${lane}-8-threads`],
    atLeast: 0.9,
  })),
  { name: 'memtester', isLong: true, words: 'memtester on 4 KiB by shm, seconds', of: 'memtester', atMost: 8 },
  ...['icarus', 'verilator', 'ghdl'].map((name) => ({
    name: `ours-${name}`,
    words: `our manager / cocotbext-axi on ${name}`,
    of: `${name}-ours`,
    over: [`${name}-cocotbext`],
    atMost: 0.5,
  })),
  ...['icarus', 'verilator', 'ghdl'].map((name) => ({
    name: `waiting-${name}`,
    words: `CPU seconds of a second of waiting, ${name}`,
    of: `${name}-idle`,
    atMost: 0.005,
  })),
]

/** @param {Line} line @returns {string[]} what must be measured for it */
export function measuresOf({ of, over = [] }) {
  return of ? [of, ...over] : []
}

/** @param {Line} line @param {(name: string) => number[]} valuesOf medians in nanoseconds, one a round */
export function ratiosOf({ of, over, perSecond }, valuesOf) {
  const values = valuesOf(of)
  if (perSecond) return values.map((ns) => 1e9 / ns)
  if (!over) return values.map((ns) => ns / 1e9)
  return values.map((value, round) => value / over.reduce((sum, name) => sum + valuesOf(name)[round], 0))
}

/** @param {Line} line @param {number} ratio */
export function isMet({ atMost = Infinity, atLeast = -Infinity }, ratio) {
  return ratio <= atMost && ratio >= atLeast
}

/** @param {Line} line */
export function aimOf({ atMost, atLeast }) {
  return atMost === undefined ? `at least ${atLeast.toLocaleString('en')}` : `at most ${atMost.toLocaleString('en')}`
}
