/* SPDX-License-Identifier: Apache-2.0
 *
 * The blocks are those of libc's own threads, which end in the kernel as soon as there are: nothing of theirs is
 * found by the program that looks at its threads, and libc believes them to be there. Their stacks are ours, so
 * that libc does not use them again in the child of a fork. Not on the fault path.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "arrival.h"
#include "low_world.h"
#include "raw_syscall.h"
#include "real.h"
#include "second_world.h"

enum { STACK = 1 << 16 };

static uint64_t made;

/* Without the word that the kernel would clear at its end. */
static void *end_in_kernel(void *unused)
{
    raw_syscall(SYS_set_tid_address, NULL);
    __atomic_store_n(&made, (uint64_t)pthread_self(), __ATOMIC_SEQ_CST);
    raw_syscall(SYS_futex, &made, 1 /* FUTEX_WAKE */, 1);
    raw_syscall(SYS_exit, 0);
    return unused;
}

/* By one thread at a time. */
static bool make(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *stack = (void *)raw_syscall(SYS_mmap, NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                                      0);
    if (stack == NULL || (long)stack < 0)
        return false;
    made = 0;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stack, STACK);
    int failure = REAL(pthread_create)(&thread, &attributes, end_in_kernel, NULL);
    pthread_attr_destroy(&attributes);
    if (failure != 0)
        return false;
    while (__atomic_load_n(&made, __ATOMIC_SEQ_CST) == 0)
        raw_syscall(SYS_futex, &made, 0 /* FUTEX_WAIT */, 0, NULL);
    second_world_add(made);
    return true;
}

/* What the program is called, behind the count of its words; NULL if it has none. */
static const char *first_word(const struct arrival *arrival)
{
    if (arrival->is_i386)
        return (const char *)(uintptr_t)((const uint32_t *)arrival->stack)[1];
    return ((const char *const *)arrival->stack)[1];
}

/* libc's own idea of where the heap of brk(2) ends, which is the program's: from there nothing can be had (sbrk(2)
 * fails on an overflow), so malloc maps what it needs. */
extern void *__curbrk;

bool second_world_start(void)
{
    const char *text = getenv(ARRIVAL_VARIABLE);
    if (text == NULL)
        return true;
    __curbrk = (void *)-1l;
    const struct arrival *arrival = (const struct arrival *)strtoul(text, NULL, 16);
    const char *name = first_word(arrival);
    if (name != NULL)
        program_invocation_name = (char *)name;
    return (!arrival->is_i386 || low_world_begin()) && second_world_begin(make);
}
