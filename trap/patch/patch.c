/* SPDX-License-Identifier: Apache-2.0 */
#include "patch.h"

#include <string.h>
#include <sys/mman.h>

#include "ground/maps.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/status.h"
#include "place.h"
#include "text.h"
#include "trampoline.h"
#include "unpatched.h"
#include "unwind.h"
#include "ground/signal_safe.h"

enum { MOST_PATCHES = 512 };

/* Of a jump, the furthest way but for what a trampoline is long. */
#define REACH (INT64_C(0x7fffffff) - TRAMPOLINE_SIZE)

/* Only added to; what is below the count is complete. With what unwinders are told of each. */
static struct patch *patches;
static unwind_table *unwinding;
static atomic_uint patch_count;

static unsigned traps;
static bool takes_any_code;
static void (*entry)(void);

bool patch_init(unsigned after, bool any_code, void (*where)(void))
{
    long tables = raw_syscall(SYS_mmap, 0, MOST_PATCHES * (sizeof *patches + sizeof *unwinding), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (tables < 0 || !text_init() || !unpatched_init())
        return false;
    patches = (struct patch *)tables;
    unwinding = (unwind_table *)(patches + MOST_PATCHES);
    place_init();
    traps = after;
    takes_any_code = any_code;
    entry = where;
    return true;
}

unsigned patch_after(void)
{
    return traps;
}

static unsigned count(void)
{
    return atomic_load_explicit(&patch_count, memory_order_acquire);
}

struct patch *patch_at(uint64_t pc)
{
    for (unsigned i = count(); i-- > 0;)
        if (patches[i].pc == pc && patches[i].state != PATCH_FORGOTTEN)
            return &patches[i];
    return NULL;
}

struct patch *patch_of_trampoline(uint64_t address)
{
    for (unsigned i = count(); i-- > 0;)
        if (address - patches[i].trampoline < TRAMPOLINE_SIZE)
            return &patches[i];
    return NULL;
}

const uint8_t *patch_unwinding(const struct patch *patch)
{
    return unwinding[patch - patches];
}

bool patch_is_in_place(const struct patch *patch)
{
    return memcmp((const void *)patch->pc, patch->jump, patch->changed) == 0;
}

void patch_show_host(uint64_t pc, uint8_t *bytes, size_t size)
{
    struct patch *patch = count() == 0 ? NULL : patch_at(pc);
    if (patch == NULL || size < patch->changed)
        return;
    if (memcmp(bytes, patch->jump, patch->changed) == 0)
        memcpy(bytes, patch->before, patch->changed);
    else if (patch->state == PATCH_IN_PLACE)
        patch->state = PATCH_FORGOTTEN;
}

/* Two instructions can't be patched where the jump of one ends in bytes that the other's changes. */
static bool is_in_the_way(uint64_t pc, unsigned changed)
{
    for (unsigned i = count(); i-- > 0;) {
        const struct patch *other = &patches[i];
        bool changes_ours = other->pc < pc + PATCH_JUMP && pc < other->pc + other->changed;
        bool is_changed = pc < other->pc + PATCH_JUMP && other->pc < pc + changed;
        if (other->state != PATCH_FORGOTTEN && (changes_ours || is_changed))
            return true;
    }
    return false;
}

/*
 * Where the jump can lead: its last bytes are those that follow an instruction of less than five, and the lowest ones
 * are free.
 */
static uint64_t find_place(uint64_t pc, unsigned changed)
{
    uint64_t behind = pc + PATCH_JUMP;
    int32_t distance = 0;
    if (changed == PATCH_JUMP) {
        uint64_t first = behind > (uint64_t)REACH ? behind - (uint64_t)REACH : 0;
        return place_take(first, behind + (uint64_t)REACH, pc, TRAMPOLINE_SIZE);
    }
    unsigned low = changed - 1;
    memcpy((uint8_t *)&distance + low, (const uint8_t *)pc + changed, sizeof distance - low);
    uint64_t first = behind + (uint64_t)(int64_t)distance, last = first + (UINT64_C(1) << low * 8) - 1;
    return first < last && last < UINT64_C(1) << 47 ? place_take(first, last, 0, TRAMPOLINE_SIZE) : 0;
}

static bool compose(struct patch *patch, long descriptor, const struct decode *decode)
{
    uint8_t code[TRAMPOLINE_SIZE];
    int32_t distance = (int32_t)(patch->trampoline - (patch->pc + PATCH_JUMP));
    patch->jump[0] = 0xe9;
    memcpy(patch->jump + 1, &distance, sizeof distance);
    return memcmp(patch->jump + patch->changed, (const uint8_t *)patch->pc + patch->changed,
                  PATCH_JUMP - patch->changed) == 0 &&
           trampoline_compose(patch, decode, entry, code) &&
           text_write(descriptor, patch->trampoline, code, sizeof code);
}

static bool put_jump(struct patch *patch, long descriptor)
{
    return text_replace(descriptor, patch->pc, patch->before, patch->jump, patch->changed);
}

static struct patch *make(uint64_t pc, const struct decode *decode, long descriptor, enum patch_obstacle *obstacle)
{
    unsigned index = count();
    struct patch *patch = &patches[index];
    *patch = (struct patch){.pc = pc};
    patch->changed = decode->length < PATCH_JUMP ? decode->length : PATCH_JUMP;
    memcpy(patch->before, decode->bytes, decode->length);
    patch->trampoline = find_place(pc, patch->changed);
    *obstacle = patch->trampoline == 0 ? PATCH_NO_ROOM : PATCH_REFUSED;
    if (patch->trampoline == 0 || !compose(patch, descriptor, decode))
        return NULL;
    unwind_compose(patch, decode->length, unwinding[index]);
    patch->state = PATCH_MAKING;
    atomic_store_explicit(&patch_count, index + 1, memory_order_release);
    bool is_made = put_jump(patch, descriptor);
    patch->state = is_made ? PATCH_IN_PLACE : PATCH_FORGOTTEN;
    return is_made ? patch : NULL;
}

/* PATCH_OBSTACLES: none that could be known before. */
static enum patch_obstacle find_obstacle(uint64_t pc, const struct decode *decode)
{
    unsigned changed = decode->length < PATCH_JUMP ? decode->length : PATCH_JUMP;
    if (decode->length < 2 || !trampoline_can_be(decode))
        return PATCH_FORM;
    if (maps_is_own_code(pc) || !(takes_any_code || maps_is_constant_code(pc, pc + PATCH_JUMP)))
        return PATCH_NOT_OF_FILE;
    if (is_in_the_way(pc, changed))
        return PATCH_NEIGHBOUR;
    if (count() == MOST_PATCHES)
        return PATCH_TOO_MANY;
    return status_is_traced() ? PATCH_TRACED : PATCH_OBSTACLES;
}

struct patch *patch_make(uint64_t pc, const struct decode *decode, enum patch_obstacle *obstacle)
{
    *obstacle = find_obstacle(pc, decode);
    if (*obstacle != PATCH_OBSTACLES)
        return NULL;
    *obstacle = PATCH_REFUSED;
    long descriptor = text_open();
    if (descriptor < 0)
        return NULL;
    struct patch *made = make(pc, decode, descriptor, obstacle);
    text_close(descriptor);
    return made;
}

void patch_finish(struct patch *patch)
{
    long descriptor = text_open();
    if (descriptor < 0 || !put_jump(patch, descriptor))
        report_fatal("a fork came while the code at %x was replaced, and it can't be written any more; the host is "
                     "ended",
                     patch->pc);
    text_close(descriptor);
    patch->state = PATCH_IN_PLACE;
}

static bool is_in(const struct patch *patch, uint64_t start, uint64_t end)
{
    return patch->state != PATCH_FORGOTTEN && patch->pc < end && patch->pc + patch->changed > start;
}

bool patch_is_any_in(uint64_t start, uint64_t end)
{
    for (unsigned i = count(); i-- > 0;)
        if (is_in(&patches[i], start, end))
            return true;
    return false;
}

void patch_take_back(uint64_t start, uint64_t end)
{
    long descriptor = text_open();
    for (unsigned i = count(); i-- > 0;) {
        struct patch *patch = &patches[i];
        if (!is_in(patch, start, end) || !patch_is_in_place(patch))
            continue;
        if (descriptor < 0 || !text_replace(descriptor, patch->pc, patch->jump, patch->before, patch->changed))
            report_fatal("code at %x was replaced by --patch, and can't be put back before the program changes it; the "
                         "host is ended",
                         patch->pc);
        patch->state = PATCH_FORGOTTEN;
    }
    text_close(descriptor);
}

void patch_forget_all(void)
{
    atomic_store(&patch_count, 0);
    place_give_back();
}
