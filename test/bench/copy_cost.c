// SPDX-License-Identifier: Apache-2.0
//
// copy_cost PATH BASE SIZE TIMES
// memcpy of SIZE bytes into a device in parts of 16 KiB, which memcpy does as it does larger ones, and a check that it
// has them. Prints nanoseconds for all of SIZE, from the median and the p99 of a part, and as the mean.
#include "../e2e/hosts/device.h"
#include "spread.h"

enum { PART = 1 << 14 };

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: copy_cost PATH BASE SIZE TIMES\n", stderr);
        return 2;
    }
    const size_t size = number(argv[3]), times = number(argv[4]);
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), size);
    const size_t parts = size / PART * times;
    uint32_t *source = malloc(PART);
    double *ns = calloc(parts, sizeof *ns);
    // The first instruction attaches.
    device_read32(device, 0);
    for (size_t i = 0; i < parts; i++) {
        volatile uint8_t *part = device + i * PART % size;
        for (size_t j = 0; j < PART / sizeof *source; j++)
            source[j] = (uint32_t)(j * 2654435761u + i);
        const double start = ns_now();
        memcpy((void *)part, source, PART);
        // What is still under way is done when a read is answered.
        const uint32_t last = device_read32(part, PART - sizeof last);
        ns[i] = (ns_now() - start) * (double)(size / PART);
        if (last != source[PART / sizeof last - 1]) {
            fputs("copy_cost: the device has other bytes than were copied\n", stderr);
            return 1;
        }
    }
    spread_print("copy", ns, parts);
    free(source);
    free(ns);
    return 0;
}
