// SPDX-License-Identifier: Apache-2.0
// For programs that say themselves what is a device: one word in the middle of an ordinary structure is a register.
#include <stdint.h>
#include <stdio.h>
#include <trapline.h>

static struct {
    uint32_t before;
    volatile uint32_t id;
    uint32_t after;
} state = {1, 2, 3};

int main(void)
{
    if (trapline_watch((void *)&state.id, sizeof state.id, "blinker0", 0x8) != 0) {
        perror("watch");
        return 1;
    }
    printf("%u %08x %u\n", state.before, state.id, state.after);
    trapline_unwatch((void *)&state.id, sizeof state.id);
    printf("%u %u %u\n", state.before, state.id, state.after);
    return 0;
}
