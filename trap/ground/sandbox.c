/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox.h"

#include <stdatomic.h>

#include "raw_syscall.h"
#include "second_world.h"
#include "signal_safe.h"
#include "thread_id.h"

/* Threads are told apart by where their block of libc's lies, which its first word but one names (x86-64 psABI, TLS
 * variant II). In another world it is the program's, in which accesses are made. */
static uint64_t thread_block(void)
{
    uint64_t block;
    if (second_world_is_there)
        return second_world_program_fs();
    __asm__("mov %%fs:16, %0" : "=r"(block));
    return block;
}

static atomic_bool is_on;
static _Atomic uint64_t confined_block;
static _Atomic uint32_t confined_thread;

void sandbox_before(void)
{
    if (atomic_load(&is_on))
        return;
    atomic_store(&confined_thread, (uint32_t)raw_syscall(SYS_gettid));
    atomic_store(&confined_block, thread_block());
}

void sandbox_after(void)
{
    atomic_store(&is_on, true);
}

void sandbox_after_fork(void)
{
    thread_id_forget();
    atomic_store(&confined_block, 0);
}

bool sandbox_is_on(void)
{
    return atomic_load_explicit(&is_on, memory_order_relaxed);
}

uint32_t sandbox_thread_id(void)
{
    if (sandbox_is_on() && atomic_load(&confined_block) == thread_block())
        return atomic_load(&confined_thread);
    return thread_id();
}
