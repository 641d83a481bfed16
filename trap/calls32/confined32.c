/* SPDX-License-Identifier: Apache-2.0
 *
 * Filters of the program's own (seccomp(2)). They know its calls by their numbers in the kernel's table for 32-bit
 * programs, and would take those of our code, by the other one, for others: these pass before. And what they answer
 * with an errno, which is less to the kernel than that the net stops a call, comes to us as a signal that says so.
 */
#include <errno.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "carry32.h"
#include "ground/raw_syscall.h"
#include "memory32.h"
#include "net/net.h"
#include "structs32.h"

enum { MOST_RANGES = 32 };

struct own_code {
    struct {
        uint32_t start, end;
    } ranges[MOST_RANGES];
    unsigned count;
};

/* All that is loaded in our world makes its calls by the other table. */
static int note_code(struct dl_phdr_info *info, size_t size, void *to)
{
    struct own_code *code = to;
    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || code->count == MOST_RANGES)
            continue;
        uint32_t start = (uint32_t)(info->dlpi_addr + part->p_vaddr);
        code->ranges[code->count].start = start;
        code->ranges[code->count++].end = start + (uint32_t)part->p_memsz;
    }
    return 0;
}

struct code {
    struct sock_filter *at;
    size_t length;
};

static void put(struct code *code, uint16_t operation, uint32_t operand, uint8_t if_true, uint8_t if_false)
{
    code->at[code->length++] = (struct sock_filter){operation, if_true, if_false, operand};
}

static void load(struct code *code, size_t offset)
{
    put(code, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* As it would begin. */
static void put_program(struct code *code, const struct sock_filter *program, size_t length, bool is_told)
{
    put(code, BPF_LD | BPF_IMM, 0, 0, 0);
    for (size_t i = 0; i < length; i++) {
        struct sock_filter step = program[i];
        bool fails = step.code == (BPF_RET | BPF_K) && (step.k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
        if (fails && is_told)
            step.k = SECCOMP_RET_TRAP | net_fails32(step.k & SECCOMP_RET_DATA);
        code->at[code->length++] = step;
    }
}

/* Calls by the other table of what is not ours, as of another program after an exec, are for the filter as it is. */
static void put_whole(struct code *code, const struct own_code *own, const struct sock_filter *program, size_t length)
{
    load(code, offsetof(struct seccomp_data, arch));
    put(code, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    size_t to_narrow = code->length;
    put(code, BPF_JMP | BPF_JA, 0, 0, 0);
    load(code, offsetof(struct seccomp_data, instruction_pointer) + sizeof(uint32_t));
    put(code, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    size_t to_wide = code->length;
    put(code, BPF_JMP | BPF_JA, 0, 0, 0);
    load(code, offsetof(struct seccomp_data, instruction_pointer));
    for (unsigned i = 0; i < own->count; i++) {
        put(code, BPF_JMP | BPF_JGE | BPF_K, own->ranges[i].start, 0, 2);
        put(code, BPF_JMP | BPF_JGE | BPF_K, own->ranges[i].end, 1, 0);
        put(code, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
    }
    code->at[to_wide].k = (uint32_t)(code->length - to_wide - 1);
    put_program(code, program, length, false);
    code->at[to_narrow].k = (uint32_t)(code->length - to_narrow - 1);
    put_program(code, program, length, true);
}

/* Before and between the two copies of it. */
enum { MOST_AROUND = 7 + 3 * MOST_RANGES + 2 };

/* Gives it to the call that takes it wide, as its argument `index`. One that is too long for ours beside it is judge of
 * our calls too. */
static long confine(long (*call)(const long a[6]), const long a[6], int index)
{
    struct filter32 filter;
    long wide[6] = {a[0], a[1], a[2], a[3], a[4], a[5]};
    if (!memory32_take("seccomp()", &filter, (uint32_t)a[index], sizeof filter))
        return -1;
    size_t bytes = (size_t)(2 * BPF_MAXINSNS + UINT16_MAX) * sizeof(struct sock_filter);
    long room = raw_syscall(SYS_mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room < 0)
        return fails32((int)-room);
    struct code code = {(struct sock_filter *)room, 0};
    struct sock_filter *given = code.at + 2 * BPF_MAXINSNS;
    struct sock_fprog program = {filter.length, given};
    struct own_code own = {.count = 0};
    long result = -1;
    if (memory32_take("seccomp()", given, filter.code, filter.length * sizeof *given)) {
        if (filter.length > 0 && 2 * (size_t)filter.length + MOST_AROUND <= BPF_MAXINSNS) {
            dl_iterate_phdr(note_code, &own);
            put_whole(&code, &own, given, filter.length);
            program = (struct sock_fprog){(unsigned short)code.length, code.at};
        }
        wide[index] = (long)&program;
        result = call(wide);
    }
    int error = errno;
    raw_syscall(SYS_munmap, room, bytes);
    errno = error;
    return result;
}

CARRY32(seccomp, a[0] == SECCOMP_SET_MODE_FILTER ? confine(carry_seccomp, a, 2) : carry_seccomp(a))

/* Others than those that are ours too may be about pointers that are narrower. */
long carry32_prctl(const long a[6])
{
    switch ((int)a[0]) {
    case PR_SET_SECCOMP:
        return a[1] == SECCOMP_MODE_FILTER ? confine(carry_prctl, a, 2) : carry_prctl(a);
    case PR_GET_TSC:
    case PR_SET_TSC:
        return carry_prctl(a);
    default:
        return kernel32_prctl(a);
    }
}
