/* SPDX-License-Identifier: Apache-2.0 */
#include "shared_memory.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/single_threaded.h>

#include "channel.h"
#include "raw_syscall.h"
#include "window.h"
#include "signal_safe.h"

enum {
    RANGE_MAX = 128,
    LOOKS = 256,        /* faults that are no polls before memory is opened; as many places can be polled in turn */
    POLLS_FROM = 3,     /* sights of one value that make a poll */
    FIRST_CYCLES = 16,  /* of time for the first polled; each further one gets twice as many … */
    MOST_CYCLES = 1024  /* … up to these */
};

struct range {
    struct shared_mapping mapping;
    uint8_t *memory;  /* the second mapping, of the same bytes */
    bool is_closed, has_open_pages;
};

static struct range ranges[RANGE_MAX];
static atomic_uint range_count;
static bool is_closed;
static shared_wait *wait_for_write;

struct sight {
    uint64_t pc, address, value;
    uint64_t generation, age;
    uint32_t count;  /* of looks that found the same value */
};

/* Sets of WAYS, by place and instruction; in a set the oldest goes first. */
enum { WAYS = 4 };
static struct sight sights[LOOKS / WAYS][WAYS];
static uint64_t generation = 1, age;
static unsigned strange_looks;  /* that were no polls, since memory was closed */
static uint32_t next_cycles = FIRST_CYCLES;
static uint64_t polled_from, polled_to;  /* host addresses that were polled in this generation */
static bool is_poll;                     /* the present instruction */
static bool has_accessed;                /* since the last instruction or call that ended */
static atomic_bool has_called;
static bool has_forked;

void shared_memory_init(shared_wait *wait)
{
    wait_for_write = wait;
}

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
    struct window window = {.start = mapping->start, .end = mapping->end, .protection = mapping->protection,
                            .memory = range->memory, .is_shared = true};
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

static void shut_all(void)
{
    for (unsigned i = 0; !is_closed && i < range_count; i++)
        shut_range(&ranges[i]);
    is_closed = range_count > 0;
    strange_looks = 0;
}

void shared_memory_open_page(uint64_t address)
{
    uint64_t page = address & ~PAGE_MASK;
    struct range *range = range_in(page, page + 1);
    if (range == NULL || !range->is_closed)
        return;
    raw_syscall(SYS_mprotect, page, PAGE_MASK + 1, range->mapping.protection);
    window_remove(page, page + PAGE_MASK + 1);
    range->has_open_pages = true;
    is_closed = false;
}

/* ---- the mappings of the host */

/* Signals wait as in the fault handler: one that accesses a device would wait for the lock that its own thread holds. */
static uint64_t begin(void)
{
    uint64_t all = ~((uint64_t)1 << (SIGSEGV - 1)), before = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    channel_lock();
    return before;
}

static void end(uint64_t signals)
{
    channel_unlock();
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &signals, NULL, sizeof signals);
}

static uint8_t *map_again(const struct shared_mapping *mapping)
{
    long descriptor = raw_syscall(SYS_openat, AT_FDCWD, mapping->file, O_RDWR | O_CLOEXEC, 0);
    if (descriptor < 0)
        return NULL;
    long mapped = raw_syscall(SYS_mmap, 0, mapping->end - mapping->start, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
                              mapping->offset);
    raw_syscall(SYS_close, descriptor);
    return mapped < 0 && mapped > -4096 ? NULL : (uint8_t *)mapped;
}

