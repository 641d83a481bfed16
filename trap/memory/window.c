/* SPDX-License-Identifier: Apache-2.0 */
#include "window.h"

#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "ground/kernel_signals.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/signal_safe.h"

enum { FIRST_CAPACITY = 256, DOUBLINGS = 9 };
_Static_assert(FIRST_CAPACITY << DOUBLINGS == 2 * WINDOW_MAX, "splitting a window leaves up to three");

/*
 * In ascending order; they don't overlap. A full table is followed by one of twice its size: a program that locks its
 * memory (mlockall(2)) pays for no more than it has. Readers may still look at the one before, so it stays.
 */
struct table {
    unsigned capacity;
    struct window *windows;
};
static struct window first_windows[FIRST_CAPACITY];
static struct table tables[DOUBLINGS + 1] = {{FIRST_CAPACITY, first_windows}};
static _Atomic(struct table *) current = tables;
static atomic_uint window_count;

/* Sequence lock: odd while a writer is at work. Readers look again if it moved. */
static atomic_uint sequence;
static atomic_flag writer = ATOMIC_FLAG_INIT;

/* Signals are blocked while writing: a handler of this thread that faults would wait for itself. */
static uint64_t begin_write(void)
{
    uint64_t before = kernel_signals_block(0);
    while (atomic_flag_test_and_set_explicit(&writer, memory_order_acquire))
        raw_syscall(SYS_sched_yield);
    atomic_fetch_add_explicit(&sequence, 1, memory_order_acq_rel);
    return before;
}

static void end_write(uint64_t signals)
{
    atomic_fetch_add_explicit(&sequence, 1, memory_order_acq_rel);
    atomic_flag_clear_explicit(&writer, memory_order_release);
    kernel_signals_restore(signals);
}

/* The first one of `count` that ends after `address`. */
static unsigned search(const struct window *windows, unsigned count, uint64_t address)
{
    unsigned low = 0, high = count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        if (windows[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* For writers. */
static unsigned index_after(uint64_t address)
{
    return search(current->windows, window_count, address);
}

/* False if there is no memory, or no further table. */
static bool make_room(void)
{
    struct table *table = current, *next = table + 1;
    if (window_count < table->capacity)
        return true;
    if (next == tables + DOUBLINGS + 1)
        return false;
    unsigned capacity = 2 * table->capacity;
    long place = raw_syscall(SYS_mmap, NULL, capacity * sizeof(struct window), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (place < 0)
        return false;
    *next = (struct table){capacity, (struct window *)place};
    memcpy(next->windows, table->windows, window_count * sizeof(struct window));
    atomic_store_explicit(&current, next, memory_order_release);
    return true;
}

static bool insert(unsigned index, const struct window *window)
{
    if (!make_room())
        return false;
    struct window *windows = current->windows;
    memmove(&windows[index + 1], &windows[index], (window_count - index) * sizeof windows[0]);
    windows[index] = *window;
    window_count++;
    return true;
}

static bool add(const struct window *window)
{
    return window_count < WINDOW_MAX && insert(index_after(window->start), window);
}

bool window_add(const struct window *window)
{
    uint64_t signals = begin_write();
    bool added = add(window);
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

/* Cuts the window at `index` in two where `address` lies in it. */
static void split(unsigned index, uint64_t address)
{
    struct window *windows = current->windows;
    if (index == window_count || windows[index].start >= address || windows[index].end <= address)
        return;
    struct window behind = part(&windows[index], address, windows[index].end);
    windows[index].end = address;
    if (!insert(index + 1, &behind))
        report_fatal("the program has split its mappings of devices into more parts than there is memory for; the host "
                     "is ended");
}

/* Takes [start, end) out of all windows; what was there and `protection` is not negative stays with that protection. */
static bool carve(uint64_t start, uint64_t end, int protection)
{
    split(index_after(start), start);
    unsigned first = index_after(start), behind = first;
    split(index_after(end), end);
    struct window *windows = current->windows;
    while (behind < window_count && windows[behind].start < end)
        windows[behind++].protection = protection;
    if (protection >= 0 || behind == first)
        return behind > first;
    memmove(&windows[first], &windows[behind], (window_count - behind) * sizeof windows[0]);
    window_count -= behind - first;
    return true;
}

bool window_replace(const struct window *window)
{
    uint64_t signals = begin_write();
    carve(window->start, window->end, -1);
    bool added = add(window);
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

/* The window with the lowest start of those that end after `address`. Looks again where a writer was at work. */
static bool first_after(uint64_t address, struct window *found)
{
    unsigned before;
    bool any;
    do {
        before = atomic_load_explicit(&sequence, memory_order_acquire) & ~1u;
        const struct table *table = atomic_load_explicit(&current, memory_order_acquire);
        unsigned count = atomic_load_explicit(&window_count, memory_order_relaxed);
        if (count > table->capacity)
            count = table->capacity;
        unsigned index = search(table->windows, count, address);
        any = index < count;
        if (any)
            *found = table->windows[index];
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

int window_apply_around(uint64_t start, uint64_t end, int (*apply)(void *address, size_t length, int argument),
                        int argument)
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
