/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_poll.h"

#include <stdatomic.h>
#include <string.h>

#include "lane/channel.h"
#include "shared_memory.h"
#include "ground/signal_safe.h"

enum {
    LOOKS = 256,        /* faults that are no polls before memory is opened; as many places can be polled in turn */
    POLLS_FROM = 3,     /* sights of one value that make a poll */
    FIRST_CYCLES = 16,  /* of time for the first poll; each further one gets twice as many … */
    MOST_CYCLES = 1024, /* … up to these */
    MOST_CALLS = 1024   /* that a host at work may make before it is looked at again */
};

static memory_poll_waiter *wait_for_write;

struct sight {
    uint64_t pc, address, value;
    uint64_t generation, age;
    uint32_t count; /* of looks that found the same value */
};

/* Sets of WAYS, by place and instruction; in a set the oldest goes first. */
enum { WAYS = 4 };
static struct sight sights[LOOKS / WAYS][WAYS];
static uint64_t generation = 1, age;
static unsigned strange_looks; /* that were no polls, since memory was closed */
static uint32_t next_cycles = FIRST_CYCLES;
static uint64_t polled_from, polled_to; /* host addresses that were polled in this generation */
static bool is_poll;                    /* the present instruction */
static bool has_accessed;               /* since the last instruction or call that ended */
static atomic_bool has_called;
/* A host that looks at its clock while it works in its memory must not pay for that each time: the more often it was
 * looked at in vain, the more calls it may make in peace. */
static unsigned calls_in_peace, calls_made;

static void shut(void)
{
    shared_memory_shut();
    strange_looks = 0;
}

void memory_poll_init(memory_poll_waiter *wait)
{
    wait_for_write = wait;
}

static void forget_sights(void)
{
    generation++;
    next_cycles = FIRST_CYCLES;
    polled_from = ~(uint64_t)0;
    polled_to = 0;
}

void memory_poll_note_access(void)
{
    if (!shared_memory_is_any())
        return;
    forget_sights();
    calls_in_peace = 0;
    has_accessed = true;
}

void memory_poll_end_call(void)
{
    if (has_accessed || calls_made++ >= calls_in_peace)
        shut();
    has_accessed = false;
}

void memory_poll_note_call(void)
{
    if (!shared_memory_is_any())
        return;
    atomic_store_explicit(&has_called, true, memory_order_relaxed);
    if (calls_made++ < calls_in_peace)
        return;
    shared_memory_shut_in_call();
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
    calls_in_peace = 0;
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
        if (sight->age < oldest->age)
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

void memory_poll_load(uint64_t pc, uint64_t address, const uint8_t *memory, uint8_t *bytes, unsigned width)
{
    copy_whole(bytes, memory, width);
    look_over(pc, address, bytes, width);
}

void memory_poll_store(uint8_t *memory, const uint8_t *bytes, unsigned width)
{
    copy_whole(memory, bytes, width);
    strange_looks++;
}

bool memory_poll_exchange(uint8_t *memory, const uint8_t *expected, const uint8_t *desired, unsigned width)
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

/* ---- time for a poll */

static struct memory_poll describe_poll(void)
{
    bool may_end = atomic_exchange_explicit(&has_called, false, memory_order_relaxed);
    struct memory_poll polled = {.cycles = next_cycles, .is_endless = !may_end};
    struct shared_mapping mapping;
    if (shared_memory_find(polled_from, &mapping) && polled_to <= mapping.end) {
        polled.device = mapping.device;
        polled.offset = mapping.offset + (polled_from - mapping.start);
        polled.size = polled_to - polled_from;
    }
    return polled;
}

bool memory_poll_end_instruction(struct memory_poll *polled)
{
    if (has_accessed) {
        shut();
    } else if (is_poll) {
        *polled = describe_poll();
        next_cycles = next_cycles < MOST_CYCLES ? 2 * next_cycles : MOST_CYCLES;
        strange_looks = 0;
    } else if (strange_looks >= LOOKS) {
        shared_memory_open();
        strange_looks = calls_made = 0;
        calls_in_peace = calls_in_peace == 0 ? 1 : calls_in_peace < MOST_CALLS ? 2 * calls_in_peace : MOST_CALLS;
    }
    bool was_poll = is_poll && !has_accessed;
    is_poll = has_accessed = false;
    return was_poll;
}

void memory_poll_wait(const struct memory_poll *polled)
{
    if (wait_for_write == NULL || !wait_for_write(polled))
        return;
    channel_lock();
    forget_sights();
    channel_unlock();
}
