"""An axil_uart16550 behind /dev/uio0, in loopback: each byte that comes back is an interrupt."""
import mmap
import os
import selectors
import struct
import sys

DATA, IER, FCR, LCR, MCR, LSR = range(6)
DLAB, EIGHT_BITS, LOOPBACK, RECEIVED = 0x80, 3, 0x10, 1

device = os.open('/dev/uio0', os.O_RDWR)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')
selector = selectors.DefaultSelector()
selector.register(device, selectors.EVENT_READ)

registers[LCR] = DLAB | EIGHT_BITS
registers[DATA] = 1
registers[LCR] = EIGHT_BITS
registers[MCR] = LOOPBACK
registers[IER] = RECEIVED

for count in range(1, int(sys.argv[1]) + 1):
    byte = count * 7 & 0xff
    registers[DATA] = byte
    selector.select()
    assert struct.unpack('I', os.read(device, 4)) == (count,), count
    assert registers[DATA] == byte, count
    os.write(device, struct.pack('I', 1))
print('the last was', count)
