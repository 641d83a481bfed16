/* SPDX-License-Identifier: Apache-2.0
 *
 * The second world's program: a glibc of its own, and the agent, which has attached when `main` begins. It leaves the
 * process to the program that it has come beside, and is never returned to but in handlers.
 */
#include <asm/prctl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ground/arrival.h"

/* The kernel's segments for programs of 64 and of 32 bits (its asm/segment.h), as it has them at an exec. */
enum { CODE64 = 0x33, CODE32 = 0x23, DATA = 0x2b, NONE = 0, FLAGS = 0x202 };

/* All registers are as the kernel has them at an exec (arch/x86/include/asm/elf.h, ELF_PLAT_INIT); FS too. Nothing is
 * written to the program's stack. */
__attribute__((noreturn)) static void leave(const struct arrival *arrival)
{
    register uint64_t code __asm__("r12") = arrival->is_i386 ? CODE32 : CODE64;
    register uint64_t data __asm__("r13") = arrival->is_i386 ? DATA : NONE;
    __asm__ volatile(
        "mov %[number], %%eax\n\t"
        "mov %[operation], %%edi\n\t"
        "xor %%esi, %%esi\n\t"
        "syscall\n\t"
        "push %[stack_segment]\n\t"
        "push %[stack]\n\t"
        "push %[flags]\n\t"
        "push %[code]\n\t"
        "push %[pc]\n\t"
        "mov %[data], %%ds\n\t"
        "mov %[data], %%es\n\t"
        "xor %%eax, %%eax\n\t"
        "xor %%ebx, %%ebx\n\t"
        "xor %%ecx, %%ecx\n\t"
        "xor %%edx, %%edx\n\t"
        "xor %%esi, %%esi\n\t"
        "xor %%edi, %%edi\n\t"
        "xor %%ebp, %%ebp\n\t"
        "xor %%r8d, %%r8d\n\t"
        "xor %%r9d, %%r9d\n\t"
        "xor %%r10d, %%r10d\n\t"
        "xor %%r11d, %%r11d\n\t"
        "xor %%r12d, %%r12d\n\t"
        "xor %%r13d, %%r13d\n\t"
        "xor %%r14d, %%r14d\n\t"
        "xor %%r15d, %%r15d\n\t"
        "iretq\n\t"
        :
        : [number] "i"(SYS_arch_prctl), [operation] "i"(ARCH_SET_FS), [stack_segment] "i"(DATA), [flags] "i"(FLAGS),
          [stack] "b"(arrival->stack), [pc] "d"(arrival->pc), [code] "r"(code), [data] "r"(data)
        : "memory");
    __builtin_unreachable();
}

int main(void)
{
    const char *text = getenv(ARRIVAL_VARIABLE);
    if (text == NULL) {
        fprintf(stderr, "trapline-world is started by 'trapline run', and by the programs in it\n");
        return 125;
    }
    const struct arrival *arrival = (const struct arrival *)strtoul(text, NULL, 16);
    if (arrival->is_i386)
        syscall(ARRIVED_CALL);
    leave(arrival);
}
