# SPDX-License-Identifier: Apache-2.0
# snippets PATH BASE SNIPPET...: runs each snippet on a mapping `device`; before each a byte is read at 0xff0, as a
# mark.
import ctypes
import mmap
import os
import struct
import sys

device = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 4096, offset=int(sys.argv[2]))
words = memoryview(device).cast("I")
for code in [compile(text, text, "exec") for text in sys.argv[3:]]:
    device[0xFF0]
    exec(code)
