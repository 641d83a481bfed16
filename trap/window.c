/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "raw_syscall.h"
#include "signal_safe.h"

/* Splitting a window leaves up to three, so a change may pass through more entries than the host may ask for. */
#define CAPACITY (3 * WINDOW_MAX)

static struct window windows[CAPACITY];
static unsigned window_count;

/* Sequence lock: odd while a writer is at work. Readers look again if it moved. */
static atomic_uint sequence;
static atomic_flag writer = ATOMIC_FLAG_INIT;

/* Signals are blocked while writing: a handler of this thread that faults would wait for itself. */
static uint64_t begin_write(void)
{
    uint64_t all = ~(uint64_t)0, before = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    while (atomic_flag_test_and_set_explicit(&writer, memory_order_acquire))
        raw_syscall(SYS_sched_yield);
    atomic_fetch_add_explicit(&sequence, 1, memory_order_acq_rel);
    return before;
}

static void end_write(uint64_t signals)
{
    atomic_fetch_add_explicit(&sequence, 1, memory_order_acq_rel);
    atomic_flag_clear_explicit(&writer, memory_order_release);
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &signals, NULL, sizeof signals);
}

static bool append(const struct window *window)
{
    if (window_count == CAPACITY)
        return false;
    windows[window_count++] = *window;
    return true;
}

bool window_add(const struct window *window)
{
    uint64_t signals = begin_write();
    bool added = window_count < WINDOW_MAX && append(window);
    end_write(signals);
    return added;
}

/* The part of `window` from `start` to `end`. */
static struct window part(const struct window *window, uint64_t start, uint64_t end)
{
    struct window result = *window;
    result.file_offset += start - window->start;
    result.memory += result.memory == NULL ? 0 : start - window->start;
    result.start = start;
    result.end = end;
    return result;
}

/* Takes [start, end) out of all windows; what was there and `protection` is not negative comes back with that protection. */
static bool carve(uint64_t start, uint64_t end, int protection)
{
    bool found = false;
    unsigned count = window_count;
    for (unsigned i = 0; i < count; i++) {
        struct window old = windows[i];
        if (old.end <= start || old.start >= end || old.start == old.end)
            continue;
        found = true;
        uint64_t from = old.start > start ? old.start : start, to = old.end < end ? old.end : end;
        windows[i].start = windows[i].end = 0;
        struct window before = part(&old, old.start, from), inside = part(&old, from, to), after = part(&old, to, old.end);
        if (before.start < before.end)
            append(&before);
        if (after.start < after.end)
            append(&after);
        if (protection >= 0) {
            inside.protection = protection;
            append(&inside);
        }
    }
    unsigned kept = 0;
    for (unsigned i = 0; i < window_count; i++)
        if (windows[i].start != windows[i].end)
            windows[kept++] = windows[i];
    window_count = kept;
    return found;
}

bool window_replace(const struct window *window)
{
    uint64_t signals = begin_write();
    carve(window->start, window->end, -1);
    bool added = window_count < WINDOW_MAX && append(window);
    end_write(signals);
    return added;
}

void window_remove(uint64_t start, uint64_t end)
{
    if (!window_overlaps(start, end))
        return;
    uint64_t signals = begin_write();
    carve(start, end, -1);
    end_write(signals);
}

bool window_protect(uint64_t start, uint64_t end, int protection)
{
    if (!window_overlaps(start, end))
        return false;
    uint64_t signals = begin_write();
    bool found = carve(start, end, protection);
    end_write(signals);
    return found;
}

/* The window with the lowest start of those that end after `address`. */
static bool first_after(uint64_t address, struct window *found)
{
    unsigned before;
    bool any;
    do {
        before = atomic_load_explicit(&sequence, memory_order_acquire) & ~1u;
        any = false;
        for (unsigned i = 0; i < window_count; i++)
            if (windows[i].end > address && (!any || windows[i].start < found->start)) {
                *found = windows[i];
                any = true;
            }
        atomic_thread_fence(memory_order_acquire);
    } while (atomic_load_explicit(&sequence, memory_order_relaxed) != before);
    return any;
}

bool window_find(uint64_t address, struct window *found)
{
    return first_after(address, found) && found->start <= address;
}

uint64_t window_next(uint64_t address, uint64_t limit)
{
    struct window found;
    return first_after(address, &found) && found.start < limit ? found.start : limit;
}

bool window_overlaps(uint64_t start, uint64_t end)
{
    struct window found;
    return first_after(start, &found) && found.start < end;
}

int window_apply_around(uint64_t start, uint64_t end, int (*apply)(void *address, size_t length, int argument), int argument)
{
    struct window window;
    int result = 0;
    for (uint64_t next; start < end && result == 0; start = next) {
        bool is_window = window_find(start, &window);
        next = is_window ? window.end : window_next(start, end);
        if (!is_window)
            result = apply((void *)start, next - start, argument);
    }
    return result;
}

static uint64_t fork_signals;

void window_before_fork(void)
{
    fork_signals = begin_write();
}

void window_after_fork(void)
{
    end_write(fork_signals);
}
