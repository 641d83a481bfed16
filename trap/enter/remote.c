/* SPDX-License-Identifier: Apache-2.0 */
#include "remote.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/arrival.h"

/* System calls are made by an instruction of the vDSO (vdso(7)): filters that the process has from before its exec may
 * name the program's own places (net/filter.h). A step over it by PTRACE_SYSCALL raises no signal, which would change
 * what the program does with SIGTRAP. */
enum { STATUS = 125, VDSO = 1 << 14 };

/* The kernel's code segments for programs (its asm/segment.h). */
enum { CODE32 = 0x23, CODE64 = 0x33 };

static pid_t process;
static int memory = -1;
static struct user_regs_struct begin;
static uint64_t instruction;

void remote_give_up(const char *what)
{
    int failure = errno;
    fprintf(stderr, "trapline: the agent can't get into the program: %s%s%s\n", what, failure != 0 ? ": " : "",
            failure != 0 ? strerror(failure) : "");
    if (process != 0)
        kill(process, SIGKILL);
    _exit(STATUS);
}

int remote_seize(pid_t pid)
{
    long options = PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SEIZE, pid, NULL, options) != 0)
        return 0;
    process = pid;
    return 1;
}

/* Signals that come meanwhile are the program's. */
static int go_on(int request)
{
    int status, signal = 0;
    for (;;) {
        if (ptrace(request, process, NULL, (long)signal) != 0 || waitpid(process, &status, __WALL) != process ||
            !WIFSTOPPED(status))
            return -1;
        int is_event = status >> 16 != 0 || WSTOPSIG(status) == (SIGTRAP | 0x80);
        if (is_event)
            return status >> 8;
        signal = WSTOPSIG(status);
    }
}

static int is_i386(void)
{
    return begin.cs == CODE32;
}

unsigned remote_word(void)
{
    return is_i386() ? 4 : 8;
}

uint64_t remote_word_at(uint64_t address)
{
    uint64_t word = 0;
    if (!remote_read(address, &word, remote_word()))
        remote_give_up("its stack");
    return word;
}

uint64_t remote_auxiliary(void)
{
    uint64_t at = begin.rsp;
    at += (remote_word_at(at) + 2) * remote_word();
    while (remote_word_at(at) != 0)
        at += remote_word();
    return at + remote_word();
}

/* The vDSO of 32-bit code need not have one; filters of such programs name no places. Until the program begins it
 * stands where that does. */
static uint8_t borrowed[2];

static void borrow_instruction(const uint8_t syscall[2])
{
    instruction = begin.rip;
    errno = 0;
    if (!remote_read(instruction, borrowed, sizeof borrowed) || !remote_write(instruction, syscall, sizeof borrowed))
        remote_give_up("its code");
}

static void give_instruction_back(void)
{
    if (!remote_write(instruction, borrowed, sizeof borrowed))
        remote_give_up("its code");
}

/* The vDSO may be shorter than what is read of it. */
static void find_instruction(void)
{
    static const uint8_t syscall[] = {0x0f, 0x05}; /* Intel SDM volume 2, SYSCALL */
    static uint8_t bytes[VDSO];
    if (is_i386()) {
        borrow_instruction(syscall);
        return;
    }
    uint64_t at = remote_auxiliary();
    while (remote_word_at(at) != AT_NULL && remote_word_at(at) != AT_SYSINFO_EHDR)
        at += 2 * remote_word();
    uint64_t vdso = remote_word_at(at + remote_word());
    ssize_t length = remote_word_at(at) == AT_NULL ? 0 : pread(memory, bytes, sizeof bytes, (off_t)vdso);
    uint8_t *found = length > 0 ? memmem(bytes, (size_t)length, syscall, sizeof syscall) : NULL;
    errno = 0;
    if (found == NULL)
        remote_give_up("this kernel has no vDSO with a system call in it");
    instruction = vdso + (uint64_t)(found - bytes);
}

int remote_wait_for_exec(pid_t pid)
{
    char path[32];
    int status;
    for (;;) {
        if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
            return 0;
        if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
            break;
        int is_event = status >> 16 != 0;
        ptrace(PTRACE_CONT, pid, NULL, is_event ? 0l : (long)WSTOPSIG(status));
    }
    /* The exec itself comes to its end first. */
    if (go_on(PTRACE_SYSCALL) != (SIGTRAP | 0x80))
        remote_give_up("it ended");
    snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
    memory = open(path, O_RDWR | O_CLOEXEC);
    if (memory < 0)
        remote_give_up("its memory is closed to us");
    if (ptrace(PTRACE_GETREGS, pid, NULL, &begin) != 0)
        remote_give_up("its registers");
    find_instruction();
    return 1;
}

const struct user_regs_struct *remote_registers(void)
{
    return &begin;
}

long remote_call(long number, long a, long b, long c, long d, long e, long f)
{
    struct user_regs_struct registers = begin;
    if (is_i386() && number == SYS_mmap && a == 0)
        d |= MAP_32BIT;
    registers.cs = CODE64;
    registers.rip = instruction;
    registers.rax = (unsigned long)number;
    registers.orig_rax = (unsigned long)-1;
    registers.rdi = (unsigned long)a;
    registers.rsi = (unsigned long)b;
    registers.rdx = (unsigned long)c;
    registers.r10 = (unsigned long)d;
    registers.r8 = (unsigned long)e;
    registers.r9 = (unsigned long)f;
    errno = 0;
    if (ptrace(PTRACE_SETREGS, process, NULL, &registers) != 0 || go_on(PTRACE_SYSCALL) != (SIGTRAP | 0x80) ||
        go_on(PTRACE_SYSCALL) != (SIGTRAP | 0x80) || ptrace(PTRACE_GETREGS, process, NULL, &registers) != 0)
        remote_give_up("it ended");
    return (long)registers.rax;
}

int remote_read(uint64_t address, void *bytes, size_t count)
{
    return pread(memory, bytes, count, (off_t)address) == (ssize_t)count;
}

int remote_write(uint64_t address, const void *bytes, size_t count)
{
    return pwrite(memory, bytes, count, (off_t)address) == (ssize_t)count;
}

/* The kernel finds no room for the second world's mappings in a process of 4 GiB unless it is told to look there, until
 * the world sees to that itself. */
static void help_to_map(void)
{
    struct user_regs_struct registers;
    for (;;) {
        if (go_on(PTRACE_SYSCALL) != (SIGTRAP | 0x80) || ptrace(PTRACE_GETREGS, process, NULL, &registers) != 0)
            remote_give_up("it ended before it began");
        if (registers.orig_rax == ARRIVED_CALL)
            return;
        if (registers.orig_rax == SYS_mmap && registers.rdi == 0 && registers.rax == (unsigned long)-ENOSYS) {
            registers.r10 |= MAP_32BIT;
            ptrace(PTRACE_SETREGS, process, NULL, &registers);
        }
    }
}

void remote_leave(uint64_t pc, uint64_t stack)
{
    struct user_regs_struct registers = begin;
    registers.rip = pc;
    registers.rsp = stack;
    registers.orig_rax = (unsigned long)-1;
    registers.cs = CODE64;
    errno = 0;
    if (ptrace(PTRACE_SETREGS, process, NULL, &registers) != 0)
        remote_give_up("it ended");
    if (is_i386()) {
        give_instruction_back();
        help_to_map();
    }
    if (ptrace(PTRACE_DETACH, process, NULL, NULL) != 0)
        remote_give_up("it ended");
}
