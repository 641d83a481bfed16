"""callers.py PATH OFFSET: reaches a register in the ways that programs do. Tests look for lines by their comments."""

import ctypes
import mmap
import os
import sys
import threading

device = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 4096, offset=int(sys.argv[2], 0))
words = memoryview(device).cast('I')
register = ctypes.c_uint32.from_buffer(device, 8)


class Driver:
    def status(self):
        return words[2]  # method


def prüfe():
    return words[2]  # other letters


def spread(ignored):
    return [
        ignored,
        words[2],  # several lines
        ignored,
    ]


def generate():
    yield words[2]  # generator


def copied():
    return device[8:12]  # slice


def by_ctypes():
    return register.value  # ctypes


def in_thread():
    return words[2]  # thread


def deep(depth):
    return deep(depth - 1) if depth else words[2]  # deep


Driver().status()
prüfe()
spread(1)
list(generate())
copied()
by_ctypes()
thread = threading.Thread(target=in_thread)
thread.start()
thread.join()
deep(20)
words[2]  # module
