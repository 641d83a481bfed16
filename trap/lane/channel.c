/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/sandbox.h"
#include "ground/thread_id.h"
#include "ground/signal_safe.h"

/* Posted writes in a row; their numbers follow one upon the other. Then one is waited for, so that nobody queues
 * without bound. */
#define MOST_POSTED 255
#define POSTED_KEPT (MOST_POSTED + 1)

/* Lives in pages that the kernel clears in a forked child (MADV_WIPEONFORK): whoever held the lock is not there, and
 * the connection belongs to the parent. It covers fork by any route, also raw system calls. */
struct process_state {
    atomic_uint lock;             /* one of enum lock_state */
    atomic_uint unlocked;         /* what it is when it is free */
    atomic_uint unblocked_thread; /* that holds it with its signals not blocked; 0: none */
    bool started;
    long process;
    long owner; /* whose memory this is, also of a process without a session; 0 where nobody could say so */
    uint64_t next_seq;
    uint32_t generation;
    bool is_near;        /* what channel_is_near has said, until the lock is free again */
    bool is_holding;     /* the last access was the first half of a locked instruction */
    atomic_uint posted;  /* since something was waited for */
    uint64_t failed_seq; /* of a posted write that the host is to hear of; 0: none */
    trapline_v1_Status failed_status;
    char failed_detail[sizeof(((trapline_v1_Completion *)0)->detail)];
    struct channel_posted writes[POSTED_KEPT]; /* by the number modulo their count */
};

/* What is free only to those that have blocked their signals can't be taken by the one step of those that have not. */
enum lock_state { FREE, HELD, WAITED_FOR, FREE_TO_BLOCKED };

static struct process_state *state;
static const struct channel_lane *lane;
static uint32_t generations;         /* survives fork, so that a child's sessions differ from its parent's */
static atomic_bool expects_handlers; /* survives fork, as handlers do */

