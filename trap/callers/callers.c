/* SPDX-License-Identifier: Apache-2.0 */
#include "callers.h"

#include <string.h>

#include "ground/sandbox.h"
#include "ground/table.h"
#include "ground/vectors.h"
#include "lane/channel.h"
#include "module.h"
#include "python.h"
#include "walk.h"
#include "ground/signal_safe.h"

enum { MOST = sizeof(((trapline_v1_Access *)0)->frames) / sizeof(trapline_v1_CallFrame), STACKS = 512 };

/* One way to an instruction. Another one that takes its place here has another number. */
struct stack {
    uint32_t number;
    uint32_t announced; /* mark for channel_first_time */
    unsigned count;
    uint64_t pc;
    struct walk_place places[MOST];
    unsigned python_count; /* behind those */
    struct python_place python[MOST];
};

static struct stack *stacks;
static uint32_t last_number;
static trapline_v1_CallStacks told;
static bool has_build_ids;

/* The instruction under way. */
static const uint64_t *registers;
static uint64_t instruction;
static struct stack *current;

void callers_tell(trapline_v1_CallStacks which, bool tells_build_ids)
{
    told = which;
    has_build_ids = tells_build_ids;
}

void callers_begin(uint64_t pc, const uint64_t general[REGISTER_COUNT])
{
    instruction = pc;
    registers = general;
    current = NULL;
}

void callers_end(void)
{
    registers = NULL;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * 0x9e3779b97f4a7c15u;
}

static uint64_t hash_of(const struct stack *stack)
{
    uint64_t hash = mix(0, stack->pc);
    for (unsigned i = 0; i < stack->count; i++)
        hash = mix(hash, stack->places[i].pc);
    for (unsigned i = 0; i < stack->python_count; i++)
        hash = mix(hash, stack->python[i].at);
    return hash >> 32;
}

static bool are_same(const struct stack *a, const struct stack *b)
{
    if (a->pc != b->pc || a->count != b->count || a->python_count != b->python_count)
        return false;
    for (unsigned i = 0; i < a->python_count; i++)
        if (a->python[i].at != b->python[i].at || a->python[i].check != b->python[i].check)
            return false;
    for (unsigned i = 0; i < a->count; i++)
        if (a->places[i].pc != b->places[i].pc || a->places[i].is_return != b->places[i].is_return)
            return false;
    return true;
}

static struct stack *find_stack(void)
{
    static struct stack found;
    found.pc = instruction;
    bool is_in_python;
    found.count = walk(instruction, registers, found.places, MOST, &is_in_python);
    found.python_count = is_in_python ? python_walk(found.python, MOST - found.count) : 0;
    struct stack *kept = &stacks[hash_of(&found) % STACKS];
    if (kept->number == 0 || !are_same(kept, &found)) {
        *kept = found;
        kept->number = ++last_number;
        kept->announced = 0;
    }
    return kept;
}

static void describe(const struct walk_place *place, trapline_v1_CallFrame *frame)
{
    const struct module *module = module_at(walk_within(place));
    memset(frame, 0, sizeof *frame);
    frame->pc = place->pc;
    frame->is_return = place->is_return;
    if (module == NULL)
        return;
    memcpy(frame->module, module->path, sizeof frame->module);
    frame->module_offset = place->pc - module->file_bias;
    if (!has_build_ids)
        return;
    frame->build_id.size = module->build_id_bytes;
    memcpy(frame->build_id.bytes, module->build_id, module->build_id_bytes);
}

static void describe_python(const struct python_place *place, trapline_v1_CallFrame *frame)
{
    memset(frame, 0, sizeof *frame);
    frame->line = python_describe(place, frame->function, sizeof frame->function, frame->module, sizeof frame->module);
}

static void describe_all(trapline_v1_Access *access)
{
    access->frames_count = (pb_size_t)(current->count + current->python_count);
    vectors_put_by();
    for (unsigned i = 0; i < current->count; i++)
        describe(&current->places[i], &access->frames[i]);
    for (unsigned i = 0; i < current->python_count; i++)
        describe_python(&current->python[i], &access->frames[current->count + i]);
    vectors_bring_back();
}

static bool has_tables(void)
{
    if (stacks != NULL)
        return true;
    struct stack *made = table_make(STACKS * sizeof *stacks);
    if (made == NULL || !walk_init())
        return false;
    stacks = made;
    return true;
}

/* A host that has confined itself lets us look at no memory that may not be there. */
static bool is_told(uint32_t device)
{
    if (registers == NULL || told == trapline_v1_CallStacks_CALL_STACKS_UNSPECIFIED || sandbox_is_on())
        return false;
    return told == trapline_v1_CallStacks_CALL_STACKS_ALL || !channel_goes_near(device);
}

void callers_fill(trapline_v1_Access *access)
{
    access->stack = 0;
    access->frames_count = 0;
    if (!is_told(access->device) || !has_tables())
        return;
    if (current == NULL)
        current = find_stack();
    if (current->count + current->python_count == 0)
        return;
    access->stack = current->number;
    if (channel_first_time(&current->announced))
        describe_all(access);
}

void callers_take_back(const trapline_v1_Access *access)
{
    if (access->frames_count != 0)
        current->announced = 0;
}
