// SPDX-License-Identifier: Apache-2.0
// Lets the meter run for a moment and prints what it has counted.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

enum { CTRL, STATUS, DATA, KEY, LIMIT0, COUNT0, LIMIT1, COUNT1, ID };

int main(void)
{
    int memory = open("/dev/mem", O_RDWR | O_SYNC);
    volatile uint32_t *meter = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0x43c00000);
    if (meter == MAP_FAILED) {
        perror("read_meter: /dev/mem");
        return 1;
    }
    if (meter[ID] != 0xc0de0001)
        return 2;
    meter[LIMIT0] = 1000;
    meter[DATA] = 'a';
    meter[KEY] = 0x10c4;
    meter[CTRL] = 1 | 2 << 1;
    while (!(meter[STATUS] & 1))
        ;
    printf("counted %s\n", meter[COUNT0] > 0 ? "something" : "nothing");
    return meter[DATA] != 'a';
}
