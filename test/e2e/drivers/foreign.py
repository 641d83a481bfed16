# SPDX-License-Identifier: Apache-2.0
"""driver SENSOR UIO, by cffi: functions of libc by their declarations."""
import sys

import cffi

ffi = cffi.FFI()
ffi.cdef("""
    int open(const char *, int, ...);
    ssize_t write(int, const void *, size_t);
    ssize_t read(int, void *, size_t);
    ssize_t pread(int, void *, size_t, long);
    void *mmap(void *, size_t, int, int, int, long);
""")
libc = ffi.dlopen(None)
word = ffi.new('uint32_t[1]', [0x11223344])


def mapped(fd):
    return ffi.cast('volatile uint32_t *', libc.mmap(ffi.NULL, 4096, 3, 1, fd, 0))


sensor, uio = (libc.open(path.encode(), 2) for path in sys.argv[1:3])
print('open', 'ok' if sensor >= 0 and uio >= 0 else 'failed')
print('write', libc.write(sensor, word, 4))
libc.pread(sensor, word, 4, 0)
print('read %x' % word[0])
print('map %x' % mapped(sensor)[0])
timer = mapped(uio)
timer[3] = 3000
timer[0] = 3
libc.read(uio, word, 4)
print('wait', word[0])
