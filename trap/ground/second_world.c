/* SPDX-License-Identifier: Apache-2.0 */
#include "second_world.h"

#include <asm/prctl.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "raw_syscall.h"
#include "report.h"
#include "signal_safe.h"
#include "thread_id.h"

/* AT_HWCAP2 of x86-64: programs may read and write the base of FS (arch/x86/include/uapi/asm/hwcap2.h). */
#define HAS_FSGSBASE 2

/* Threads that call the kernel at one time; and slots, so many that few blocks look for a place of their own. */
enum { MOST = 4096, SLOTS = 4 * MOST, NOBODY = 0, SHIFT = 6 };

struct block {
    uint64_t base;
    _Atomic uint32_t owner; /* a thread's number, or NOBODY */
    _Atomic uint64_t outside;
};

bool second_world_is_there;
static bool has_fsgsbase;
static _Atomic uint32_t count, unused;
static _Atomic bool is_making, has_failed;
static bool (*make_block)(void);

/* Not there in the processes that need none. */
static struct tables {
    struct block blocks[MOST];
    _Atomic uint16_t slots[SLOTS];  /* by address, 1 and more: which block */
    _Atomic uint16_t last_of[MOST]; /* by thread: which block it had last */
} *tables;

static uint64_t fs(void)
{
    uint64_t base = 0;
    if (has_fsgsbase)
        __asm__ volatile("rdfsbase %0" : "=r"(base));
    else
        raw_syscall(SYS_arch_prctl, ARCH_GET_FS, &base);
    return base;
}

static void set_fs(uint64_t base)
{
    if (has_fsgsbase)
        __asm__ volatile("wrfsbase %0" ::"r"(base) : "memory");
    else
        raw_syscall(SYS_arch_prctl, ARCH_SET_FS, base);
}

/* NULL: that is the program's. */
static struct block *at_base(uint64_t base)
{
    for (uint64_t i = base >> SHIFT;; i++) {
        uint32_t slot = tables->slots[i % SLOTS];
        if (slot == 0)
            return NULL;
        if (tables->blocks[slot - 1].base == base)
            return &tables->blocks[slot - 1];
    }
}

static void note_base(uint64_t base, uint32_t index)
{
    uint64_t i = base >> SHIFT;
    while (tables->slots[i % SLOTS] != 0)
        i++;
    tables->slots[i % SLOTS] = (uint16_t)(index + 1);
}

static struct block *own(uint32_t thread)
{
    struct block *last = &tables->blocks[tables->last_of[thread % MOST]];
    if (last->owner == thread)
        return last;
    for (uint32_t i = 0; i < count; i++)
        if (tables->blocks[i].owner == thread) {
            tables->last_of[thread % MOST] = (uint16_t)i;
            return &tables->blocks[i];
        }
    return NULL;
}

static bool claim(struct block *block, uint32_t before, uint32_t thread)
{
    bool was_unused = before == NOBODY;
    if (!atomic_compare_exchange_strong(&block->owner, &before, thread))
        return false;
    if (was_unused)
        unused--;
    thread_id_put(block->base, thread);
    tables->last_of[thread % MOST] = (uint16_t)(block - tables->blocks);
    return true;
}

static bool is_dead(uint32_t thread)
{
    return raw_syscall(SYS_tkill, thread, 0) == -ESRCH;
}

static struct block *claim_one(uint32_t thread)
{
    for (uint32_t i = 0; i < count; i++)
        if (tables->blocks[i].owner == NOBODY && claim(&tables->blocks[i], NOBODY, thread))
            return &tables->blocks[i];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t owner = tables->blocks[i].owner;
        if (owner != NOBODY && is_dead(owner) && claim(&tables->blocks[i], owner, thread))
            return &tables->blocks[i];
    }
    return NULL;
}

/* Another thread makes one more when it has taken the last: it is on its way. */
static struct block *claim_new(uint32_t thread)
{
    struct block *block;
    while ((block = claim_one(thread)) == NULL) {
        if (count == MOST)
            report_fatal("more than %u threads make system calls at one time; the host is ended", (uint64_t)MOST);
        if (has_failed)
            report_fatal("no memory can be mapped for another thread of the agent's; the host is ended");
        raw_syscall(SYS_sched_yield);
    }
    return block;
}

void second_world_enter(struct second_world_visit *visit)
{
    visit->outside = fs();
    visit->is_one = at_base(visit->outside) == NULL;
    if (!visit->is_one)
        return;
    uint32_t thread = (uint32_t)raw_syscall(SYS_gettid);
    struct block *block = own(thread);
    bool is_new = block == NULL;
    if (is_new)
        block = claim_new(thread);
    block->outside = visit->outside;
    set_fs(block->base);
    if (!is_new || unused > 0 || count == MOST || atomic_exchange(&is_making, true))
        return;
    has_failed = unused == 0 && !make_block();
    is_making = false;
}

void second_world_leave(const struct second_world_visit *visit)
{
    if (visit->is_one)
        set_fs(visit->outside);
}

uint64_t second_world_step_out(void)
{
    uint64_t inside = second_world_is_there ? fs() : 0;
    struct block *block = inside != 0 ? at_base(inside) : NULL;
    if (block == NULL)
        return 0;
    set_fs(block->outside);
    return inside;
}

void second_world_step_in(uint64_t inside)
{
    if (inside != 0)
        set_fs(inside);
}

uint64_t second_world_program_fs(void)
{
    uint64_t base = fs();
    struct block *block = second_world_is_there ? at_base(base) : NULL;
    return block != NULL ? block->outside : base;
}

void second_world_after_fork(void)
{
    struct block *self = second_world_is_there ? at_base(fs()) : NULL;
    if (self == NULL)
        return;
    unused = count - 1;
    for (uint32_t i = 0; i < count; i++)
        tables->blocks[i].owner = NOBODY;
    self->owner = (uint32_t)raw_syscall(SYS_gettid);
    is_making = false;
}

bool second_world_begin(bool (*make)(void))
{
    has_fsgsbase = getauxval(AT_HWCAP2) & HAS_FSGSBASE;
    make_block = make;
    tables = (struct tables *)raw_syscall(SYS_mmap, NULL, sizeof *tables, PROT_READ | PROT_WRITE,
                                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (tables == NULL || (long)tables < 0)
        return false;
    thread_id_init();
    second_world_add(fs());
    claim(&tables->blocks[0], NOBODY, (uint32_t)raw_syscall(SYS_gettid));
    second_world_is_there = true;
    return make();
}

void second_world_add(uint64_t block)
{
    uint32_t index = count;
    tables->blocks[index].base = block;
    note_base(block, index);
    unused++;
    count++;
}
