// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct memory map(const char *what, int flags, int fd, uint64_t offset, size_t size, bool low)
{
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | (low ? MAP_32BIT : 0), fd, (off_t)offset);
    if (low && (base == MAP_FAILED || (uintptr_t)base + size > 1ull << 31))
        return (struct memory){NULL, size};
    if (base == MAP_FAILED) {
        fprintf(stderr, "forms: cannot map %zu bytes of %s at 0x%llx: %s\n", size, what, (unsigned long long)offset,
                strerror(errno));
        exit(2);
    }
    return (struct memory){base, size};
}

struct memory memory_map_device(const char *path, uint64_t offset, size_t size, bool low)
{
    int fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "forms: cannot open %s: %s\n", path, strerror(errno));
        exit(2);
    }
    struct memory memory = map(path, MAP_SHARED, fd, offset, size, low);
    close(fd);
    return memory;
}

struct memory memory_map_plain(size_t size, bool low)
{
    return map("plain memory", MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, size, low);
}

void memory_fill(uint64_t address, const uint8_t *from, size_t count)
{
    volatile uint64_t *words = (volatile uint64_t *)(uintptr_t)address;
    for (size_t i = 0; i < count / 8; i++) {
        uint64_t word;
        memcpy(&word, from + 8 * i, 8);
        words[i] = word;
    }
}

void memory_read_back(uint64_t address, uint8_t *to, size_t count)
{
    const volatile uint64_t *words = (const volatile uint64_t *)(uintptr_t)address;
    for (size_t i = 0; i < count / 8; i++) {
        uint64_t word = words[i];
        memcpy(to + 8 * i, &word, 8);
    }
}
