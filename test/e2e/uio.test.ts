/** UIO devices, from the RTL's interrupt line to the host that waits for it. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

const models = { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } }
const uio = { kind: 'uio' as const, model: 'timer', maps: [{ size: 0x1000 }] }
const timer: TraplineConfig = { models, devices: { timer0: { ...uio, interrupt: 'irq_o' } } }
const silent: TraplineConfig = { models, devices: { timer0: uio } }
const python = (...args: string[]) => ['python3', join(import.meta.dirname, 'tools/uio_timer.py'), ...args]
const sh = (...commands: string[]) => ['sh', '-ec', commands.join('\n')]

async function outputOf(config: TraplineConfig, program: string[]): Promise<string> {
  const { status, stdout, stderr } = await runHost(makeScratch(), config, program)
  expect(status, stderr).toBe(0)
  return stdout
}

/** Interrupts that follow each other; `npm run soak` waits for more of them. */
const many = process.env.SOAK_ACCESSES ? '10000' : '2000'

it('is opened whatever signals come meanwhile', async () => {
  const script = `
import os, signal
signal.signal(signal.SIGALRM, lambda *_: None)
signal.siginterrupt(signal.SIGALRM, True)
signal.setitimer(signal.ITIMER_REAL, 0.0003, 0.0003)
for _ in range(300): os.close(os.open('/dev/uio0', os.O_RDWR))
signal.setitimer(signal.ITIMER_REAL, 0)
print('300 times')
`
  expect(await outputOf(timer, ['python3', '-c', script])).toBe('300 times\n')
})

describe('an interrupt wakes', () => {
  it.each(['read', 'poll', 'select', 'epoll'])('%s in C', async (way) => {
    expect(await outputOf(timer, [host('uio_wait'), '/dev/uio0', way, '50'])).toBe(`${way}: interrupts 1 to 50\n`)
  })

  it('selectors in Python, thousands of times', async () => {
    expect(await outputOf(timer, python('many', many))).toBe(`the last was ${many}\n`)
  })

  it('selectors in Python for each byte of a serial port, thousands of times', async () => {
    const sources = ['uart16550_line', 'axil_uart16550'].map(sampleRtl)
    const config: TraplineConfig = {
      models: { uart: { top: 'axil_uart16550', sources } },
      devices: { uart0: { ...uio, model: 'uart', interrupt: 'irq_o' } },
    }
    const program = ['python3', join(import.meta.dirname, 'tools/uio_uart.py'), many]
    expect(await outputOf(config, program)).toBe(`the last was ${many}\n`)
  })

  /** Such a stream reads as many bytes as it is asked for, and the device gives four at a time. */
  it('a stream of libc without a buffer', async () => {
    const lines = `
import ctypes, mmap
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.fopen(b'/dev/uio0', b'r+b'))
libc.setvbuf(stream, None, 2, 0)
timer, word = mmap.mmap(libc.fileno(stream), 4096), ctypes.c_uint32(1)
def set(offset, value): timer[offset:offset + 4] = value.to_bytes(4, 'little')
for _ in range(3):
    libc.fwrite(ctypes.byref(word), 4, 1, stream)
    for offset, value in (0, 0), (4, 1), (8, 0), (12, 100), (0, 3): set(offset, value)
    print(libc.fread(ctypes.byref(word), 4, 1, stream), word.value)
    word.value = 1
print(libc.fread(ctypes.byref(word), 2, 1, stream), libc.ferror(stream) != 0)
`
    expect(await outputOf(timer, ['python3', '-c', lines])).toBe('1 1\n1 2\n1 3\n0 True\n')
  })

  it('nobody while it is masked', async () => {
    expect(await outputOf(timer, python('masked'))).toBe(
      'count 1\nmasked: 0 ready, status 1\nunmasked: 1 ready, count 2\nmasked by hand: 0 ready\n',
    )
  })
})

