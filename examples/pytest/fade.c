// SPDX-License-Identifier: Apache-2.0
// Lets the lamp fade to a level, and looks whether it came there: fade LEVEL
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { CTRL, TARGET, LEVEL, STATUS };
enum { EN = 1 << 0, DONE = 1 << 1 };

int main(int argc, char **argv)
{
    uint32_t wanted = argc > 1 ? (uint32_t)atoi(argv[1]) : 40;
    int memory = open("/dev/mem", O_RDWR | O_SYNC);
    volatile uint32_t *lamp = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0x43c00000);
    if (lamp == MAP_FAILED) {
        perror("fade: /dev/mem");
        return 2;
    }
    lamp[TARGET] = wanted;
    lamp[CTRL] = EN;
    while (!(lamp[STATUS] & DONE))
        ;
    lamp[STATUS] = DONE;
    uint32_t level = lamp[LEVEL];
    printf("the lamp is at %u\n", level);
    return level != wanted;
}
