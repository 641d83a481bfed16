/* SPDX-License-Identifier: Apache-2.0 */
#include "shared_memory.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>

#include "ground/kernel_signals.h"
#include "ground/page.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "lane/channel.h"
#include "window.h"
#include "ground/signal_safe.h"

enum { RANGE_MAX = 128 };

struct range {
    struct shared_mapping mapping;
    uint8_t *memory; /* the second mapping, of the same bytes */
    bool is_closed, has_open_pages;
};

static struct range ranges[RANGE_MAX];
static atomic_uint range_count;
static bool is_closed;
static bool has_forked;

/* ---- open and closed */

static struct range *range_in(uint64_t start, uint64_t finish)
{
    for (unsigned i = 0; i < atomic_load_explicit(&range_count, memory_order_acquire); i++)
        if (ranges[i].mapping.start < finish && ranges[i].mapping.end > start)
            return &ranges[i];
    return NULL;
}

static void protect(const struct range *range, int protection)
{
    raw_syscall(SYS_mprotect, range->mapping.start, range->mapping.end - range->mapping.start, protection);
}

static void open_range(struct range *range)
{
    if (!range->is_closed)
        return;
    protect(range, range->mapping.protection);
    window_remove(range->mapping.start, range->mapping.end);
    range->is_closed = range->has_open_pages = false;
}

/* The window comes first: who faults meanwhile finds it. Code is not looked at but run, so it stays open. */
static void shut_range(struct range *range)
{
    const struct shared_mapping *mapping = &range->mapping;
    if (range->has_open_pages)
        open_range(range);
    if (range->is_closed)
        return;
    struct window window = {.start = mapping->start,
                            .end = mapping->end,
                            .protection = mapping->protection,
                            .memory = range->memory,
                            .is_shared = true};
    if (mapping->protection == PROT_NONE || mapping->protection & PROT_EXEC || !window_add(&window))
        return;
    protect(range, PROT_NONE);
    range->is_closed = true;
}

void shared_memory_open(void)
{
    for (unsigned i = 0; is_closed && i < range_count; i++)
        open_range(&ranges[i]);
    is_closed = false;
}

void shared_memory_shut(void)
{
    for (unsigned i = 0; !is_closed && i < range_count; i++)
        shut_range(&ranges[i]);
    is_closed = range_count > 0;
}

void shared_memory_open_page(uint64_t address)
{
    uint64_t page = page_of(address);
    struct range *range = range_in(page, page + 1);
    if (range == NULL || !range->is_closed)
        return;
    raw_syscall(SYS_mprotect, page, PAGE_BYTES, range->mapping.protection);
    window_remove(page, page + PAGE_BYTES);
    range->has_open_pages = true;
    is_closed = false;
}

/* ---- the mappings of the host */

/* Signals wait as in the fault handler: one that accesses a device would wait for the lock that its own thread
 * holds. */
static uint64_t begin(void)
{
    uint64_t before = kernel_signals_block(kernel_signals_bit(SIGSEGV));
    channel_lock();
    return before;
}

static void end(uint64_t signals)
{
    channel_unlock();
    kernel_signals_restore(signals);
}

/* Not by another descriptor of the file: its close would end the record locks of the process (fcntl(2)). Of a shared
 * mapping nothing is moved but a second one made (mremap(2), old_size 0). */
static uint8_t *map_again(const struct shared_mapping *mapping)
{
    uint64_t length = mapping->end - mapping->start;
    long mapped = raw_syscall(SYS_mremap, mapping->start, 0, length, MREMAP_MAYMOVE);
    if (mapped < 0 && mapped > -4096)
        return NULL;
    raw_syscall(SYS_mprotect, mapped, length, PROT_READ | PROT_WRITE);
    return (uint8_t *)mapped;
}

/* What can't be mapped twice stays what it is: memory. */
static void say_unwatched(const struct shared_mapping *mapping, const char *why)
{
    report("a program that polls the memory at %x lets no time run: %s; unmap other memory first", mapping->start, why);
}

void shared_memory_add(const struct shared_mapping *mapping)
{
    uint8_t *memory = map_again(mapping);
    if (memory == NULL) {
        say_unwatched(mapping, "it can't be mapped a second time");
        return;
    }
    uint64_t signals = begin();
    bool has_room = range_count < RANGE_MAX;
    if (has_room)
        ranges[range_count++] = (struct range){.mapping = *mapping, .memory = memory};
    shared_memory_open();
    end(signals);
    if (!has_room) {
        raw_syscall(SYS_munmap, memory, mapping->end - mapping->start);
        say_unwatched(mapping, "too many mappings of shared memory are watched");
    }
}

static void append(const struct range *whole, uint64_t start, uint64_t finish, int protection)
{
    struct range part = *whole;
    part.mapping.start = start;
    part.mapping.end = finish;
    part.mapping.offset += start - whole->mapping.start;
    part.mapping.protection = protection;
    part.memory += start - whole->mapping.start;
    if (start < finish && range_count < RANGE_MAX)
        ranges[range_count++] = part;
}

/* Takes [start, finish) out of the table; what was there comes back with `protection` if that is not negative. */
static void carve(uint64_t start, uint64_t finish, int protection)
{
    shared_memory_open();
    for (unsigned i = range_count; i-- > 0;) {
        struct range old = ranges[i];
        const struct shared_mapping *mapping = &old.mapping;
        if (mapping->end <= start || mapping->start >= finish)
            continue;
        uint64_t from = mapping->start > start ? mapping->start : start;
        uint64_t to = mapping->end < finish ? mapping->end : finish;
        ranges[i] = ranges[--range_count];
        append(&old, mapping->start, from, mapping->protection);
        append(&old, to, mapping->end, mapping->protection);
        if (protection >= 0)
            append(&old, from, to, protection);
        else
            raw_syscall(SYS_munmap, old.memory + (from - mapping->start), to - from);
    }
}

bool shared_memory_overlaps(uint64_t start, uint64_t finish)
{
    return range_in(start, finish) != NULL;
}

bool shared_memory_find(uint64_t address, struct shared_mapping *found)
{
    const struct range *range = range_in(address, address + 1);
    if (range != NULL)
        *found = range->mapping;
    return range != NULL;
}

static void change(uint64_t start, uint64_t finish, int protection)
{
    if (!shared_memory_overlaps(start, finish))
        return;
    uint64_t signals = begin();
    carve(start, finish, protection);
    end(signals);
}

void shared_memory_remove(uint64_t start, uint64_t finish)
{
    change(start, finish, -1);
}

void shared_memory_protect(uint64_t start, uint64_t finish, int protection)
{
    change(start, finish, protection);
}

bool shared_memory_is_open(uint64_t address, bool is_store)
{
    if (atomic_load_explicit(&range_count, memory_order_acquire) == 0)
        return false;
    channel_lock();
    const struct range *range = range_in(address, address + 1);
    bool is_allowed = range != NULL && range->mapping.protection & (is_store ? PROT_WRITE : PROT_READ);
    /* A child that was forked in the middle of a change has the page closed and no window. */
    if (is_allowed && !range->is_closed)
        protect(range, range->mapping.protection);
    channel_unlock();
    return is_allowed;
}

bool shared_memory_is_any(void)
{
    return atomic_load_explicit(&range_count, memory_order_relaxed) != 0;
}

void shared_memory_shut_in_call(void)
{
    if (is_closed)
        return;
    uint64_t signals = begin();
    shared_memory_shut();
    end(signals);
}

bool shared_memory_is_alone(void)
{
    return __libc_single_threaded && !has_forked;
}

void shared_memory_after_fork(void)
{
    has_forked = true;
}
