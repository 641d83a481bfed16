-- SPDX-License-Identifier: Apache-2.0
-- driver SENSOR UIO, by LuaJIT's foreign functions.
local ffi = require 'ffi'
ffi.cdef [[int open(const char *, int, ...); long write(int, const void *, size_t); long read(int, void *, size_t);
  long pread(int, void *, size_t, long); void *mmap(void *, size_t, int, int, int, long);]]
local c, word = ffi.C, ffi.new('uint32_t[1]', 0x11223344)
local sensor, uio = c.open(arg[1], 2), c.open(arg[2], 2)
print(sensor >= 0 and uio >= 0 and 'open ok')
print('write ' .. tonumber(c.write(sensor, word, 4)))
c.pread(sensor, word, 4, 0)
print(string.format('read %x', word[0]))
local function map(fd) return ffi.cast('volatile uint32_t *', c.mmap(nil, 4096, 3, 1, fd, 0)) end
print(string.format('map %x', map(sensor)[0]))
local timer = map(uio)
timer[3] = 3000
timer[0] = 3
c.read(uio, word, 4)
print('wait ' .. word[0])
