/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls without libc: no errno, no cancellation point, nothing that the host could have interposed.
 * All return the kernel's value: -errno on failure. Safe anywhere, also in the fault handler.
 */
#ifndef TRAPLINE_RAW_SYSCALL_H
#define TRAPLINE_RAW_SYSCALL_H

#include <stdint.h>
#include <sys/syscall.h>

/* Flags of mappings that may be anywhere (mmap(2)): in programs of 32 bits the kernel has to be told where there is
 * room for them. */
extern long raw_map_anywhere __attribute__((weak));

static inline long raw_fourth(long number, long a, long d)
{
    return number == SYS_mmap && a == 0 && &raw_map_anywhere != 0 ? d | raw_map_anywhere : d;
}

static inline long raw_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = raw_fourth(number, a, d);
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

#define raw_syscall(number, ...) RAW_SYSCALL_PAD(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define RAW_SYSCALL_PAD(number, a, b, c, d, e, f, ...)                                                                 \
    raw_syscall6((number), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#endif
