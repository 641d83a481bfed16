// SPDX-License-Identifier: Apache-2.0
// A driver as one writes it for hardware: maps the registers of blinker and waits for two blinks.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { PERIOD = 0x0, BLINKS = 0x4, ID = 0x8 };

int main(void)
{
    int memory = open("/dev/mem", O_RDWR | O_SYNC);
    volatile uint8_t *blinker = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0x43c00000);
    if (blinker == MAP_FAILED) {
        perror("blink: /dev/mem");
        return 1;
    }
    printf("blinker %08x\n", *(volatile uint32_t *)(blinker + ID));
    *(volatile uint32_t *)(blinker + PERIOD) = 3;
    unsigned polls = 1;
    while (*(volatile uint32_t *)(blinker + BLINKS) < 2)
        polls++;
    printf("2 blinks after %u polls\n", polls);
    return 0;
}