it('a file of a device that can not be written is our failure, and not the word of its model', async () => {
  const count = '$TRAPLINE_RUN_DIR/root/sys/devices/platform/40000000.timer0/uio/uio0/event'
  const program = sh(`rm ${count}; mkdir ${count}`, `exec ${host('uio_wait')} /dev/uio0 poll 5`)
  const { status, sentences } = await runHost(makeScratch(), timer, program)
  expect(status).toBe(125)
  expect(sentences).toContainEqual(
    expect.stringMatching(
      /^\/sys\/devices\/\S+\/uio\/uio0\/event of hosts can't be written in .* \(E\w+: .*; look whether there is room/,
    ),
  )
  expect(sentences.join()).not.toMatch(/sent a message/)
})

it('is repeatable: the same interrupts in the same cycles', async () => {
  const run = async () => {
    const program = [host('uio_wait'), '/dev/uio0', 'poll', '30']
    const { log } = await runHost(makeScratch(), timer, program, { flags: ['--seed', '7'] })
    return log.map(({ cycleStart, cycleEnd, data }) => [cycleStart, cycleEnd, data])
  }
  const first = await run()
  for (let i = 0; i < 3; i++) expect(await run()).toEqual(first)
})

/** What drivers/uio/uio.c and the kernel's file layer do, by operation. */
const results = {
  'read of 0': 'EINVAL',
  'read of 3': 'EINVAL',
  'read of 8': 'EINVAL',
  'read of 4, nothing came': 'EAGAIN',
  'pread of 4': 'EAGAIN',
  'write of 0': 'EINVAL',
  'write of 3': 'EINVAL',
  'write of 8': 'EINVAL',
  'write of 4': '4',
  'write of 4, opened to read': 'EBADF',
  'mmap of map 0': '0',
  'mmap of a part of map 0': '0',
  'mmap beyond map 0': 'EINVAL',
  'mmap of map 1, there is none': 'EINVAL',
  'mmap at half a page': 'EINVAL',
  'mmap of nothing': 'EINVAL',
  'mmap to write, opened to read': 'EACCES',
  'poll for 0 ms': '0',
  'select for 0 ms': '0',
  lseek: '0',
  ioctl: 'ENOTTY',
  ftruncate: 'EINVAL',
  fsync: 'EINVAL',
  fstat: '0',
  'is a character device': '1',
  'open as a directory': 'ENOTDIR',
  access: '0',
}

describe('operations return what the kernel returns', () => {
  it.each([
    ['with an interrupt', timer, {}],
    ['without', silent, { 'read of 4, nothing came': 'EIO', 'pread of 4': 'EIO', 'write of 4': 'EIO' }],
  ])('%s', async (_name, config, others) => {
    const stdout = await outputOf(config, [host('uio_errors'), '/dev/uio0'])
    const told = stdout.trimEnd().split('\n')
    const expected = Object.entries({ ...results, ...others })
    expect(told).toEqual(expected.map(([operation, result]) => `${operation} ${result}`))
  })
})

it('has its place in sysfs', async () => {
  const maps = [
    { name: 'registers', size: 0x1000, base: '0xfe000000' },
    { size: 0x800, address: 0 },
  ]
  const config: TraplineConfig = {
    models,
    devices: { timer0: { ...uio, maps, name: 'my-timer', version: '2.1', index: 3 } },
  }
  const stdout = await outputOf(
    config,
    sh(
      'cd /sys/class/uio/uio3',
      'env pwd -P',
      'ls /sys/class/uio | grep uio3',
      'cat name version event',
      'ls maps',
      'cat maps/map0/name maps/map0/addr maps/map0/size maps/map0/offset maps/map1/addr maps/map1/size',
      'ls /dev | grep uio',
    ),
  )
  expect(stdout.split('\n')).toEqual([
    ...['/sys/devices/platform/fe000000.my-timer/uio/uio3', 'uio3', 'my-timer', '2.1', '0', 'map0', 'map1'],
    ...['registers', '0x00000000fe000000', '0x0000000000001000', '0x0'],
    ...['0x0000000040000000', '0x0000000000000800', 'uio3', ''],
  ])
})

