# SPDX-License-Identifier: Apache-2.0
"""driver SENSOR UIO, by numpy: arrays over files and mappings, whose loops use what the processor has."""
import mmap
import os
import sys

import numpy

words = numpy.full(64, 0x11223344, dtype=numpy.uint32)


def mapped(file):
    return numpy.frombuffer(mmap.mmap(file.fileno(), 4096), dtype=numpy.uint32)


with open(sys.argv[1], 'r+b', buffering=0) as sensor, open(sys.argv[2], 'r+b', buffering=0) as uio:
    print('open ok')
    words[:1].tofile(sensor)
    print('write', sensor.tell())
    sensor.seek(0)
    print('read %x' % numpy.frombuffer(sensor.read(4), dtype=numpy.uint32)[0])
    registers = mapped(sensor)
    print('map %x' % registers[0])
    registers[:64] = words
    print('sum %x' % registers[:64].sum(dtype=numpy.uint64))
    timer = mapped(uio)
    timer[3] = 3000
    timer[0] = 3
    print('wait', numpy.frombuffer(os.read(uio.fileno(), 4), dtype=numpy.uint32)[0])
