/* SPDX-License-Identifier: Apache-2.0
 *
 * Forks by number, of programs in another world than ours (ground/second_world.h).
 */
#include <sched.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

#include "by_number.h"
#include "ground/raw_syscall.h"
#include "ground/second_world.h"
#include "kernel_call.h"

/* What clone(2) tells a child with memory of its own, and its parent. */
static void tell(long flags, pid_t *to_parent, pid_t *to_child, pid_t child)
{
    if (child == 0 && flags & CLONE_CHILD_CLEARTID)
        raw_syscall(SYS_set_tid_address, to_child);
    if (child == 0 && flags & CLONE_CHILD_SETTID)
        *to_child = (pid_t)raw_syscall(SYS_gettid);
    if (child > 0 && flags & CLONE_PARENT_SETTID)
        *to_parent = child;
}

/* By libc, which leaves its locks and heap, and what is ours, in order in the child (pthread_atfork(3)). */
static long fork_as(long flags, pid_t *to_parent, pid_t *to_child)
{
    long child = fork();
    if (child == 0)
        second_world_after_fork();
    tell(flags, to_parent, to_child, (pid_t)child);
    return child;
}

/* Where libc is the program's own, it is not in order behind such a call, natively either. */
CARRY(fork, second_world_is_there ? fork_as(0, NULL, NULL) : KERNEL_CALL(SYS_fork))
CARRY(clone, second_world_is_there ? fork_as(a[0], (pid_t *)a[2], (pid_t *)a[3])
                                   : KERNEL_CALL(SYS_clone, a[0], a[1], a[2], a[3], a[4]))
