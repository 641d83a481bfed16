// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apart.h"
#include "arena.h"
#include "lane.h"

// By page of the arena; -1 where that is memory.
static int descriptors[ARENA_PAGES];
// What the devices hold, as far as is known.
static uint8_t held[ARENA_SIZE];

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(2);
}

static void take(uint8_t *memory)
{
    for (unsigned page = 0; page < ARENA_PAGES; page++)
        if (descriptors[page] >= 0 &&
            pread(descriptors[page], memory + page * ARENA_PAGE, ARENA_PAGE, 0) != (ssize_t)ARENA_PAGE)
            give_up("fuzz-apart: cannot read a device");
}

void lane_init(void)
{
    for (unsigned page = 0; page < ARENA_PAGES; page++) {
        char path[32];
        void *window = (void *)(ARENA_START + page * ARENA_PAGE);
        unsigned device = arena_device((uint64_t)window);
        descriptors[page] = -1;
        if (device == 0)
            continue;
        snprintf(path, sizeof path, APART_DEVICE, device);
        descriptors[page] = open(path, O_RDWR | O_CLOEXEC);
        if (descriptors[page] < 0 ||
            mmap(window, ARENA_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, descriptors[page], 0) != window)
            give_up(path);
    }
    take(held);
}

void lane_action(int number, const struct sigaction *action)
{
    sigaction(number, action, NULL);
}

// From the first byte that is another to the last one.
void lane_begin(const uint8_t *memory)
{
    for (unsigned page = 0; page < ARENA_PAGES; page++) {
        const uint8_t *wanted = memory + page * ARENA_PAGE, *is = held + page * ARENA_PAGE;
        size_t first = 0, last = ARENA_PAGE;
        if (descriptors[page] < 0 || memcmp(wanted, is, ARENA_PAGE) == 0)
            continue;
        while (wanted[first] == is[first])
            first++;
        while (wanted[last - 1] == is[last - 1])
            last--;
        first &= ~(size_t)7;
        last = (last + 7) & ~(size_t)7;
        if (pwrite(descriptors[page], wanted + first, last - first, (off_t)first) != (ssize_t)(last - first))
            give_up("fuzz-apart: cannot write a device");
    }
}

void lane_end(uint8_t *memory)
{
    take(memory);
    memcpy(held, memory, ARENA_SIZE);
}
