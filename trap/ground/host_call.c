/* SPDX-License-Identifier: Apache-2.0 */
#include "host_call.h"

#include "raw_syscall.h"
#include "signal_safe.h"

/* x86-64 psABI, A.2.1. The number and what else the handler looks at are where the kernel has them. */
__attribute__((noinline, noclone)) long host_call6(long number, long a, long b, long c, long d, long e, long f)
{
    register long fourth __asm__("r10") = raw_fourth(number, a, d);
    register long fifth __asm__("r8") = e;
    register long sixth __asm__("r9") = f;
    __asm__ volatile("syscall\n"
                     ".globl host_call_made\n"
                     ".hidden host_call_made\n"
                     "host_call_made:\n"
                     : "+a"(number)
                     : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    return number;
}
