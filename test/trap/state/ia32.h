// SPDX-License-Identifier: Apache-2.0
// Whether the kernel runs 32-bit code and takes its system calls (CONFIG_IA32_EMULATION, ia32_emulation=).
#ifndef IA32_H
#define IA32_H

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

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
#endif
