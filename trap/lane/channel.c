/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "ground/raw_syscall.h"
#include "ground/sandbox.h"
#include "ground/signal_safe.h"

/* Lives in a page that the kernel clears in a forked child (MADV_WIPEONFORK): whoever held the lock is not there, and
 * the connection belongs to the parent. It covers fork by any route, also raw system calls. */
struct process_state {
    atomic_uint lock; /* 0 free, 1 held, 2 held and waited for */
    bool started;
    long process;
    uint64_t next_seq;
    uint32_t generation;
};

static struct process_state *state;
static const struct channel_lane *lane;
static uint32_t generations; /* survives fork, so that a child's sessions differ from its parent's */

bool channel_init(const struct channel_lane *chosen)
{
    long page = raw_syscall(SYS_mmap, 0, sizeof *state, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long failure = page < 0 ? page : raw_syscall(SYS_madvise, page, sizeof *state, MADV_WIPEONFORK);
    if (failure < 0) {
        errno = (int)-failure;
        return false;
    }
    state = (struct process_state *)page;
    lane = chosen;
    return true;
}

void channel_lock(void)
{
    unsigned unlocked = 0;
    if (atomic_compare_exchange_strong_explicit(&state->lock, &unlocked, 1, memory_order_acquire, memory_order_relaxed))
        return;
    while (atomic_exchange_explicit(&state->lock, 2, memory_order_acquire) != 0)
        raw_syscall(SYS_futex, &state->lock, FUTEX_WAIT_PRIVATE, 2, NULL);
}

void channel_unlock(void)
{
    if (atomic_exchange_explicit(&state->lock, 0, memory_order_release) == 2)
        raw_syscall(SYS_futex, &state->lock, FUTEX_WAKE_PRIVATE, 1);
}

void channel_connect(void)
{
    if (state->started && (lane->is_there == NULL || lane->is_there()))
        return;
    state->started = lane->start();
    if (!state->started)
        return;
    sandbox_after_fork();
    state->process = raw_syscall(SYS_getpid);
    state->next_seq = 1;
    state->generation = ++generations;
}

bool channel_is_of_this_process(void)
{
    return state != NULL && state->process != 0 && state->process == raw_syscall(SYS_getpid);
}

bool channel_is_borrowed(void)
{
    return state == NULL || (state->process != 0 && state->process != raw_syscall(SYS_getpid));
}

bool channel_open(void)
{
    channel_lock();
    channel_connect();
    bool started = state->started;
    channel_unlock();
    return started;
}

void channel_transact(trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    access->seq = state->next_seq++;
    access->tid = sandbox_thread_id();
    bool answered = state->started && lane->transact(access, completion);
    if (answered && completion->seq == access->seq)
        return;
    memset(completion, 0, sizeof *completion);
    completion->status = trapline_v1_Status_STATUS_DISCONNECTED;
    const char *reason = answered ? "the bridge answered another access than the one that is due" : lane->failure();
    size_t length = strlen(reason);
    if (length >= sizeof completion->detail)
        length = sizeof completion->detail - 1;
    memcpy(completion->detail, reason, length);
}

bool channel_first_time(uint32_t *mark)
{
    if (*mark == state->generation)
        return false;
    *mark = state->generation;
    return true;
}
