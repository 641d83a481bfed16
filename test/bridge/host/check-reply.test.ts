/** What a bridge that runs elsewhere says is looked over before anything is done with it. */
import { describe, expect, it } from 'vitest'
import { Breach, checkReply } from '../../../bridge/host/check-reply.js'
import type { WatchReply } from '../../../bridge/wire/watch-messages.js'

const sizes: Record<string, bigint> = { '1.memory': 8192n }

function breachOf(reply: WatchReply): string | undefined {
  try {
    checkReply(reply, (name) => sizes[name])
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(Breach)
    return (error as Error).message
  }
}

function place(sockets: string[], memories: { name: string; size: string }[] = [], directory = '/tmp/trapline-abc') {
  return { place: { directory, sockets, memories } }
}

function memory(position: string, size: number, bytes = 0, name = '1.memory') {
  return { memory: { id: 1, name, position, size, data: Buffer.alloc(bytes) } }
}

function file(path: string) {
  return { file: { path, contents: Buffer.from('x') } }
}

it.each<[string, WatchReply]>([
  ['what a bridge says', place(['clock', 'uio0.trapline-XyZ012'], [{ name: '1.memory', size: '1048576' }])],
  ['a file of /sys', file('root/sys/class/uio/uio0/maps/map0/size')],
  ['a link of /sys', { file: { path: 'root/sys/class/uio/uio0', contents: Buffer.of(), link: '../../devices/uio0' } }],
  ['all of a memory', memory('4096', 4096)],
  ['its last byte', memory('8191', 0, 1)],
  ['a host', { checkIn: { pid: 4711 } }],
  ['bytes', { socket: { connection: 1, data: Buffer.alloc(9) } }],
])('%s passes', (_name, reply) => expect(breachOf(reply)).toBeUndefined())

it.each([
  '/etc',
  '../../../..',
  '../../../../etc',
  '../..',
  '../../../',
  '../../x/../y',
  'a//b',
  'a\0',
  '../'.repeat(500),
])('a link to %j is refused', (link) =>
  expect(breachOf({ file: { path: 'root/sys/class/x', contents: Buffer.of(), link } })).toMatch(
    /^sends the (link|file) '.* is outside of what it may mirror$/,
  ),
)

describe('names that are refused', () => {
  it.each([
    ...['../x', 'a/../../b', '/etc/passwd', 'a/b', '', '.', '..', '.bashrc', 'a\0b', 'a\nb', 'x'.repeat(65), 'ä'],
    ...['bridge.sock', 'ledger', 'untrapped', 'root', 'nodes'],
  ])('%j', (name) => {
    expect(breachOf(place([name]))).toMatch(/^names '/)
    expect(breachOf(place([], [{ name, size: '4096' }]))).toMatch(/^names '/)
  })

  it('twice, or too many', () => {
    expect(breachOf(place(['clock', 'clock']))).toBe("names 'clock' twice")
    expect(breachOf(place(['a'], [{ name: 'a', size: '1' }]))).toBe("names 'a' twice")
    const many = Array.from({ length: 129 }, (_, i) => `s${i}`)
    expect(breachOf(place(many))).toBe('names 129 sockets and memories; 128 are possible')
  })

  it.each(['', 'tmp', './tmp', '/tmp/../etc', '/tmp//x', '/tmp\0/x', `/${'x'.repeat(2000)}`])(
    'folder %j',
    (directory) =>
      expect(breachOf(place([], [], directory))).toMatch(
        /as its run directory, which is no absolute path of a folder$/,
      ),
  )

  it.each([
    ...['root', 'root/', 'root//a', 'root/../x', 'root/a/../../../x', 'root/./a', '/sys/a', '../root/a', 'sys/class'],
    ...['', 'root/a\0b', `root/${'x/'.repeat(1000)}x`, 'ledger', 'nodes/3', 'ROOT/a'],
  ])('file %j', (path) => expect(breachOf(file(path))).toMatch(/^sends the file '.*', which is outside/))
})

describe('numbers that are refused', () => {
  it.each(['0', '18446744073709551615', String((1n << 46n) + 1n)])('memory of %s bytes', (size) =>
    expect(breachOf(place([], [{ name: 'm', size }]))).toMatch(new RegExp(`^says ${size} for memory m, its bytes`)),
  )

  it.each([
    ['18446744073709551615', 16, 0, /which has 8192 bytes$/],
    ['18446744073709551615', 0, 1, /which has 8192 bytes$/],
    ['8192', 1, 0, /which has 8192 bytes$/],
    ['8191', 2, 0, /which has 8192 bytes$/],
    ['0', 4097, 0, /one of them, to 4096, is possible$/],
    ['0', 4294967295, 0, /one of them, to 4096, is possible$/],
    ['0', 0, 4097, /one of them, to 4096, is possible$/],
    ['0', 0, 0, /one of them, to 4096, is possible$/],
    ['0', 4, 4, /one of them, to 4096, is possible$/],
  ])('access at %s of %i bytes, %i to write', (position, size, bytes, sentence) =>
    expect(breachOf(memory(position, size, bytes))).toMatch(sentence),
  )

  it('memory that is not known', () =>
    expect(breachOf(memory('0', 1, 0, '2\x1b[2J'))).toBe("asks for the memory '2\\x1b[2J', which it has not named"))

  it.each([0, -1, 2 ** 31 - 1, -(2 ** 31)])('pid %i', (pid) => expect(breachOf({ checkIn: { pid } })).toMatch(/^says /))
})
