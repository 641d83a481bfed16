// SPDX-License-Identifier: Apache-2.0
// segv handler PATH BASE    a foreign fault under the program's own SIGSEGV handler, between two accesses to the device
// segv die PATH BASE        the same fault without a handler: the program ends by SIGSEGV
// The fault is a load from address 0x10, as through a null pointer to a struct.
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>

#include "device.h"

static sigjmp_buf escape;
static siginfo_t seen;

static void on_sigsegv(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    seen = *info;
    siglongjmp(escape, 1);
}

static void load_through_null(void)
{
    uint32_t value;
    __asm__ volatile("movl 0x10(%1), %0" : "=r"(value) : "r"((uint64_t)0));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: segv handler|die PATH BASE\n", stderr);
        return 2;
    }
    struct sigaction action = {.sa_sigaction = on_sigsegv, .sa_flags = SA_SIGINFO};
    if (strcmp(argv[1], "handler") == 0)
        sigaction(SIGSEGV, &action, NULL);
    volatile uint8_t *device = device_map(argv[2], number(argv[3]), 4096);
    uint32_t before = device_read32(device, 0);
    if (sigsetjmp(escape, 1) == 0)
        load_through_null();
    printf("segv: si_addr %p, si_code %d, device 0x%08" PRIx32 " before, 0x%08" PRIx32 " after\n", seen.si_addr,
           seen.si_code, before, device_read32(device, 0));
    return 0;
}
