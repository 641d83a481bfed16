# SPDX-License-Identifier: Apache-2.0
"""driver WAY SENSOR UIO: by the standard library, or by a handle of libc as users of foreign functions have it."""
import ctypes
import mmap
import os
import struct
import sys


class Library:
    open, read, write = os.open, os.read, os.write
    pread = staticmethod(lambda fd, size: os.pread(fd, size, 0))
    map = staticmethod(lambda fd: memoryview(mmap.mmap(fd, 4096)).cast('I'))


class Handle:
    libc = ctypes.CDLL('libc.so.6')
    libc.mmap.restype = ctypes.c_void_p
    open = staticmethod(lambda path, flags: Handle.libc.open(path.encode(), flags))
    write = staticmethod(lambda fd, data: Handle.libc.write(fd, data, len(data)))

    @staticmethod
    def read(fd, size, call=libc.read, *more):
        room = ctypes.create_string_buffer(size)
        got = call(fd, room, size, *more)
        return room.raw[:got]

    pread = staticmethod(lambda fd, size: Handle.read(fd, size, Handle.libc.pread, 0))

    @staticmethod
    def map(fd):
        at = Handle.libc.mmap(None, ctypes.c_size_t(4096), 3, 1, fd, ctypes.c_long(0))
        return (ctypes.c_uint32 * 1024).from_address(at)


way = Handle if sys.argv[1] == 'handle' else Library
sensor, uio = (way.open(path, os.O_RDWR) for path in sys.argv[2:])
print('open', 'ok' if sensor >= 0 and uio >= 0 else 'failed')
print('write', way.write(sensor, struct.pack('I', 0x11223344)))
print('read %x' % struct.unpack('I', way.pread(sensor, 4)))
print('map %x' % way.map(sensor)[0])
timer = way.map(uio)
timer[3] = 3000
timer[0] = 3
print('wait', struct.unpack('I', way.read(uio, 4))[0])
