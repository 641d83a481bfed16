// SPDX-License-Identifier: Apache-2.0
// What the rows say otherwise of programs of 32 bits (i386) than of those of 64: names of registers, numbers of system
// calls, and how an instruction makes one.
#ifndef MACHINE_H
#define MACHINE_H

#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifdef __i386__

#define REG_PC REG_EIP
#define REG_RESULT REG_EAX
#define PC_OF(user_registers) ((unsigned long)(user_registers).eip)
#define NUMBER_OF_STAT SYS_stat64
#define NUMBER_OF_FSTATAT SYS_fstatat64
#define NUMBER_OF_FCNTL SYS_fcntl64
#define MAP_BY_NUMBER(size, protection, flags, file, offset)                                                           \
    ((void *)syscall(SYS_mmap2, NULL, size, protection, flags, file, (long)((offset) >> 12)))
// Behind what FSAVE has lies what FXSAVE has.
#define CONTROL_WORD(state) ((state)->cw)
#define MXCSR(state) (((uint32_t *)(state))[28 + 6])
#define XMM(state, number) ((uint32_t *)(state) + 28 + 40 + 4 * (number))
#define SIGRETURN "movl $173, %eax\nint $0x80"

static inline long raw_call(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

#else

#define REG_PC REG_RIP
#define REG_RESULT REG_RAX
#define PC_OF(user_registers) ((unsigned long)(user_registers).rip)
#define NUMBER_OF_STAT SYS_stat
#define NUMBER_OF_FSTATAT SYS_newfstatat
#define NUMBER_OF_FCNTL SYS_fcntl
#define MAP_BY_NUMBER(size, protection, flags, file, offset)                                                           \
    ((void *)syscall(SYS_mmap, NULL, size, protection, flags, file, offset))
#define CONTROL_WORD(state) ((state)->cwd)
#define MXCSR(state) ((state)->mxcsr)
#define XMM(state, number) ((state)->_xmm[number].element)
#define SIGRETURN "movl $15, %eax\nsyscall"

static inline long raw_call(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}

#endif

#endif
