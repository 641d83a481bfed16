# SPDX-License-Identifier: Apache-2.0
# driver SENSOR UIO, by Ruby's own files, which wait in its scheduler of threads, and by Fiddle for what they can't.
require 'fiddle'
libc, i, p, l = Fiddle.dlopen('libc.so.6'), Fiddle::TYPE_INT, Fiddle::TYPE_VOIDP, Fiddle::TYPE_LONG
mmap = Fiddle::Function.new(libc['mmap'], [p, l, i, i, i, l], p)
map = ->(file) { Fiddle::Pointer.new(mmap.call(nil, 4096, 3, 1, file.fileno, 0).to_i, 4096) }
sensor, uio = ARGV.map { |path| File.open(path, 'r+b') }
puts 'open ok', "write #{sensor.syswrite([0x11223344].pack('V'))}"
puts format('read %x', sensor.pread(4, 0).unpack1('V')), format('map %x', map[sensor][0, 4].unpack1('V'))
timer = map[uio]
timer[12, 4] = [3000].pack('V')
timer[0, 4] = [3].pack('V')
puts "wait #{uio.sysread(4).unpack1('V')}"
