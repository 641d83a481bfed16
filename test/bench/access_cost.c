// SPDX-License-Identifier: Apache-2.0
//
// access_cost PATH BASE COUNT [WINDOWS] [read|write] [STEP]
// COUNT 32-bit accesses to the first register of a device, each from the same instruction, and how long each of them
// took. With WINDOWS it maps the device that often, each time STEP bytes further,
// and goes round them. Writes are timed in groups of 64 with a read
// behind the last group, for a write may be done later than its instruction. An ordinary program: it knows nothing of
// what answers.
#include <stdbool.h>

#include "../e2e/hosts/device.h"
#include "spread.h"

enum { GROUP = 64, WARM_UP = 200 };

static volatile uint8_t **map_all(const char *path, uint64_t base, size_t windows, uint64_t step)
{
    volatile uint8_t **all = calloc(windows, sizeof *all);
    for (size_t i = 0; i < windows; i++)
        all[i] = device_map(path, base + i * step, 4096);
    return all;
}

static void measure_reads(volatile uint8_t **windows, size_t many, double *ns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        volatile uint8_t *device = windows[i % many];
        const double start = ns_now();
        device_read32(device, 0);
        ns[i] = ns_now() - start;
    }
}

static void measure_writes(volatile uint8_t *device, double *ns, size_t groups)
{
    for (size_t i = 0; i < groups; i++) {
        const double start = ns_now();
        for (unsigned j = 0; j < GROUP; j++)
            device_write32(device, 0, j);
        if (i + 1 == groups)
            device_read32(device, 0);
        ns[i] = (ns_now() - start) / GROUP;
    }
}

int main(int argc, char **argv)
{
    if (argc < 4 || argc > 7) {
        fputs("usage: access_cost PATH BASE COUNT [WINDOWS] [read|write] [STEP]\n", stderr);
        return 2;
    }
    const size_t count = number(argv[3]), many = argc > 4 ? number(argv[4]) : 1;
    const bool writes = argc > 5 && strcmp(argv[5], "write") == 0;
    volatile uint8_t **windows = map_all(argv[1], number(argv[2]), many, argc > 6 ? number(argv[6]) : 0);
    double *ns = calloc(count, sizeof *ns);
    // The first access attaches, and fills the caches on both sides.
    for (size_t i = 0; i < WARM_UP; i++)
        device_read32(windows[i % many], 0);
    const double start = ns_now();
    if (writes)
        measure_writes(windows[0], ns, count / GROUP);
    else
        measure_reads(windows, many, ns, count);
    const double mean = (ns_now() - start) / (double)(writes ? count / GROUP * GROUP : count);
    spread_print("access", ns, writes ? count / GROUP : count);
    printf("sustained %.1f\n", mean);
    return 0;
}
