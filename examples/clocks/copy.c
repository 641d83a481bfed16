// SPDX-License-Identifier: Apache-2.0
// copy BYTES: lets stream_copier copy BYTES bytes, a multiple of 128, from one half of a u-dma-buf buffer to the other,
// twice: once it waits for the interrupt, once it polls. Checks both copies.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CONTROL = 0x00, STATUS = 0x04, SOURCE = 0x08, DESTINATION = 0x0c, LENGTH = 0x10, PASSED = 0x14 };
enum { START = 1, INTERRUPT_ENABLE = 2, BUSY = 1, DONE = 2 };

static volatile uint32_t *registers;
static uint8_t *memory;
static uint32_t physical;
static int uio;

static int open_or_die(const char *path)
{
    int fd = open(path, O_RDWR | O_SYNC);
    if (fd < 0)
        perror(path), exit(2);
    return fd;
}

static void *map_or_die(int fd, size_t size)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (start == MAP_FAILED)
        perror("mmap"), exit(2);
    return start;
}

static void set(int offset, uint32_t value)
{
    registers[offset / 4] = value;
}
static uint32_t get(int offset)
{
    return registers[offset / 4];
}

static uint32_t physical_address(void)
{
    FILE *file = fopen("/sys/class/u-dma-buf/udmabuf0/phys_addr", "r");
    unsigned long long address = 0;
    if (!file || fscanf(file, "%llx", &address) != 1)
        perror("phys_addr"), exit(2);
    fclose(file);
    return (uint32_t)address;
}

static void wait_for_interrupt(void)
{
    uint32_t count, unmask = 1;
    if (read(uio, &count, sizeof count) != sizeof count)
        perror("read"), exit(1);
    if (write(uio, &unmask, sizeof unmask) != sizeof unmask)
        perror("write"), exit(1);
}

static int copies(uint32_t bytes, uint8_t first, int by_interrupt)
{
    for (uint32_t i = 0; i < bytes; i++)
        memory[i] = (uint8_t)(first + i * 7 + (i >> 8));
    set(SOURCE, physical);
    set(DESTINATION, physical + bytes);
    set(LENGTH, bytes);
    set(CONTROL, by_interrupt ? START | INTERRUPT_ENABLE : START);
    if (by_interrupt)
        wait_for_interrupt();
    while (get(STATUS) & BUSY)
        continue;
    uint32_t status = get(STATUS);
    set(STATUS, status);
    return status == DONE && memcmp(memory, memory + bytes, bytes) == 0;
}

int main(int argc, char **argv)
{
    uint32_t bytes = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 4096;
    uio = open_or_die("/dev/uio0");
    registers = map_or_die(uio, 4096);
    memory = map_or_die(open_or_die("/dev/udmabuf0"), 65536);
    physical = physical_address();
    int interrupted = copies(bytes, 1, 1), polled = copies(bytes, 2, 0);
    printf("by interrupt: %s, by polling: %s, %u words went through the stream\n", interrupted ? "same" : "different",
           polled ? "same" : "different", get(PASSED));
    return interrupted && polled ? 0 : 1;
}
