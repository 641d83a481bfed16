// SPDX-License-Identifier: Apache-2.0
//
// access_cost PATH BASE ROUNDS COUNT
// COUNT 32-bit loads of the first register of a device, from one instruction, and how long they took: one line a round,
// nanoseconds per access. An ordinary program: it knows nothing of what answers.
#include <stdio.h>
#include <time.h>

#include "../e2e/hosts/device.h"

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: access_cost PATH BASE ROUNDS COUNT\n", stderr);
        return 2;
    }
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    uint64_t rounds = number(argv[3]);
    uint64_t count = number(argv[4]);
    // The first access attaches, and fills the caches on both sides.
    for (uint64_t i = 0; i < 200; i++)
        device_read32(device, 0);
    for (uint64_t round = 0; round < rounds; round++) {
        double start = seconds_now();
        for (uint64_t i = 0; i < count; i++)
            device_read32(device, 0);
        printf("%.1f\n", (seconds_now() - start) * 1e9 / (double)count);
    }
    return 0;
}
