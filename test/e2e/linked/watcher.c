// SPDX-License-Identifier: Apache-2.0
// watcher DEVICE
// Built against trapline.h: bytes of its own memory become the device, across a page boundary and beside memory that
// stays memory; then it is all memory again. Also compiles as C++.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <trapline.h>
#include <unistd.h>

enum { SIZE = 8192, BOUNDARY = 4096 };

static unsigned char memory[SIZE] __attribute__((aligned(4096)));

static int fail(const char *what)
{
    printf("watcher: %s: %s\n", what, strerror(errno));
    return 1;
}

static volatile unsigned char *byte_at(size_t offset)
{
    return memory + offset;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return fputs("usage: watcher DEVICE\n", stderr), 2;
    for (size_t i = 0; i < SIZE; i++)
        memory[i] = (unsigned char)i;

    // 12 bytes, 6 on either side of the boundary.
    if (trapline_watch(memory + BOUNDARY - 6, 12, argv[1], 0x100) != 0)
        return fail("watch");
    for (size_t i = 0; i < 12; i++)
        *byte_at(BOUNDARY - 6 + i) = (unsigned char)(0xa0 + i);
    *byte_at(BOUNDARY - 7) = 0x11;
    *byte_at(BOUNDARY + 6) = 0x22;
    for (size_t i = 0; i < 12; i++)
        if (*byte_at(BOUNDARY - 6 + i) != 0xa0 + i)
            return fail("a watched byte is not the device's");

    // Who looks without an access gets no zeros, and loses nothing that is written.
    int itself = open("/proc/self/mem", O_RDWR);
    unsigned char byte = 0x33;
    if (pread(itself, &byte, 1, (off_t)(size_t)byte_at(BOUNDARY)) != -1 || errno != EIO)
        return fail("read from outside");
    if (pwrite(itself, &byte, 1, (off_t)(size_t)byte_at(BOUNDARY)) != -1 || errno != EIO)
        return fail("write from outside");

    // The same bytes by another way.
    volatile unsigned char *mapped = (volatile unsigned char *)trapline_map(argv[1], 0, 4096);
    if (mapped == NULL)
        return fail("map");
    if (mapped[0x100] != 0xa0 || mapped[0x10b] != 0xab)
        return fail("the device has other bytes");

    if (trapline_watch(memory + BOUNDARY, 1, argv[1], 0) == 0 || errno != EBUSY)
        return fail("watched twice");
    if (trapline_watch(memory, 1, "nothing", 0) == 0 || errno != ENOENT)
        return fail("a device that is not there");
    if (trapline_unwatch(memory + BOUNDARY - 6, 12) != 0)
        return fail("unwatch");
    for (size_t i = 0; i < 12; i++)
        if (*byte_at(BOUNDARY - 6 + i) != (unsigned char)(BOUNDARY - 6 + i))
            return fail("memory lost a byte");
    if (*byte_at(BOUNDARY - 7) != 0x11 || *byte_at(BOUNDARY + 6) != 0x22)
        return fail("memory beside it lost a byte");
    puts("watcher: 12 watched bytes, memory around them whole");
    return 0;
}
