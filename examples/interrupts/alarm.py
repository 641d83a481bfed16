"""Waits for three interrupts of the timer behind /dev/uio0, as on hardware."""
import mmap, os, struct

CONTROL, STATUS, COUNT, COMPARE = range(4)

device = os.open('/dev/uio0', os.O_RDWR)
registers = memoryview(mmap.mmap(device, 4096)).cast('I')

registers[COMPARE] = 100_000            # cycles: 1 ms at 100 MHz
registers[CONTROL] = 3                  # run, with interrupt
for _ in range(3):
    registers[COUNT] = 0
    count, = struct.unpack('I', os.read(device, 4))     # waits
    print('interrupt', count, 'status', registers[STATUS])
    registers[STATUS] = 1               # clears it in the device
    os.write(device, struct.pack('I', 1))               # unmasks it
