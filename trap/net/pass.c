/* SPDX-License-Identifier: Apache-2.0 */
#include "pass.h"

#include <stdatomic.h>

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
