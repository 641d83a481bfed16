// SPDX-License-Identifier: Apache-2.0
// refused PATH BASE    saves the processor's state in a device, which no bus can take in one piece
#include "device.h"

int main(int argc, char **argv)
{
    (void)argc;
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    __asm__ volatile("xsave (%0)" : : "r"(device), "a"(1), "d"(0) : "memory");
    puts("refused: saved");
    return 0;
}