bool channel_init(const struct channel_lane *chosen)
{
    long page = raw_syscall(SYS_mmap, 0, sizeof *state, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long failure = page < 0 ? page : raw_syscall(SYS_madvise, page, sizeof *state, MADV_WIPEONFORK);
    if (failure < 0) {
        errno = (int)-failure;
        return false;
    }
    state = (struct process_state *)page;
    state->owner = state->process = raw_syscall(SYS_getpid);
    lane = chosen;
    thread_id_init();
    return true;
}

static bool take_lock(unsigned unlocked)
{
    return atomic_compare_exchange_strong_explicit(&state->lock, &unlocked, HELD, memory_order_acquire,
                                                   memory_order_relaxed);
}

/* A handler that nobody could know of has come in the midst of an access, and makes one of its own. */
static void refuse_own_lock(void)
{
    unsigned thread = atomic_load_explicit(&state->unblocked_thread, memory_order_relaxed);
    if (thread != 0 && thread == (unsigned)raw_syscall(SYS_gettid))
        report_fatal("a signal handler came in the midst of an access and makes one, too, which can't be; the program "
                     "has installed it past libc, so start it without --patch; the host is ended");
}

void channel_lock(void)
{
    if (take_lock(atomic_load_explicit(&state->unlocked, memory_order_relaxed)))
        return;
    for (;;) {
        unsigned before = atomic_exchange_explicit(&state->lock, WAITED_FOR, memory_order_acquire);
        if (before == FREE || before == FREE_TO_BLOCKED)
            return;
        refuse_own_lock();
        raw_syscall(SYS_futex, &state->lock, FUTEX_WAIT_PRIVATE, WAITED_FOR, NULL);
    }
}

bool channel_lock_unblocked(void)
{
    if (channel_expects_handlers() || !take_lock(FREE))
        return false;
    atomic_store_explicit(&state->unblocked_thread, thread_id(), memory_order_relaxed);
    return true;
}

void channel_unlock(void)
{
    state->is_near = false;
    atomic_store_explicit(&state->unblocked_thread, 0, memory_order_relaxed);
    if (atomic_exchange_explicit(&state->lock, state->unlocked, memory_order_release) == WAITED_FOR)
        raw_syscall(SYS_futex, &state->lock, FUTEX_WAKE_PRIVATE, 1);
}

void channel_expect_handlers(void)
{
    atomic_store_explicit(&expects_handlers, true, memory_order_relaxed);
    atomic_store_explicit(&state->unlocked, FREE_TO_BLOCKED, memory_order_relaxed);
}

bool channel_expects_handlers(void)
{
    return atomic_load_explicit(&expects_handlers, memory_order_relaxed);
}

void channel_connect(void)
{
    if (state->is_near || (state->started && (lane->is_there == NULL || lane->is_there())))
        return;
    state->started = lane->start();
    if (!state->started)
        return;
    sandbox_after_fork();
    state->owner = state->process = raw_syscall(SYS_getpid);
    state->next_seq = 1;
    state->posted = 0;
    state->failed_seq = 0;
    memset(state->writes, 0, sizeof state->writes);
    state->is_holding = false;
    state->generation = ++generations;
}

bool channel_is_of_this_process(void)
{
    return state != NULL && state->process != 0 && state->process == raw_syscall(SYS_getpid);
}

bool channel_is_borrowed(void)
{
    return state == NULL || (state->owner != 0 && state->owner != raw_syscall(SYS_getpid));
}

long channel_owner(void)
{
    return state != NULL && state->owner != 0 ? state->owner : raw_syscall(SYS_getpid);
}

void channel_after_fork(void)
{
    state->owner = raw_syscall(SYS_getpid);
}

bool channel_open(void)
{
    channel_lock();
    channel_connect();
    bool started = state->started;
    channel_unlock();
    return started;
}

const struct channel_posted *channel_find_posted(uint64_t seq)
{
    const struct channel_posted *kept = &state->writes[seq % POSTED_KEPT];
    return seq != 0 && kept->seq == seq ? kept : NULL;
}

static bool is_fatal(trapline_v1_Status status)
{
    return status != trapline_v1_Status_STATUS_SLVERR && status != trapline_v1_Status_STATUS_DECERR;
}

void channel_note_failed(uint64_t seq, const trapline_v1_Completion *answer)
{
    const struct channel_posted *posted = channel_find_posted(seq);
    if (posted == NULL || (posted->is_forgiven && !is_fatal(answer->status)) ||
        (state->failed_seq != 0 && (is_fatal(state->failed_status) || !is_fatal(answer->status))))
        return;
    state->failed_seq = seq;
    state->failed_status = answer->status;
    memcpy(state->failed_detail, answer->detail, sizeof answer->detail);
}

/* The access is not made if a posted write before it has failed. */
static bool take_failed(trapline_v1_Completion *completion)
{
    if (state->failed_seq == 0)
        return false;
    memset(completion, 0, sizeof *completion);
    completion->posted = state->failed_seq;
    completion->status = state->failed_status;
    memcpy(completion->detail, state->failed_detail, sizeof completion->detail);
    state->failed_seq = 0;
    return true;
}

bool channel_post(trapline_v1_Access *access, const struct channel_posted *what)
{
    if (!state->started || lane->post == NULL || state->is_holding || state->posted >= MOST_POSTED)
        return false;
    access->seq = state->next_seq;
    access->tid = sandbox_thread_id();
    access->posted = true;
    bool is_posted = lane->post(access);
    access->posted = false;
    if (!is_posted)
        return false;
    state->writes[access->seq % POSTED_KEPT] = *what;
    state->writes[access->seq % POSTED_KEPT].seq = access->seq;
    state->next_seq++;
    state->posted++;
    return true;
}

bool channel_has_posted(void)
{
    return state != NULL && state->posted != 0;
}

void channel_transact(trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    if (state->posted != 0 && lane->settle != NULL)
        lane->settle();
    state->posted = 0;
    if (take_failed(completion))
        return;
    access->seq = state->next_seq;
    state->next_seq += access->elements > 1 ? access->elements : 1;
    access->tid = sandbox_thread_id();
    state->is_holding = access->hold;
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

/* The next access says it if the bridge is gone. */
void channel_settle(void)
{
    static trapline_v1_Access flush;
    static trapline_v1_Completion answer;
    if (state->posted == 0 || !state->started)
        return;
    if (lane->settle != NULL && lane->settle()) {
        state->posted = 0;
        return;
    }
    flush.operation = trapline_v1_Operation_OPERATION_FLUSH;
    flush.device = channel_find_posted(state->next_seq - 1)->device;
    channel_transact(&flush, &answer);
    if (answer.posted != 0)
        channel_note_failed(answer.posted, &answer);
}

bool channel_is_near(uint32_t mark, uint32_t device)
{
    state->is_near = state->started && mark == state->generation && state->failed_seq == 0 && !state->is_holding &&
                     lane->is_near != NULL && lane->is_near(device);
    return state->is_near;
}

bool channel_goes_near(uint32_t device)
{
    return lane->goes_near != NULL && lane->goes_near(device);
}

bool channel_first_time(uint32_t *mark)
{
    if (*mark == state->generation)
        return false;
    *mark = state->generation;
    return true;
}
