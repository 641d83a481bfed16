/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#include <sys/mman.h>

#include "frame_rule.h"
#include "ground/maps.h"
#include "ground/table.h"
#include "ground/vectors.h"
#include "python.h"
#include "reads.h"
#include "ground/signal_safe.h"

/* Rules are kept by their place, with the code there: of other code they say nothing. */
enum { RULES = 1024 };

struct known_rule {
    uint64_t at, code;
    bool is_found, is_of_python;
    struct frame_rule rule;
};

/* The thread in one of the functions, by DWARF's numbers. */
struct thread {
    struct walk_place place;
    uint64_t registers[FRAME_RETURN];
};

static struct known_rule *known_rules;

bool walk_init(void)
{
    known_rules = table_make(RULES * sizeof *known_rules);
    return known_rules != NULL && module_init();
}

static bool load(uint64_t address, uint64_t *word)
{
    return reads_load(address, word, sizeof *word);
}

static void find_rule(struct known_rule *known, uint64_t at)
{
    const struct module *module = module_at(at);
    if (module == NULL || !frame_rule_find(module, at, &known->rule))
        frame_rule_guess(&known->rule);
    known->is_of_python = module != NULL && python_is(module);
    known->is_found = module != NULL || (maps_protection(at) & PROT_EXEC) != 0;
}

static const struct known_rule *rule_at(uint64_t at)
{
    struct known_rule *known = &known_rules[(at ^ at >> 10) % RULES];
    uint64_t code;
    if (!load(at & ~(uint64_t)7, &code))
        return NULL;
    if (known->at != at || known->code != code) {
        known->at = 0;
        vectors_put_by();
        find_rule(known, at);
        vectors_bring_back();
        /* Not before: who is forked in between looks anew. */
        known->code = code;
        known->at = at;
    }
    return known->is_found ? known : NULL;
}

/* What the kernel lays at RSP of a signal's frame: struct ucontext, with the registers in an order of its own. */
static bool leave_signal(struct thread *thread)
{
    enum { MACHINE_CONTEXT = 40, PC = 16 };
    static const uint8_t dwarf_numbers[PC] = {8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7};
    uint64_t at = thread->registers[FRAME_RSP] + MACHINE_CONTEXT;
    for (unsigned i = 0; i < PC; i++)
        if (!load(at + 8 * i, &thread->registers[dwarf_numbers[i]]))
            return false;
    thread->place.is_return = false;
    return load(at + 8 * PC, &thread->place.pc);
}

static bool leave_function(struct thread *thread, const struct frame_rule *rule)
{
    uint64_t frame = thread->registers[rule->base] + (uint64_t)(int64_t)rule->offset;
    if (rule->is_indirect && !load(frame, &frame))
        return false;
    if (frame <= thread->registers[FRAME_RSP])
        return false;
    for (unsigned i = 0; i < FRAME_RETURN; i++)
        if (rule->saved[i] != FRAME_KEPT && !load(frame + (uint64_t)(int64_t)rule->saved[i], &thread->registers[i]))
            return false;
    thread->registers[FRAME_RSP] = frame;
    thread->place.is_return = true;
    return load(frame + (uint64_t)(int64_t)rule->saved[FRAME_RETURN], &thread->place.pc);
}

static bool leave(struct thread *thread, const struct frame_rule *rule)
{
    return rule->is_signal ? leave_signal(thread) : leave_function(thread, rule);
}

unsigned walk(uint64_t pc, const uint64_t general[REGISTER_COUNT], struct walk_place *places, unsigned most,
              bool *is_in_python)
{
    /* Of RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP and the rest, by their encoding. */
    static const uint8_t encodings[FRAME_RETURN] = {0, 2, 1, 3, 6, 7, 5, 4, 8, 9, 10, 11, 12, 13, 14, 15};
    struct thread thread = {.place = {.pc = pc}};
    unsigned count = 0;
    reads_begin();
    for (unsigned i = 0; i < FRAME_RETURN; i++)
        thread.registers[i] = general[encodings[i]];
    const struct known_rule *known = rule_at(pc);
    *is_in_python = false;
    while (known != NULL && count < most && !(*is_in_python = known->is_of_python) && leave(&thread, &known->rule)) {
        known = rule_at(walk_within(&thread.place));
        if (known != NULL)
            places[count++] = thread.place;
    }
    return count;
}
