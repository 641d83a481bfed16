# SPDX-License-Identifier: Apache-2.0
# crash PATH BASE: an access with faulthandler in place, then a crash for it to report.
import faulthandler
import mmap
import os
import sys

faulthandler.enable()
device = mmap.mmap(os.open(sys.argv[1], os.O_RDWR), 4096, offset=int(sys.argv[2]))
device[4] = 7
print(device[4], flush=True)
faulthandler._sigsegv()
