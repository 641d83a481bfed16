// SPDX-License-Identifier: Apache-2.0
#include "code32.h"

#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "ia32.h"
#include "trampoline.h"

// In the page of code, behind what the arena puts there.
#define WAY_OUT (ARENA_CODE + 0xf40)
#define WAY_IN (ARENA_CODE + 0xf80)
#define DESCRIPTOR (ARENA_CODE + 0xfc0)

static bool is_used;

void code32_use(void)
{
    is_used = true;
}

bool code32_is_used(void)
{
    return is_used;
}

void code32_init(void)
{
    ia32_load_data_segments();
}

void code32_write_leave(uint8_t *code)
{
    ia32_write_way_out(code, (uint8_t *)WAY_OUT, trampoline_return);
}

const uint8_t *code32_way_to(uint64_t pc)
{
    ia32_write_way_in((uint8_t *)WAY_IN, pc);
    return (const uint8_t *)WAY_IN;
}

static uint32_t make_segment(uint64_t base, int *entry)
{
    uint32_t selector = ia32_make_segment((struct user_desc *)DESCRIPTOR, base, entry);
    if (selector == 0) {
        fputs("fuzz: the kernel has no segments for 32-bit code\n", stderr);
        exit(2);
    }
    return selector;
}

void code32_set_segments(uint64_t fs, uint64_t gs)
{
    static int fs_entry = -1, gs_entry = -1;
    uint32_t fs_selector = make_segment(fs, &fs_entry), gs_selector = make_segment(gs, &gs_entry);
    __asm__ volatile("mov %0, %%fs\n\tmov %1, %%gs" : : "r"(fs_selector), "r"(gs_selector) : "memory");
}

void code32_drop_segments(void)
{
    __asm__ volatile("mov %0, %%fs\n\tmov %0, %%gs" : : "r"(0) : "memory");
}
