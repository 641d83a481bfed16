// SPDX-License-Identifier: Apache-2.0
// A driver of countdown.vhd as it would be on a board: sets it, sleeps until its interrupt, three times.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COUNT, STATUS };

int main(void)
{
    int device = open("/dev/uio0", O_RDWR);
    volatile uint32_t *registers = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
    if (registers == MAP_FAILED) {
        perror("/dev/uio0");
        return 1;
    }
    for (int i = 0; i < 3; ++i) {
        uint32_t interrupts, unmask = 1;
        registers[COUNT] = 1000;
        if (read(device, &interrupts, sizeof interrupts) != sizeof interrupts)
            return 1;
        printf("interrupt %u, count %u, status %u\n", interrupts, registers[COUNT], registers[STATUS]);
        registers[STATUS] = 1;
        if (write(device, &unmask, sizeof unmask) != sizeof unmask)
            return 1;
    }
    return 0;
}
