// SPDX-License-Identifier: Apache-2.0
// The driver's self-test, as it runs on the board: has the copier copy a buffer, waits for its interrupt, and compares.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WORDS = 64, BYTES = 4096 };

static volatile struct {
    uint32_t from, to, count, status;
} *copier;

static uint32_t bus_address(void)
{
    unsigned address = 0;
    FILE *file = fopen("/sys/class/u-dma-buf/buffer/phys_addr", "r");
    if (file == NULL || fscanf(file, "%x", &address) != 1)
        perror("copy: phys_addr");
    if (file != NULL)
        fclose(file);
    return address;
}

static int copy(uint32_t *memory, int device)
{
    uint32_t address = bus_address(), interrupts = 0;
    for (uint32_t i = 0; i < WORDS; i++)
        memory[i] = 0xc0de0000 | i;
    copier->from = address;
    copier->to = address + BYTES / 2;
    copier->count = WORDS;
    if (read(device, &interrupts, sizeof interrupts) != sizeof interrupts)
        return perror("copy: interrupt"), 1;
    if (copier->status != 2)
        return fprintf(stderr, "copy: status is %u\n", copier->status), 1;
    copier->status = 0;
    return memcmp(memory, memory + BYTES / 2 / sizeof *memory, WORDS * sizeof *memory) != 0;
}

int main(void)
{
    int device = open("/dev/uio0", O_RDWR), buffer = open("/dev/buffer", O_RDWR);
    copier = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
    uint32_t *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, buffer, 0);
    if (copier == MAP_FAILED || memory == MAP_FAILED)
        return perror("copy: mmap"), 1;
    int status = copy(memory, device);
    puts(status == 0 ? "64 words were copied" : "the copy is not the same");
    return status;
}
