"""Reads the registers, writes words and, if told so, a byte, and reads them again."""
import mmap
import os
import sys

view = memoryview(mmap.mmap(os.open('/dev/mem', os.O_RDWR), 4096, offset=0x43C00000))
words = view.cast('I')


def show():
    print(*(f'{words[i]:08x}' for i in range(4)))


show()
words[1] = 0x12345678
words[2] = words[2] ^ 0x0F
if sys.argv[1] == 'bytes':
    view[5] = 0xAA
show()
