// SPDX-License-Identifier: Apache-2.0
// 32-bit code in a 64-bit program (Intel SDM volume 3, 2.1.3: compatibility mode): whether the kernel runs it and takes
// its system calls (CONFIG_IA32_EMULATION, ia32_emulation=), and the ways into it and back.
#ifndef IA32_H
#define IA32_H

#include <asm/ldt.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// Linux's selectors for programs (its asm/segment.h), and the number of set_thread_area for those of 32 bits.
enum { CODE32_SELECTOR = 0x23, CODE64_SELECTOR = 0x33, DATA_SELECTOR = 0x2b, IA32_SET_THREAD_AREA = 243 };

// A call of the 32-bit table, getpid, by a child that a kernel without it ends.
static inline bool ia32_is_there(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        long number = 20;
        __asm__ volatile("int $0x80" : "+a"(number) : : "r8", "r9", "r10", "r11", "memory");
        _exit(number > 0 ? 0 : 1);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

// Loads the segments for data, which 64-bit code has no need of.
static inline void ia32_load_data_segments(void)
{
    __asm__ volatile("mov %0, %%ds; mov %0, %%es" : : "r"(DATA_SELECTOR));
}

// In 64-bit code: ljmp *0(%rip), then the offset and the segment.
static inline void ia32_write_way_in(uint8_t *code, uint64_t to)
{
    const uint32_t target = (uint32_t)to;
    const uint16_t segment = CODE32_SELECTOR;
    memcpy(code, (const uint8_t[]){0xff, 0x2d, 0, 0, 0, 0}, 6);
    memcpy(code + 6, &target, sizeof target);
    memcpy(code + 10, &segment, sizeof segment);
}

// In 32-bit code: ljmp $CODE64, $way_out; there, in 64-bit code, jmp *0(%rip), followed by where to.
static inline void ia32_write_way_out(uint8_t *code, uint8_t *way_out, const uint8_t *to)
{
    const uint32_t target = (uint32_t)(uintptr_t)way_out;
    const uint16_t segment = CODE64_SELECTOR;
    code[0] = 0xea;
    memcpy(code + 1, &target, sizeof target);
    memcpy(code + 5, &segment, sizeof segment);
    memcpy(way_out, (const uint8_t[]){0xff, 0x25, 0, 0, 0, 0}, 6);
    memcpy(way_out + 6, &to, sizeof to);
}

// A selector of a segment that starts at `base`, by the call for 32-bit programs: such are good in 32-bit code, where
// the base alone is not. `entry` is -1 at first, and the room below 4 GiB; 0 if the kernel has none.
static inline uint32_t ia32_make_segment(struct user_desc *room, uint64_t base, int *entry)
{
    long result = IA32_SET_THREAD_AREA;
    *room = (struct user_desc){.entry_number = (unsigned)*entry,
                               .base_addr = (unsigned)base,
                               .limit = 0xfffff,
                               .seg_32bit = 1,
                               .limit_in_pages = 1,
                               .useable = 1};
    __asm__ volatile("int $0x80" : "+a"(result) : "b"(room) : "r8", "r9", "r10", "r11", "memory");
    if ((int)result != 0)
        return 0;
    *entry = (int)room->entry_number;
    return room->entry_number << 3 | 3;
}
#endif
