"""axi_dma as Python drives it, with what else lies on the machine: see dma.test.ts for the configurations."""
import mmap
import os
import struct
import sys

CONTROL, STATUS, HEAD, HEAD_HI, COUNT, FAULT = range(6)
START, INTERRUPT_ENABLE = 1, 2
DONE, ERROR = 2, 4
LAST = 1


def mapped(path, offset, size):
    return mmap.mmap(os.open(path, os.O_RDWR), size, offset=offset)


class Dma:
    """Registers by /dev/uio0, descriptors at the start of the memory that is at bus address `physical`."""

    def __init__(self, memory, physical):
        self.device = os.open('/dev/uio0', os.O_RDWR)
        self.registers = memoryview(mmap.mmap(self.device, 4096)).cast('I')
        self.memory, self.physical = memory, physical

    def copy(self, source, destination, length):
        """Offsets into the memory; waits for the interrupt and gives the status."""
        self.memory[:32] = struct.pack('<QQIIQ', self.physical + source, self.physical + destination, length, LAST, 0)
        self.registers[HEAD] = self.physical & 0xffffffff
        self.registers[HEAD_HI] = self.physical >> 32
        self.registers[CONTROL] = START | INTERRUPT_ENABLE
        os.read(self.device, 4)
        status = self.registers[STATUS]
        self.registers[STATUS] = status
        os.write(self.device, struct.pack('I', 1))
        return status


def attribute(name):
    with open('/sys/class/u-dma-buf/udmabuf0/' + name) as file:
        return int(file.read(), 0)


def buffer():
    size = attribute('size')
    return mapped('/dev/udmabuf0', 0, size), attribute('phys_addr'), size


def ends():
    """From one end of the buffer to the other, and back."""
    memory, physical, size = buffer()
    dma = Dma(memory, physical)
    memory[size - 8:] = b'the end.'
    print(dma.copy(size - 8, 64, 8), bytes(memory[64:72]))
    memory[64:72] = b'returns.'
    print(dma.copy(64, size - 8, 8), bytes(memory[size - 8:]))


def reserved():
    """Memory and registers in one file, in one mapping."""
    base, memory_bytes = 0x20000000, 0x10000
    whole = mapped('/dev/mem', base, memory_bytes + 4096)
    dma = Dma(whole, base)
    whole[0x1000:0x1010] = b'in reserved RAM.'
    print(dma.copy(0x1000, 0x8000, 16), bytes(whole[0x8000:0x8010]))
    whole[memory_bytes:memory_bytes + 4] = b'\1\2\3\4'
    print(bytes(whole[memory_bytes:memory_bytes + 4]))
    file = os.open('/dev/mem', os.O_RDWR)
    print(os.pread(file, 16, base + 0x8000))
    os.pwrite(file, b'by pwrite', base + 0x9000)
    print(bytes(whole[0x9000:0x9009]))


def files():
    """read, write and lseek of the buffer's own file, and its attributes."""
    _, _, size = buffer()
    file = os.open('/dev/udmabuf0', os.O_RDWR)
    print(os.write(file, b'abcdef'), os.lseek(file, 2, os.SEEK_SET), os.read(file, 3))
    print(len(os.pread(file, 100, size - 10)), os.pread(file, 1, size))
    for name in ('sync_for_cpu', 'sync_for_device', 'sync_offset'):
        with open('/sys/class/u-dma-buf/udmabuf0/' + name, 'w') as attribute_file:
            attribute_file.write('1')
    print(attribute('sync_mode'), os.path.exists('/sys/class/udmabuf/udmabuf0/phys_addr'))


def together():
    """Four devices on three models; the RTL reaches for memory that nobody gave it, and everything else goes on."""
    memory, physical, size = buffer()
    dma = Dma(memory, physical)
    a, b, regs = (memoryview(mapped('/dev/mem', base, 4096)).cast('I') for base in (0x10000, 0x20000, 0x30000))
    a[0], b[0], regs[0] = 1, 2, 3
    memory[4096:4104] = b'good one'
    print('into nowhere:', dma.copy(4096, size + 0x100, 64))
    print('registers:', a[0], b[0], regs[0])
    print('after it:', dma.copy(4096, 8192, 8), bytes(memory[8192:8200]))
    print('out of nowhere:', dma.copy(-4096, 8192, 8))
    print('registers:', a[0], b[0], regs[0])


def astray():
    """The RTL writes and reads beyond the buffer."""
    _, physical, size = buffer()
    dma = Dma(mapped('/dev/udmabuf0', 0, size), physical)
    print(dma.copy(4096, size + 0x100, 64), dma.copy(-4096, 8192, 8))


{f.__name__: f for f in (ends, reserved, files, together, astray)}[sys.argv[1]]()
