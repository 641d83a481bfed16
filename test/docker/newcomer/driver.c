// SPDX-License-Identifier: Apache-2.0
// The driver of core, as one writes it for hardware: has it add, and looks whether the sum is right.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { A = 0x0, B = 0x4, SUM = 0x8 };

int main(void)
{
    int memory = open("/dev/mem", O_RDWR | O_SYNC);
    volatile uint8_t *core = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0x43c00000);
    if (core == MAP_FAILED) {
        perror("driver: /dev/mem");
        return 1;
    }
    *(volatile uint32_t *)(core + A) = 40;
    *(volatile uint32_t *)(core + B) = 2;
    uint32_t sum = *(volatile uint32_t *)(core + SUM);
    printf("40 + 2 = %u\n", sum);
    return sum == 42 ? 0 : 1;
}
