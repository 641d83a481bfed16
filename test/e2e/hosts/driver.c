// SPDX-License-Identifier: Apache-2.0
// driver SENSOR UIO: all that a driver does with devices, once each: opens, writes, reads, maps, waits for an
// interrupt. As plain C as C++ and other machines take it.
#include "device.h"

enum { SIZE = 0x1000, LIMIT = 3, CONTROL = 0, COUNT_AND_INTERRUPT = 3, TICKS = 3000 };

static volatile uint32_t *map(int fd)
{
    return (volatile uint32_t *)mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

int main(int count, char **arguments)
{
    uint32_t word = 0x11223344, back = 0, interrupts = 0;
    if (count != 3)
        return 2;
    int sensor = open(arguments[1], O_RDWR), uio = open(arguments[2], O_RDWR);
    printf("open %s\n", sensor >= 0 && uio >= 0 ? "ok" : strerror(errno));
    printf("write %d\n", (int)write(sensor, &word, sizeof word));
    if (pread(sensor, &back, sizeof back, 0) == sizeof back)
        printf("read %x\n", back);
    printf("map %x\n", map(sensor)[0]);
    volatile uint32_t *timer = map(uio);
    timer[LIMIT] = TICKS;
    timer[CONTROL] = COUNT_AND_INTERRUPT;
    if (read(uio, &interrupts, sizeof interrupts) == sizeof interrupts)
        printf("wait %u\n", interrupts);
    return 0;
}
