// SPDX-License-Identifier: Apache-2.0
// poke PATH BASE OFFSET WIDTH [VALUE]
// One load of WIDTH bytes (1, 2, 4, 8), or one store if VALUE is given. Prints the value in hex.
#include <inttypes.h>

#include "device.h"

static uint64_t load(volatile uint8_t *at, uint64_t width)
{
    switch (width) {
    case 1:
        return *at;
    case 2:
        return *(volatile uint16_t *)at;
    case 4:
        return *(volatile uint32_t *)at;
    default:
        return *(volatile uint64_t *)at;
    }
}

static void store(volatile uint8_t *at, uint64_t width, uint64_t value)
{
    switch (width) {
    case 1:
        *at = (uint8_t)value;
        break;
    case 2:
        *(volatile uint16_t *)at = (uint16_t)value;
        break;
    case 4:
        *(volatile uint32_t *)at = (uint32_t)value;
        break;
    default:
        *(volatile uint64_t *)at = value;
    }
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 6) {
        fputs("usage: poke PATH BASE OFFSET WIDTH [VALUE]\n", stderr);
        return 2;
    }
    uint64_t offset = number(argv[3]);
    uint64_t width = number(argv[4]);
    if (width != 1 && width != 2 && width != 4 && width != 8) {
        fputs("WIDTH is 1, 2, 4 or 8 bytes\n", stderr);
        return 2;
    }
    uint64_t page = offset & ~4095ull;
    size_t size = offset - page + width > 4096 ? 8192 : 4096;
    volatile uint8_t *at = device_map(argv[1], number(argv[2]) + page, size) + (offset - page);
    uint64_t value;
    if (argc == 6)
        store(at, width, value = number(argv[5]));
    else
        value = load(at, width);
    printf("0x%0*" PRIx64 "\n", (int)(2 * width), value);
    return 0;
}
