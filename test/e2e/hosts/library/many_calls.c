// SPDX-License-Identifier: Apache-2.0
// A library with more instructions that make system calls than fit into a filter. The last of them reach the device
// DEVICE as it is loaded, or when the program calls it.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "../raw.h"

void use_device(void);

#define CALL __asm__ volatile("syscall" ::"a"(SYS_getppid) : "rcx", "r11", "memory");
#define TEN(it) it it it it it it it it it it

__attribute__((noinline)) static void call_often(int really)
{
    if (really) {
        TEN(TEN(TEN(CALL)))
        TEN(TEN(CALL))
    }
}

void use_device(void)
{
    uint32_t word = 0x0badcafe, back = 0;
    long fd = raw(SYS_openat, AT_FDCWD, (long)getenv("DEVICE"), O_RDWR, 0, 0, 0);
    long put = raw(SYS_pwrite64, fd, (long)&word, sizeof word, 8, 0, 0);
    long got = raw(SYS_pread64, fd, (long)&back, sizeof back, 8, 0, 0);
    printf("%ld %ld: %x\n", put, got, back);
}

__attribute__((constructor)) static void start(void)
{
    call_often(getenv("OFTEN") != NULL);
    if (getenv("DEVICE") != NULL)
        use_device();
}
