/* SPDX-License-Identifier: Apache-2.0 */
#include "pass.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdatomic.h>

#include "ground/readable.h"
#include "instruction/registers.h"

/* In pass_entry.S, as many as there are places behind calls. */
enum { ENTRIES = 64, ENTRY_BYTES = 8 };
extern const uint8_t pass_entries[ENTRIES][ENTRY_BYTES];
_Atomic uint64_t pass_targets[ENTRIES];

/* RAX still holds the number (kernel, kernel/seccomp.c, syscall_rollback). */
bool pass_on(ucontext_t *context)
{
    uint64_t target = registers_pc(context);
    for (int i = 0; i < ENTRIES; i++) {
        uint64_t there = 0;
        if (atomic_load(&pass_targets[i]) != target &&
            !atomic_compare_exchange_strong(&pass_targets[i], &there, target) && there != target)
            continue;
        registers_set_pc(context, (uint64_t)pass_entries[i]);
        return true;
    }
    return false;
}

/*
 * Its child begins on a stack of its own, so a handler can't make it. Where the child is to have no handlers
 * (posix_spawn(3) of glibc from 2.38 on), ours would be none either, and its next call that a filter stops its end:
 * there is no such call then, as in a kernel from before, and libc does it in another way.
 */
void pass_clone3(const long a[6], ucontext_t *context)
{
    const struct clone_args *wanted = (const void *)a[0];
    bool clears = readable(wanted, sizeof wanted->flags) && wanted->flags & CLONE_CLEAR_SIGHAND;
    if (clears || !pass_on(context))
        registers_set(context, REGISTER_RAX, (uint64_t)-ENOSYS);
}
