// SPDX-License-Identifier: Apache-2.0
// loop PATH BASE OFFSET COUNT
// COUNT 32-bit loads of one register, from one instruction. Prints the sum of what they gave.
#include <inttypes.h>

#include "device.h"

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: loop PATH BASE OFFSET COUNT\n", stderr);
        return 2;
    }
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    uint64_t offset = number(argv[3]);
    uint64_t count = number(argv[4]);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += device_read32(device, offset);
    printf("loop: %" PRIu64 " reads, sum 0x%" PRIx64 "\n", count, sum);
    return 0;
}
