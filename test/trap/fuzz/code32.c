// SPDX-License-Identifier: Apache-2.0
#include "code32.h"

#include <asm/ldt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "trampoline.h"

// In the page of code, behind what the arena puts there.
#define WAY_OUT (ARENA_CODE + 0xf40)
#define WAY_IN (ARENA_CODE + 0xf80)
#define DESCRIPTOR (ARENA_CODE + 0xfc0)

// The number of set_thread_area for 32-bit programs.
enum { SYS32_SET_THREAD_AREA = 243 };

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
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"(DATA_SELECTOR));
}

// ljmp $CODE64, $WAY_OUT; there, in 64-bit code, jmp *0(%rip).
void code32_write_leave(uint8_t *code)
{
    static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0};
    const uint32_t target = WAY_OUT;
    const uint16_t segment = CODE64_SELECTOR;
    const uint8_t *back = trampoline_return;
    code[0] = 0xea;
    memcpy(code + 1, &target, sizeof target);
    memcpy(code + 5, &segment, sizeof segment);
    memcpy((void *)WAY_OUT, jump, sizeof jump);
    memcpy((uint8_t *)WAY_OUT + sizeof jump, &back, sizeof back);
}

// ljmp *0(%rip), then the offset and the segment.
const uint8_t *code32_way_to(uint64_t pc)
{
    static const uint8_t jump[] = {0xff, 0x2d, 0, 0, 0, 0};
    const uint32_t target = (uint32_t)pc;
    const uint16_t segment = CODE32_SELECTOR;
    uint8_t *code = (uint8_t *)WAY_IN;
    memcpy(code, jump, sizeof jump);
    memcpy(code + sizeof jump, &target, sizeof target);
    memcpy(code + sizeof jump + sizeof target, &segment, sizeof segment);
    return code;
}

static uint32_t make_segment(uint64_t base, int *entry)
{
    struct user_desc *descriptor = (struct user_desc *)DESCRIPTOR;
    long result = SYS32_SET_THREAD_AREA;
    *descriptor = (struct user_desc){.entry_number = (unsigned)*entry,
                                     .base_addr = (unsigned)base,
                                     .limit = 0xfffff,
                                     .seg_32bit = 1,
                                     .limit_in_pages = 1,
                                     .useable = 1};
    __asm__ volatile("int $0x80" : "+a"(result) : "b"(descriptor) : "r8", "r9", "r10", "r11", "memory");
    if ((int)result != 0) {
        fputs("fuzz: the kernel has no segments for 32-bit code\n", stderr);
        exit(2);
    }
    *entry = (int)descriptor->entry_number;
    return descriptor->entry_number << 3 | 3;
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
