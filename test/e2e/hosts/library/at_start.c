// SPDX-License-Identifier: Apache-2.0
// A library that reaches the device DEVICE as it is loaded, and asks libc for nothing then.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "../raw.h"

__attribute__((constructor)) static void start(void)
{
    uint32_t word = 0x0badcafe, back = 0;
    const char *path = getenv("DEVICE");
    if (path == NULL)
        return;
    long fd = raw(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0);
    long put = raw(SYS_pwrite64, fd, (long)&word, sizeof word, 8, 0, 0);
    long got = raw(SYS_pread64, fd, (long)&back, sizeof back, 8, 0, 0);
    printf("%ld %ld: %x\n", put, got, back);
}
