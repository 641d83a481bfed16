"""An axil_timer behind /dev/uio0, as Python drives it: mmap for its registers, selectors for its interrupt."""
import mmap
import os
import selectors
import struct
import sys

CONTROL, STATUS, COUNTER, COMPARE = range(4)
RUN, INTERRUPT_ENABLE = 1, 2

device = os.open('/dev/uio0', os.O_RDWR)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')
selector = selectors.DefaultSelector()
selector.register(device, selectors.EVENT_READ)


def start(cycles):
    registers[COMPARE] = cycles
    registers[CONTROL] = RUN | INTERRUPT_ENABLE


def take():
    """Waits for an interrupt, clears it in the device, and gives the device's count."""
    (key, _), = selector.select()
    count, = struct.unpack('I', os.read(key.fd, 4))
    registers[STATUS] = 1
    return count


def unmask(on=1):
    os.write(device, struct.pack('i', on))


def many(total):
    start(300)
    for expected in range(1, total + 1):
        registers[COUNTER] = 0
        assert take() == expected, expected
        unmask()
    print('the last was', expected)


def masked():
    """A second interrupt stays away until it is unmasked; then it comes at once, for its line is still high."""
    start(300)
    print('count', take())
    registers[COUNTER] = 0
    print('masked:', len(selector.select(0.05)), 'ready, status', registers[STATUS])
    unmask()
    print('unmasked:', len(selector.select(0)), 'ready, count', take())
    unmask(0)
    registers[COUNTER] = 0
    print('masked by hand:', len(selector.select(0.05)), 'ready')


{'many': lambda: many(int(sys.argv[2])), 'masked': masked}[sys.argv[1]]()
