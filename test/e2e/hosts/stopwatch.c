// SPDX-License-Identifier: Apache-2.0
// stopwatch PATH BASE COUNT [die]
// COUNT 32-bit loads, each between two looks at the clock. Prints the median and the 99th percentile in nanoseconds, or
// is killed right after the last load.
#include <signal.h>
#include <time.h>

#include "device.h"

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static int compare(const void *one, const void *other)
{
    long long a = *(const long long *)one, b = *(const long long *)other;
    return a < b ? -1 : a > b;
}

int main(int argc, char **argv)
{
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    size_t count = number(argv[3]);
    long long *times = calloc(count, sizeof *times);
    for (size_t i = 0; i < count; i++) {
        long long began = now();
        device_read32(device, 0);
        times[i] = now() - began;
    }
    if (argc > 4)
        raise(SIGKILL);
    qsort(times, count, sizeof *times, compare);
    printf("%lld %lld\n", times[(count - 1) / 2], times[(count * 99 + 99) / 100 - 1]);
    return 0;
}