/* What can't be mapped twice stays what it is: memory. */
void shared_memory_add(const struct shared_mapping *mapping)
{
    uint8_t *memory = map_again(mapping);
    if (memory == NULL)
        return;
    uint64_t signals = begin();
    bool has_room = range_count < RANGE_MAX;
    if (has_room)
        ranges[range_count++] = (struct range){.mapping = *mapping, .memory = memory};
    shared_memory_open();
    end(signals);
    if (!has_room)
        raw_syscall(SYS_munmap, memory, mapping->end - mapping->start);
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
        uint64_t from = mapping->start > start ? mapping->start : start, to = mapping->end < finish ? mapping->end : finish;
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

/* ---- what the host does there */

static void forget_sights(void)
{
    generation++;
    next_cycles = FIRST_CYCLES;
    polled_from = ~(uint64_t)0;
    polled_to = 0;
}

void shared_memory_note_access(void)
{
    if (range_count == 0)
        return;
    forget_sights();
    has_accessed = true;
}

void shared_memory_end_call(void)
{
    has_accessed = false;
    shut_all();
}

void shared_memory_note_call(void)
{
    if (atomic_load_explicit(&range_count, memory_order_relaxed) == 0)
        return;
    atomic_store_explicit(&has_called, true, memory_order_relaxed);
    if (is_closed)
        return;
    uint64_t signals = begin();
    shut_all();
    end(signals);
}

/* FNV-1a */
static uint64_t digest(const uint8_t *bytes, unsigned width)
{
    uint64_t value = 0xcbf29ce484222325u;
    for (unsigned i = 0; i < width; i++)
        value = (value ^ bytes[i]) * 0x100000001b3u;
    return value;
}

static void note_poll(uint64_t address, unsigned width)
{
    is_poll = true;
    if (address < polled_from)
        polled_from = address;
    if (address + width > polled_to)
        polled_to = address + width;
}

static struct sight *sight_of(uint64_t pc, uint64_t address)
{
    struct sight *set = sights[((pc ^ pc >> 9) * 31 + (address ^ address >> 8)) % (LOOKS / WAYS)], *oldest = set;
    for (struct sight *sight = set; sight < set + WAYS; sight++) {
        if (sight->generation == generation && sight->pc == pc && sight->address == address)
            return sight;
        if (sight->generation < oldest->generation || (sight->generation == oldest->generation && sight->age < oldest->age))
            oldest = sight;
    }
    *oldest = (struct sight){.pc = pc, .address = address, .generation = generation};
    return oldest;
}

static void look_over(uint64_t pc, uint64_t address, const uint8_t *bytes, unsigned width)
{
    struct sight *sight = sight_of(pc, address);
    uint64_t value = digest(bytes, width);
    sight->count = sight->value == value ? sight->count + 1 : 1;
    sight->value = value;
    sight->age = ++age;
    if (sight->count >= POLLS_FROM)
        note_poll(address, width);
    else
        strange_looks += sight->count == 1;
}

/* At once where an instruction would load at once: another process, or the RTL, may store there meanwhile. */
static void copy_whole(uint8_t *to, const uint8_t *from, unsigned width)
{
    switch (width) {
    case 2:
        __atomic_store_n((uint16_t *)to, __atomic_load_n((const uint16_t *)from, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
        return;
    case 4:
        __atomic_store_n((uint32_t *)to, __atomic_load_n((const uint32_t *)from, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
        return;
    case 8:
        __atomic_store_n((uint64_t *)to, __atomic_load_n((const uint64_t *)from, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
        return;
    default:
        memcpy(to, from, width);
    }
}

void shared_memory_load(uint64_t pc, uint64_t address, const uint8_t *memory, uint8_t *bytes, unsigned width)
{
    copy_whole(bytes, memory, width);
    look_over(pc, address, bytes, width);
}

void shared_memory_store(uint8_t *memory, const uint8_t *bytes, unsigned width)
{
    copy_whole(memory, bytes, width);
    strange_looks++;
}

bool shared_memory_exchange(uint8_t *memory, const uint8_t *expected, const uint8_t *desired, unsigned width)
{
    uint64_t old = 0, new = 0;
    memcpy(&old, expected, width);
    memcpy(&new, desired, width);
    switch (width) {
    case 1:
        return __sync_bool_compare_and_swap(memory, (uint8_t)old, (uint8_t)new);
    case 2:
        return __sync_bool_compare_and_swap((uint16_t *)(void *)memory, (uint16_t)old, (uint16_t)new);
    case 4:
        return __sync_bool_compare_and_swap((uint32_t *)(void *)memory, (uint32_t)old, (uint32_t)new);
    default:
        return __sync_bool_compare_and_swap((uint64_t *)(void *)memory, old, new);
    }
}

bool shared_memory_is_alone(void)
{
    return __libc_single_threaded && !has_forked;
}

/* ---- time for a poll */

static struct shared_poll describe_poll(void)
{
    struct shared_poll polled = {0, 0, 0, next_cycles, !atomic_exchange_explicit(&has_called, false, memory_order_relaxed)};
    const struct range *range = range_in(polled_from, polled_to);
    if (range != NULL && polled_from >= range->mapping.start && polled_to <= range->mapping.end) {
        polled.device = range->mapping.device;
        polled.offset = range->mapping.offset + (polled_from - range->mapping.start);
        polled.size = polled_to - polled_from;
    }
    return polled;
}

bool shared_memory_end_instruction(struct shared_poll *polled)
{
    if (has_accessed) {
        shut_all();
    } else if (is_poll) {
        *polled = describe_poll();
        next_cycles = next_cycles < MOST_CYCLES ? 2 * next_cycles : MOST_CYCLES;
        strange_looks = 0;
    } else if (strange_looks >= LOOKS) {
        shared_memory_open();
    }
    bool was_poll = is_poll && !has_accessed;
    is_poll = has_accessed = false;
    return was_poll;
}

void shared_memory_wait(const struct shared_poll *polled)
{
    if (wait_for_write == NULL || !wait_for_write(polled))
        return;
    channel_lock();
    forget_sights();
    channel_unlock();
}

void shared_memory_after_fork(void)
{
    has_forked = true;
}
