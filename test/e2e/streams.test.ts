/**
 * AXI4-Stream ports as files: packets keep their ends, a program waits and is woken as with a kernel driver, and what
 * the RTL does wrong ends the run. The core changes each byte; see test/hdl/cores.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, trapline } from '../support/trapline.js'

const coreOf = (top: string, parameters = {}) => ({
  top,
  sources: [join(root, 'test/hdl/cores', `${top}.sv`)],
  parameters,
})

const lab: TraplineConfig = {
  models: { lab: coreOf('axis_lab') },
  devices: {
    regs: { kind: 'mem', base: 0x43c0_0000, size: 0x1000, model: 'lab' },
    link: { kind: 'stream', path: '/dev/axis0', model: 'lab' },
  },
  seed: 1,
}

const prelude = `
import errno, mmap, os, select, signal, stat, struct, threading
def outcome(call):
    try: return call()
    except OSError as error: return errno.errorcode[error.errno]
def back(packet): return bytes(byte ^ 0xff for byte in packet)
def read(fd, count=100): return back(os.read(fd, count))
fd = os.open('/dev/axis0', os.O_RDWR)
memory = os.open('/dev/mem', os.O_RDWR)
registers = mmap.mmap(memory, 4096, offset=0x43c00000)
def write32(offset, value): registers[offset:offset + 4] = struct.pack('<I', value)
def read32(offset): return struct.unpack('<I', registers[offset:offset + 4])[0]
`

function python(script: string, config: TraplineConfig = lab, flags: string[] = []) {
  return runHost(makeScratch(), config, ['python3', '-c', prelude + script], { flags })
}

it('a write is a packet, and a read gives at most one', async () => {
  const { status, stdout, log } = await python(`
print([os.write(fd, bytes(count)) for count in (1, 4, 5)], [len(os.read(fd, 100)) for _ in range(3)])
os.write(fd, b'0123456789'); print(read(fd, 4), read(fd, 4), read(fd, 4))
print(os.writev(fd, [b'ab', b'', b'cdefg']))
parts = [bytearray(3), bytearray(30)]; print(os.readv(fd, parts), back(parts[0]), back(parts[1][:4]))
big = os.urandom(5000); print(os.write(fd, big), read(fd, 9000) == big)
print(os.write(fd, b''), os.read(fd, 0), read32(4))
`)
  expect(stdout.split('\n')).toEqual([
    '[1, 4, 5] [1, 4, 5]',
    "b'0123' b'4567' b'89'",
    '7',
    "7 b'abc' b'defg'",
    '5000 True',
    "0 b'' 6",
    '',
  ])
  expect(status).toBe(0)
  const pieces = log.filter(({ widthBytes }) => widthBytes > 100)
  expect(pieces.map(({ op, device, widthBytes, beats }) => [op, device, widthBytes, beats])).toEqual([
    ['stream-write', 'link', 4096, 1024],
    ['stream-write', 'link', 904, 226],
    ['stream-read', 'link', 4096, 1024],
    ['stream-read', 'link', 904, 226],
  ])
})

it('its file is a character device that can be waited for, and neither mapped nor sought', async () => {
  const { status, stdout } = await python(`
print(stat.S_ISCHR(os.fstat(fd).st_mode), stat.S_ISCHR(os.stat('/dev/axis0').st_mode))
print(outcome(lambda: os.lseek(fd, 0, 0)), outcome(lambda: os.pread(fd, 4, 0)), outcome(lambda: mmap.mmap(fd, 4096)))
later = os.open('/dev/axis0', os.O_RDONLY | os.O_NONBLOCK)
giver = os.open('/dev/axis0', os.O_WRONLY)
print(outcome(lambda: os.write(later, b'x')), outcome(lambda: os.read(giver, 1)))
print(outcome(lambda: os.read(later, 1)), select.select([later], [], [], 0)[0])
os.write(giver, b'one')
epoll = select.epoll(); epoll.register(later, select.EPOLLIN)
print(epoll.poll() == [(later, select.EPOLLIN)], read(later), select.select([later], [], [], 0)[0])
os.close(fd); twin = os.dup(later); os.close(later); os.write(giver, b'two')
print(select.select([twin], [], [])[0] == [twin], read(twin), outcome(lambda: os.read(twin, 1)))
`)
  expect(stdout.split('\n')).toEqual([
    'True True',
    'ESPIPE ESPIPE ENODEV',
    'EBADF EBADF',
    'EAGAIN []',
    "True b'one' []",
    "True b'two' EAGAIN",
    '',
  ])
  expect(status).toBe(0)
})

it('a read waits for its packet, and a signal or another thread ends the wait', async () => {
  const { status, stdout } = await python(`
given = []
reader = threading.Thread(target=lambda: given.append(read(fd)))
reader.start(); os.write(fd, b'from a thread'); reader.join(); print(given)
def stop(*_): raise InterruptedError
signal.signal(signal.SIGUSR1, stop)
main = threading.main_thread().ident
sender = threading.Thread(target=lambda: (select.select([], [], [], 0.05), signal.pthread_kill(main, signal.SIGUSR1)))
sender.start()
try: os.read(fd, 1)
except InterruptedError: print('interrupted')
sender.join()
`)
  expect(stdout).toBe("[b'from a thread']\ninterrupted\n")
  expect(status).toBe(0)
})

it('where the RTL takes no more, who does not wait is told how much it took', async () => {
  const { status, stdout } = await python(`
later = os.open('/dev/axis0', os.O_WRONLY | os.O_NONBLOCK)
write32(8, 2)
print(os.write(later, bytes(range(100))), outcome(lambda: os.write(later, b'more')))
write32(8, 0)
print(os.write(later, bytes(range(68, 100))), read(fd) == bytes(range(100)))
`)
  expect(stdout).toBe('68 EAGAIN\n32 True\n')
  expect(status).toBe(0)
})

it('who waits again and again is woken by RTL that never ends a packet', async () => {
  const scratch = makeScratch()
  const source = `module counter (
  input  logic clk_i, input logic rst_ni,
  output logic [31:0] m_axis_tdata, output logic m_axis_tvalid, input logic m_axis_tready
);
  always_ff @(posedge clk_i or negedge rst_ni) begin
    m_axis_tvalid <= rst_ni;
    if (!rst_ni) m_axis_tdata <= '0;
    else if (m_axis_tvalid && m_axis_tready) m_axis_tdata <= m_axis_tdata + 1;
  end
endmodule
`
  const config: TraplineConfig = {
    models: { counter: { top: 'counter', sources: [scratch.write('counter.sv', source)] } },
    devices: { words: { kind: 'stream', path: '/dev/axis0', model: 'counter' } },
  }
  const script = `
import os, select
fd = os.open('/dev/axis0', os.O_RDONLY)
looks = select.poll()
looks.register(fd, select.POLLIN)
for _ in range(4): print(len(looks.poll()), len(os.read(fd, 4096)) > 0)
`
  const { status, stdout, stderr } = await runHost(scratch, config, ['python3', '-c', script])
  expect([status, stdout], stderr).toEqual([0, '1 True\n'.repeat(4)])
})

it('cat and dd read and write it as they are', async () => {
  const script = `
printf 'two words' | dd of=/dev/axis0 bs=4 2>/dev/null
dd if=/dev/axis0 bs=64 count=3 2>/dev/null | tr '\\377\\200-\\376' '\\000-\\177' | wc -c
exec 3<>/dev/axis0; cat /etc/hostname > /dev/null; echo busy | cat >&3
dd bs=64 count=1 <&3 2>&1 >/dev/null | head -2
`
  const { status, stdout } = await runHost(makeScratch(), lab, ['sh', '-c', script])
  expect(stdout).toBe('9\n0+1 records in\n0+1 records out\n')
  expect(status).toBe(0)
})

it('held back at random cycles the bytes are the same, and one seed is one run', async () => {
  const script = `
for count in (1, 7, 64, 333):
    packet = bytes(i % 251 for i in range(count)); os.write(fd, packet); print(read(fd, 1000) == packet)
`
  const runs = await Promise.all(
    ['11', '11', '12'].map((seed) => python(script, { ...lab, stall: { t: 60 } }, ['--seed', seed])),
  )
  expect(runs.map(({ stdout }) => stdout)).toEqual(Array(3).fill('True\nTrue\nTrue\nTrue\n'))
  const [first, again, other] = runs.map(({ log }) => log.map(({ cycleStart, cycleEnd }) => [cycleStart, cycleEnd]))
  expect(again).toEqual(first)
  expect(other).not.toEqual(first)
})

it.each([
  [1, 60, 'TVALID fell before TREADY rose (AXI-Stream IHI 0051, 2.2.1)'],
  [2, 60, 'the payload changed while TVALID waited for TREADY (AXI-Stream IHI 0051, 2.2.1)'],
  [3, 60, 'TSTRB is high in a lane whose TKEEP is low, which is reserved (AXI-Stream IHI 0051, 2.4.3)'],
  [
    4,
    0,
    "TID or TDEST changed within a packet: interleaved packets (AXI-Stream IHI 0051, 2.6) can't be read by a host",
  ],
])('the checker ends the run: fault %i', async (fault, stalled, breach) => {
  const script = `write32(12, ${fault}); os.write(fd, bytes(64)); os.read(fd, 64)`
  const { status, sentences } = await python(script, { ...lab, stall: { t: stalled } })
  expect(sentences.join('\n')).toContain(`port m_axis: ${breach}`)
  expect(status).toBe(125)
})

it('a beat that is never taken is a TIMEOUT, and a packet that never comes a deadlock', async () => {
  const stuck = await python(`write32(8, 1); print(outcome(lambda: os.write(fd, b'lost')))`, { ...lab, maxCycles: 500 })
  expect(stuck.stdout).toBe('EIO\n')
  expect(stuck.sentences.join('\n')).toContain('TREADY stayed low for 500 cycles')
  expect(stuck.status).toBe(125)
  const silent = await python(`os.read(fd, 1)`, { ...lab, maxIdleCycles: 100_000 })
  expect(silent.sentences.join('\n')).toMatch(/waits for a packet from link; model lab ran \d[\d,]* cycles without one/)
  expect(silent.status).toBe(125)
})

const raw = (DataWidth: number): TraplineConfig => ({
  models: { raw: coreOf('axis_raw', { DataWidth }) },
  devices: { link: { kind: 'stream', path: '/dev/raw', model: 'raw', read: 'out', write: 'in' } },
  seed: 1,
})

it.each([24, 1024])(
  '%i-bit beats without TKEEP and TLAST: whole beats, and a read gives what has come',
  async (width) => {
    const script = `
import os
fd = os.open('/dev/raw', os.O_RDWR); beat = ${width / 8}
sent = os.urandom(100 * beat)
try: os.write(fd, sent[1:])
except OSError as error: print(error.strerror)
print(os.write(fd, sent) == len(sent))
got = b''
while len(got) < len(sent): got += os.read(fd, 1000000)
print(got == b''.join(sent[i:i + beat][::-1] for i in range(0, len(sent), beat)))
`
    const { status, stdout, sentences } = await runHost(makeScratch(), raw(width), ['python3', '-c', script])
    expect(stdout).toBe('Invalid argument\nTrue\nTrue\n')
    expect(sentences.join('\n')).toContain(
      "stream status is taken and dropped (TREADY high), for no device of kind 'stream'",
    )
    expect(status).toBe(0)
  },
)

it('a log with packets is compared, and not made again', async () => {
  const scratch = makeScratch()
  const line = (packetEnd: boolean) =>
    `{"seq":1,"cycleStart":21,"cycleEnd":23,"timePs":230000,"op":"stream-write","device":"link","port":"s",` +
    `"offset":0,"widthBytes":2,"data":"0x0201","packetEnd":${packetEnd},"status":"OKAY","beats":1,"pid":1,"tid":1,` +
    '"pc":"0x1","symbol":""}\n'
  const [a, b] = [scratch.write('a.jsonl', line(true)), scratch.write('b.jsonl', line(false))]
  const compared = await trapline(scratch, ['diff', a, b])
  expect([compared.status, compared.stdout.split('\n')[0]]).toEqual([1, 'transfer 1 differs: packet'])
  const again = await trapline(scratch, ['replay', '--config', scratch.write('c.json', lab), a])
  expect(again.sentences.at(-1)).toContain("a.jsonl:1 is a transfer of stream link; packets can't be made again")
  expect(again.status).toBe(125)
})
