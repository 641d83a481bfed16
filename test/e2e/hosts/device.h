// SPDX-License-Identifier: Apache-2.0
// What every host program here does first: open a device and map some of it, as any userspace driver would.
#ifndef DEVICE_H
#define DEVICE_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static inline uint64_t number(const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 0);
    if (end != text && *end == '\0')
        return value;
    fprintf(stderr, "'%s' is not a number\n", text);
    exit(2);
}

// Bytes [base, base + size) of the file at `path`. `base` is page-aligned.
static inline volatile uint8_t *device_map(const char *path, uint64_t base, size_t size)
{
    int fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
    if (fd < 0) {
        fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
        exit(2);
    }
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)base);
    if (mapped == MAP_FAILED) {
        fprintf(stderr, "cannot map %zu bytes of %s at 0x%llx: %s\n", size, path, (unsigned long long)base,
                strerror(errno));
        exit(2);
    }
    close(fd);
    return mapped;
}

static inline uint32_t device_read32(volatile uint8_t *device, uint64_t offset)
{
    return *(volatile uint32_t *)(device + offset);
}

static inline void device_write32(volatile uint8_t *device, uint64_t offset, uint32_t value)
{
    *(volatile uint32_t *)(device + offset) = value;
}
#endif
