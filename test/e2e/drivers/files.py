# SPDX-License-Identifier: Apache-2.0
"""driver SENSOR UIO: by asyncio, for the interrupt, and by file objects and pathlib for the rest."""
import asyncio
import mmap
import os
import pathlib
import struct
import sys


async def main():
    sensor = pathlib.Path(sys.argv[1])
    uio = open(sys.argv[2], 'r+b', buffering=0)
    print('open ok')
    with sensor.open('r+b', buffering=0) as file:
        print('write', file.write(struct.pack('I', 0x11223344)))
        file.seek(0)
        print('read %x' % struct.unpack('I', await asyncio.to_thread(file.read, 4)))
        print('map %x' % memoryview(mmap.mmap(file.fileno(), 4096)).cast('I')[0])
    timer = memoryview(mmap.mmap(uio.fileno(), 4096)).cast('I')
    timer[3] = 3000
    came = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(uio, lambda: came.done() or came.set_result(os.read(uio.fileno(), 4)))
    timer[0] = 3
    print('wait', struct.unpack('I', await came)[0])


asyncio.run(main())
