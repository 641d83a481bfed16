// SPDX-License-Identifier: Apache-2.0
// soak PATH BASE COUNT
// COUNT accesses, a multiple of 800, on the registers of axil_regs, whose RTL counts them too: after each 98 writes of
// SCRATCH, that it holds the last one and that COUNT is 98. Prints how many are done after each eighth.
#include <inttypes.h>

#include "device.h"

enum { SCRATCH = 0x00, WRITES = 0x0c, BATCH = 100, WRITES_OF_BATCH = BATCH - 2, EIGHTHS = 8 };

static void require(const char *what, uint64_t done, uint32_t expected, uint32_t got)
{
    if (got == expected)
        return;
    printf("after %" PRIu64 " accesses %s is %" PRIu32 " instead of %" PRIu32 "\n", done, what, got, expected);
    exit(1);
}

static void batch(volatile uint8_t *device, uint64_t done)
{
    for (uint32_t i = 1; i <= WRITES_OF_BATCH; i++)
        device_write32(device, SCRATCH, (uint32_t)done + i);
    require("SCRATCH", done, (uint32_t)done + WRITES_OF_BATCH, device_read32(device, SCRATCH));
    require("COUNT", done, WRITES_OF_BATCH, device_read32(device, WRITES));
}

int main(int argc, char **argv)
{
    if (argc != 4 || number(argv[3]) % (BATCH * EIGHTHS) != 0) {
        fputs("usage: soak PATH BASE COUNT, which is a multiple of 800\n", stderr);
        return 2;
    }
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    uint64_t count = number(argv[3]);
    for (uint64_t done = BATCH; done <= count; done += BATCH) {
        batch(device, done);
        if (done % (count / EIGHTHS) != 0)
            continue;
        printf("%" PRIu64 "\n", done);
        fflush(stdout);
    }
    return 0;
}