it('tells every process that has it open', async () => {
  // Each says its line in one write: an unbuffered print makes several, and those of the other come in between.
  const script = `
import mmap, os, struct
opened, opens = os.pipe()
device = os.open('/dev/uio0', os.O_RDWR)
if os.fork() == 0:
    own = os.open('/dev/uio0', os.O_RDWR)
    os.write(opens, b'.')
    os.write(1, b'child %d\\n' % struct.unpack('I', os.read(own, 4)))
    os._exit(0)
os.read(opened, 1)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')
registers[3] = 100
registers[0] = 3
os.write(1, b'parent %d\\n' % struct.unpack('I', os.read(device, 4)))
os.wait()
`
  const stdout = await outputOf(timer, ['python3', '-c', script])
  expect(stdout.trimEnd().split('\n').sort()).toEqual(['child 1', 'parent 1'])
})

it('is never writable, so nobody who waits for that is woken but by an interrupt', async () => {
  const script = `
import mmap, os, select, struct
device = os.open('/dev/uio0', os.O_RDWR)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')
both = select.POLLIN | select.POLLOUT
poll, edges = select.poll(), select.epoll()
poll.register(device, both)
edges.register(device, both | select.EPOLLET)
edges.modify(device, both | select.EPOLLET)
def wait(way):
    registers[1], registers[2] = 1, 0
    registers[3], registers[0] = 100, 3
    os.write(device, struct.pack('I', 1))
    print(way(), struct.unpack('I', os.read(device, 4))[0])
print(poll.poll(1), edges.poll(0.001), select.select([device], [device], [], 0.001))
wait(lambda: poll.poll() == [(device, select.POLLIN)])
wait(lambda: edges.poll() == [(device, select.EPOLLIN)])
wait(lambda: select.select([device], [device], []) == ([device], [], []))
`
  expect(await outputOf(timer, ['python3', '-c', script])).toBe('[] [] ([], [], [])\nTrue 1\nTrue 2\nTrue 3\n')
})

it('tells who has the descriptor from another process, also over exec', async () => {
  const script = `
import mmap, os, struct, sys
if len(sys.argv) > 1:
    print(sys.argv[1], struct.unpack('I', os.read(int(sys.argv[2]), 4))[0], flush=True)
    sys.exit()
device = os.open('/dev/uio0', os.O_RDWR)
copy = os.dup(device)
os.set_inheritable(copy, True)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')
os.close(device)
def interrupt():
    registers[1], registers[2] = 1, 0
    registers[3], registers[0] = 100, 3
    os.write(copy, struct.pack('I', 1))
for wait in 'forked', 'executed':
    child = os.fork()
    if child == 0 and wait == 'forked':
        print(wait, struct.unpack('I', os.read(copy, 4))[0], flush=True)
        os._exit(0)
    if child == 0:
        os.execvp('python3', ['python3', __file__, wait, str(copy)])
    interrupt()
    os.waitpid(child, 0)
`
  const scratch = makeScratch()
  const program = ['python3', scratch.write('inherit.py', script)]
  const { status, stdout, stderr } = await runHost(scratch, timer, program)
  expect(status, stderr).toBe(0)
  expect(stdout).toBe('forked 1\nexecuted 2\n')
})

it.each([
  ['irq_x', 'device timer0: model timer has no interrupt irq_x; its interrupts are irq_o'],
  ['s_axil_rvalid', 'device timer0: model timer has no interrupt s_axil_rvalid; its interrupts are irq_o'],
])('an interrupt that the model has not: %s', async (interrupt, sentence) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', { models, devices: { timer0: { ...uio, interrupt } } })
  const { status, sentences } = await trapline(scratch, ['run', '--config', config, '--', 'true'])
  expect([status, sentences.at(-1)]).toEqual([125, expect.stringContaining(sentence)])
})
