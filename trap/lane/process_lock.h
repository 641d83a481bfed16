/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lock in memory that a fork copies. Who holds it has all signals blocked, and waits for nobody who may want it. It
 * has the process whose memory it is: in the child of a fork there is no thread that would give it back, so whoever
 * finds the parent's takes it. In the child of a vfork it is the parent's still. Async-signal-safe.
 */
#ifndef TRAPLINE_PROCESS_LOCK_H
#define TRAPLINE_PROCESS_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "channel.h"
#include "ground/kernel_signals.h"
#include "ground/raw_syscall.h"

/* 0: nobody holds it. */
typedef _Atomic long process_lock;

/* Returns the mask of before. */
static inline uint64_t process_lock_take(process_lock *lock)
{
    uint64_t before = kernel_signals_block(0);
    long process = channel_owner(), other = 0;
    while (!atomic_compare_exchange_strong(lock, &other, process)) {
        if (other == process)
            other = 0;
        raw_syscall(SYS_sched_yield);
    }
    return before;
}

static inline void process_lock_give(process_lock *lock, uint64_t before)
{
    atomic_store(lock, 0);
    kernel_signals_restore(before);
}
#endif
