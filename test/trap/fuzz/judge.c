// SPDX-License-Identifier: Apache-2.0
#include "judge.h"

#include <inttypes.h>
#include <signal.h>

#include "apart.h"
#include "code32.h"
#include "compare.h"
#include "instruction/decode.h"
#include "lane.h"
#include "model.h"
#include "run.h"

// A form counts as missing if this many of its instructions are undefined.
enum { PROBES = 8 };

static struct trial trial;
static struct outcome native, trapped;
static struct access_list expected;
static bool is_patched_too;
static uint64_t patched_count;

void judge_init(void)
{
    state_init();
    arena_init();
    lane_init();
    run_init();
}

static bool is_runnable(const struct form *form)
{
    for (uint64_t number = 0; number < PROBES; number++) {
        trial_make(&trial, &(struct trial_forms){&form, 1}, 0, number);
        run_native(&trial, &native);
        if (native.signal != SIGILL)
            return true;
    }
    return false;
}

void judge_find_runnable(struct form *table, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].fate != FORM_EXCLUDED && is_runnable(&table[i]))
            table[i].fate = FORM_RUNS;
}

static void print_instruction(FILE *report)
{
    char text[128] = "";
    ZydisFormatter formatter;
    ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
    ZydisFormatterFormatInstruction(&formatter, &trial.decoded.instruction, trial.decoded.operands,
                                    trial.decoded.instruction.operand_count_visible, text, sizeof text, trial.pc, NULL);
    fprintf(report, "  %s\n  form %s, bytes", text, trial.form->name);
    for (unsigned i = 0; i < trial.decoded.instruction.length; i++)
        fprintf(report, " %02x", trial.bytes[i]);
    fprintf(report, ", operand at 0x%" PRIx64 "\n", trial.target);
}

void judge_patched_too(void)
{
    is_patched_too = true;
    lane_patch();
}

uint64_t judge_patched_count(void)
{
    return patched_count;
}

static unsigned judge_patched(FILE *report, enum run_way way)
{
    if (!run_patched(&trial, way, &trapped))
        return 0;
    patched_count += way == RUN_TO_LANE;
    unsigned differences = compare_outcomes(report, &trial, &native, &trapped) +
                           compare_accesses(report, &native, &expected, lane_accesses());
    if (differences != 0)
        fprintf(report, "  patched, by its trampoline to the %s\n", way == RUN_TO_LANE ? "lane" : "copy");
    return differences;
}

bool judge_case(FILE *report, const struct trial_forms *forms, uint64_t seed, uint64_t number)
{
    struct decode decode;
    trial_make(&trial, forms, seed, number);
    print_instruction(report);
    if (!decode_instruction(code32_is_used() ? DECODE_CODE32 : DECODE_CODE64, trial.bytes,
                            trial.decoded.instruction.length, &decode) ||
        decode.action == DECODE_REFUSED) {
        fputs("  the agent refuses it\n", report);
        return true;
    }
    bool can_be_patched = is_patched_too && run_prepare_patched(&trial);
    run_native(&trial, &native);
    if (native.signal == SIGSEGV && native.signal_code != SI_KERNEL) {
        fprintf(report, "  the fuzzer did not aim it well: natively it faults at 0x%" PRIx64 "\n",
                native.signal_address);
        return true;
    }
    if (apart_is_used()) {
        apart_run(&trial, &trapped);
        return compare_outcomes(report, &trial, &native, &trapped) != 0;
    }
    run_trapped(&trial, &trapped);
    model_expect(&trial, &native, &expected);
    unsigned differences = compare_outcomes(report, &trial, &native, &trapped);
    differences += compare_accesses(report, &native, &expected, lane_accesses());
    if (can_be_patched)
        differences += judge_patched(report, RUN_TO_LANE) + judge_patched(report, RUN_TO_COPY);
    return differences != 0;
}
