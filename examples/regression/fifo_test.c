// SPDX-License-Identifier: Apache-2.0
// The driver's self-test: fills the FIFO, looks at its level, and empties it again.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

static volatile struct {
    uint32_t data, level, depth;
} *fifo;

static uint32_t word(uint32_t i)
{
    return 0xf1f00000 | i;
}

static int check(void)
{
    uint32_t depth = fifo->depth;
    for (uint32_t i = 0; i < depth; i++)
        fifo->data = word(i);
    if (fifo->level != depth) {
        fprintf(stderr, "fifo_test: it does not hold %u words\n", depth);
        return 1;
    }
    for (uint32_t i = 0; i < depth; i++) {
        uint32_t got = fifo->data;
        if (got != word(i)) {
            fprintf(stderr, "fifo_test: word %u of %u is 0x%08x, not 0x%08x\n", i, depth, got, word(i));
            return 1;
        }
    }
    printf("%u words went through\n", depth);
    return 0;
}

int main(void)
{
    int memory = open("/dev/mem", O_RDWR | O_SYNC);
    fifo = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0x43c00000);
    if (fifo == MAP_FAILED) {
        perror("fifo_test: /dev/mem");
        return 1;
    }
    return check();
}
