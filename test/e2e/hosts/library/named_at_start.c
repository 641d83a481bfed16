// SPDX-License-Identifier: Apache-2.0
// A library that reaches the device DEVICE as it is loaded, by libc's names.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void start(void)
{
    uint32_t word = 0x0badcafe, back = 0;
    const char *path = getenv("DEVICE");
    if (path == NULL)
        return;
    int fd = open(path, O_RDWR);
    long put = pwrite(fd, &word, sizeof word, 8);
    long got = pread(fd, &back, sizeof back, 8);
    printf("%ld %ld: %x\n", put, got, back);
}
