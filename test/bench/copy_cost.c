// SPDX-License-Identifier: Apache-2.0
//
// copy_cost PATH BASE SIZE TIMES
// memcpy of SIZE bytes into a device, and a check that it has them; one line a time, nanoseconds per copy.
#include "../e2e/hosts/device.h"
#include "spread.h"

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: copy_cost PATH BASE SIZE TIMES\n", stderr);
        return 2;
    }
    const size_t size = number(argv[3]), times = number(argv[4]);
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), size);
    uint32_t *source = malloc(size);
    for (size_t i = 0; i < times; i++) {
        for (size_t j = 0; j < size / sizeof *source; j++)
            source[j] = (uint32_t)(j * 2654435761u + i);
        const double start = ns_now();
        memcpy((void *)device, source, size);
        // What is still under way is done when a read is answered.
        const uint32_t last = device_read32(device, size - sizeof last);
        const double spent = ns_now() - start;
        if (last != source[size / sizeof last - 1]) {
            fputs("copy_cost: the device has other bytes than were copied\n", stderr);
            return 1;
        }
        printf("copy %.1f\n", spent);
    }
    free(source);
    return 0;
}
