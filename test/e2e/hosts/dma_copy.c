// SPDX-License-Identifier: Apache-2.0
// dma_copy UIO BUFFER BYTES: an interrupt-driven userspace driver of axi_dma (hdl/models). It copies BYTES bytes, a
// multiple of 8, from one half of a u-dma-buf buffer to the other, and compares.
#include "device.h"

enum { CONTROL = 0x00, STATUS = 0x04, HEAD = 0x08, HEAD_HI = 0x0c, COUNT = 0x10 };
enum { START = 1, INTERRUPT_ENABLE = 2, DONE = 2, ERROR = 4 };
enum { LAST = 1, CHUNK = 64 * 1024, PAGE = 4096 };

struct descriptor {
    uint64_t source, destination;
    uint32_t length, control;
    uint64_t result;
};

static int open_or_fail(const char *path, int flags)
{
    int fd = open(path, flags);
    if (fd >= 0)
        return fd;
    fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
    exit(2);
}

// The number in a file of the buffer's directory in sysfs.
static uint64_t attribute(const char *buffer, const char *name)
{
    char path[256], text[64] = {0};
    snprintf(path, sizeof path, "/sys/class/u-dma-buf/%s/%s", buffer, name);
    int fd = open_or_fail(path, O_RDONLY);
    if (read(fd, text, sizeof text - 1) <= 0)
        exit(2);
    close(fd);
    return strtoull(text, NULL, 0);
}

static uint32_t describe(struct descriptor *chain, uint64_t source, uint64_t destination, uint64_t bytes)
{
    uint32_t count = 0;
    for (uint64_t done = 0; done < bytes; done += CHUNK, count++) {
        uint64_t length = bytes - done < CHUNK ? bytes - done : CHUNK;
        chain[count] = (struct descriptor){source + done, destination + done, (uint32_t)length,
                                           done + length == bytes ? LAST : 0, 0};
    }
    return count;
}

static void fill(uint64_t *words, uint64_t count)
{
    uint64_t state = 1;
    for (uint64_t i = 0; i < count; i++)
        words[i] = state = state * 6364136223846793005u + 1442695040888963407u;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    const uint64_t bytes = number(argv[3]), size = attribute(argv[2], "size"),
                   physical = attribute(argv[2], "phys_addr");
    const uint64_t source = PAGE * ((bytes / CHUNK + 1) * sizeof(struct descriptor) / PAGE + 1),
                   destination = source + bytes;
    if (destination + bytes > size) {
        fprintf(stderr, "%s has only %llu bytes\n", argv[2], (unsigned long long)size);
        return 2;
    }
    char path[256];
    snprintf(path, sizeof path, "/dev/%s", argv[2]);
    int uio = open_or_fail(argv[1], O_RDWR), buffer = open_or_fail(path, O_RDWR | O_SYNC);
    volatile uint8_t *registers = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, uio, 0);
    uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, 0);
    if (registers == MAP_FAILED || memory == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    fill((uint64_t *)(memory + source), bytes / 8);
    uint32_t chunks = describe((struct descriptor *)memory, physical + source, physical + destination, bytes);

    device_write32(registers, HEAD, (uint32_t)physical);
    device_write32(registers, HEAD_HI, (uint32_t)(physical >> 32));
    device_write32(registers, CONTROL, START | INTERRUPT_ENABLE);
    puts("started");
    fflush(stdout);

    uint32_t interrupts, status, unmask = 1;
    if (read(uio, &interrupts, sizeof interrupts) != sizeof interrupts) {
        perror("read");
        return 1;
    }
    status = device_read32(registers, STATUS);
    device_write32(registers, STATUS, status);
    if (write(uio, &unmask, sizeof unmask) != sizeof unmask) {
        perror("write");
        return 1;
    }
    uint32_t completed = device_read32(registers, COUNT);
    int same = memcmp(memory + source, memory + destination, bytes) == 0;
    printf("interrupt %u, status %u, %u of %u descriptors, %s\n", interrupts, status, completed, chunks,
           same ? "same" : "different");
    return same && status == DONE && completed == chunks ? 0 : 1;
}
