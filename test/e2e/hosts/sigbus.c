// SPDX-License-Identifier: Apache-2.0
// sigbus PATH BASE OFFSET [write]
// One 32-bit access that the bus is expected to refuse, under a SIGBUS handler that jumps out; then, the handler gone,
// a read of offset 0, which must still work. Prints what the handler was told. Exit status 1 if no SIGBUS came.
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>

#include "device.h"

static sigjmp_buf escape;
static siginfo_t seen;

static void on_sigbus(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    seen = *info;
    siglongjmp(escape, 1);
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        fputs("usage: sigbus PATH BASE OFFSET [write]\n", stderr);
        return 2;
    }
    volatile uint8_t *device = device_map(argv[1], number(argv[2]), 4096);
    uint64_t offset = number(argv[3]);
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    if (sigsetjmp(escape, 1) == 0) {
        if (argc == 5)
            device_write32(device, offset, 0x12345678);
        else
            device_read32(device, offset);
        puts("sigbus: no signal");
        return 1;
    }
    signal(SIGBUS, SIG_DFL);
    uint32_t first = device_read32(device, 0);
    printf("sigbus: si_code %d, offset 0x%" PRIx64 ", then 0x%08" PRIx32 " at 0\n", seen.si_code,
           (uint64_t)((volatile uint8_t *)seen.si_addr - device), first);
    return 0;
}
