/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory and programs of 32-bit programs, and actions of signals.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/ptrace.h>

#include "carry32.h"
#include "ground/readable.h"
#include "interpose/queues.h"
#include "memory/window.h"
#include "signals32.h"
#include "structs32.h"

/* ---- memory: where the kernel puts it for 32-bit programs too */

static long map(long address, long size, long protection, long flags, long file, long offset)
{
    long anywhere = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) ? 0 : MAP_32BIT;
    return carry_mmap(ARGUMENTS(address, size, protection, flags | anywhere, (long)(int32_t)file, offset));
}

CARRY32(mmap2, map(a[0], a[1], a[2], a[3], a[4], a[5] << 12))

long carry32_mmap(const long a[6])
{
    const uint32_t *all = (const uint32_t *)a[0];
    if (!readable(all, 6 * sizeof *all))
        return fails32(EFAULT);
    return map(all[0], all[1], all[2], all[3], all[4], all[5]);
}

/* Where the kernel finds no room for a mapping that is to move, we do. */
long carry32_mremap(const long a[6])
{
    bool is_free_to_move = a[3] == MREMAP_MAYMOVE;
    if (!is_free_to_move || window_overlaps((uint64_t)a[0], (uint64_t)(a[0] + a[1])))
        return carry_mremap(a);
    long result = carry_mremap(ARGUMENTS(a[0], a[1], a[2], 0));
    if (result != -1 || errno != ENOMEM)
        return result;
    void *room = mmap(NULL, (size_t)a[2], PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT, -1, 0);
    if (room == MAP_FAILED)
        return -1;
    result = carry_mremap(ARGUMENTS(a[0], a[1], a[2], MREMAP_MAYMOVE | MREMAP_FIXED, (long)room));
    if (result == -1)
        munmap(room, (size_t)a[2]);
    return result;
}

/* ---- programs */

static size_t count_words(const uint32_t *words)
{
    size_t count = 0;
    while (words != NULL && readable(&words[count], sizeof *words) && words[count] != 0)
        count++;
    return count;
}

static void widen_words(const uint32_t *words, size_t count, char **wide)
{
    for (size_t i = 0; i < count; i++)
        wide[i] = (char *)(uintptr_t)words[i];
    wide[count] = NULL;
}

static long execute(const long a[6], int program, bool has_directory)
{
    const uint32_t *arguments = (const uint32_t *)a[program + 1], *variables = (const uint32_t *)a[program + 2];
    size_t argument_count = count_words(arguments), variable_count = count_words(variables);
    char **wide = mmap(NULL, (argument_count + variable_count + 2) * sizeof *wide, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (wide == MAP_FAILED)
        return -1;
    char **environment = wide + argument_count + 1;
    widen_words(arguments, argument_count, wide);
    widen_words(variables, variable_count, environment);
    long result = has_directory ? carry_execveat(ARGUMENTS(a[0], a[program], (long)wide, (long)environment, a[4]))
                                : carry_execve(ARGUMENTS(a[program], (long)wide, (long)environment));
    int error = errno;
    munmap(wide, (argument_count + variable_count + 2) * sizeof *wide);
    errno = error;
    return result;
}

CARRY32(execve, execute(a, 0, false))
CARRY32(execveat, execute(a, 1, true))
/* The last two arguments have changed places. */
CARRY32(clone, carry_clone(ARGUMENTS(a[0], a[1], a[2], a[4], a[3])))

CARRY32(rt_sigaction, signals32_action((int)a[0], (const void *)a[1], (void *)a[2], a[3]))
CARRY32(sigaction, signals32_old_action((int)a[0], (const void *)a[1], (void *)a[2]))
CARRY32(signal, signals32_oldest_action((int)a[0], (uint32_t)a[1]))
CARRY32(sigprocmask, signals32_old_mask((int)a[0], (const uint32_t *)a[1], (uint32_t *)a[2]))

long carry32_sigpending(const long a[6])
{
    uint64_t pending = 0;
    if (!readable((void *)a[0], sizeof(uint32_t)))
        return fails32(EFAULT);
    long result = carry_rt_sigpending(ARGUMENTS((long)&pending, sizeof pending));
    if (result == 0)
        *(uint32_t *)a[0] = (uint32_t)pending;
    return result;
}

/* The mask itself is the third argument. */
long carry32_sigsuspend(const long a[6])
{
    uint64_t mask = (uint64_t)a[2];
    return carry_rt_sigsuspend(ARGUMENTS((long)&mask, sizeof mask));
}

/* The kernel writes what it tells a tracer in words of the caller's. */
CARRY32(ptrace, a[0] == PTRACE_TRACEME ? carry_ptrace(a) : kernel32_ptrace(a))

/* ---- requests that the kernel carries out later: those on a device are refused (interpose/queues.h) */

long carry32_io_submit(const long a[6])
{
    const uint32_t *places = (const uint32_t *)a[2];
    long count = SIGNED(1), before = 0;
    while (before < count && readable(&places[before], sizeof *places) &&
           !queues_is_refused((const void *)(uintptr_t)places[before]))
        before++;
    bool is_refused = before < count && readable(&places[before], sizeof *places);
    if (is_refused && before == 0)
        return queues_refuse((const void *)(uintptr_t)places[0]);
    return kernel32_io_submit(ARGUMENTS(a[0], is_refused ? before : a[1], a[2]));
}
