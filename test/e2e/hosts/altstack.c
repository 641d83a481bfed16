// SPDX-License-Identifier: Apache-2.0
// altstack PATH BASE SPARE    reads the device in a signal handler on an alternate stack that has room for one signal
// frame and
//                             SPARE bytes; below the stack lies memory that must stay as it is
#include <inttypes.h>
#include <signal.h>

#include "device.h"
#include "signal_frame.h"

enum { BELOW = 65536 };

static volatile uint8_t *device;
static uint32_t seen;

static void look(int number)
{
    (void)number;
    seen = device_read32(device, 4);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: altstack PATH BASE SPARE\n", stderr);
        return 2;
    }
    size_t size = signal_frame_bytes() + number(argv[3]);
    uint8_t *memory = calloc(1, BELOW + size);
    stack_t stack = {.ss_sp = memory + BELOW, .ss_size = size};
    struct sigaction action = {.sa_handler = look, .sa_flags = SA_ONSTACK};
    device = device_map(argv[1], number(argv[2]), 4096);
    if (sigaltstack(&stack, NULL) != 0 || sigaction(SIGUSR1, &action, NULL) != 0) {
        perror("altstack");
        return 2;
    }
    raise(SIGUSR1);
    for (size_t i = 0; i < BELOW; i++)
        if (memory[i] != 0) {
            puts("altstack: memory below the stack was changed");
            return 1;
        }
    printf("altstack: 0x%08" PRIx32 "\n", seen);
    return 0;
}
