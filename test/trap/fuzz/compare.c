// SPDX-License-Identifier: Apache-2.0
#include "compare.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "state.h"

// FOP, FIP and FDP in the legacy region of an XSAVE area.
enum { LAST_INSTRUCTION = 6, LAST_INSTRUCTION_SIZE = 18 };

static void print_hex(FILE *report, const uint8_t *bytes, size_t count)
{
    fputs("0x", report);
    while (count-- > 0)
        fprintf(report, "%02x", bytes[count]);
}

static unsigned compare_bytes(FILE *report, const char *name, const uint8_t *native, const uint8_t *trapped,
                              size_t count)
{
    if (memcmp(native, trapped, count) == 0)
        return 0;
    fprintf(report, "  %s: native ", name);
    print_hex(report, native, count);
    fputs(", trapped ", report);
    print_hex(report, trapped, count);
    fputc('\n', report);
    return 1;
}

static unsigned compare_number(FILE *report, const char *name, uint64_t native, uint64_t trapped)
{
    if (native == trapped)
        return 0;
    fprintf(report, "  %s: native 0x%" PRIx64 ", trapped 0x%" PRIx64 "\n", name, native, trapped);
    return 1;
}

static unsigned compare_signals(FILE *report, const struct outcome *native, const struct outcome *trapped)
{
    return compare_number(report, "signal", (uint64_t)native->signal, (uint64_t)trapped->signal) +
           compare_number(report, "si_code", (uint64_t)native->signal_code, (uint64_t)trapped->signal_code) +
           compare_number(report, "si_addr", native->signal_address, trapped->signal_address) +
           compare_number(report, "pc of the signal", native->signal_pc, trapped->signal_pc);
}

static unsigned compare_registers(FILE *report, const struct trial *trial, const struct outcome *native,
                                  const struct outcome *trapped)
{
    static const char *const names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                        "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    const ZydisAccessedFlags *flags = trial->decoded.instruction.cpu_flags;
    uint64_t undefined = flags != NULL ? flags->undefined : 0;
    unsigned count = 0;
    for (int i = 0; i < 16; i++)
        count += compare_number(report, names[i], native->out.gpr[i], trapped->out.gpr[i]);
    return count + compare_number(report, "flags", native->out.flags & ~undefined, trapped->out.flags & ~undefined);
}

static unsigned compare_vectors(FILE *report, const struct outcome *native, const struct outcome *trapped)
{
    const struct state_field *fields;
    size_t field_count = state_fields(&fields);
    unsigned count = compare_bytes(report, "fop, fip, fdp", native->out.extended + LAST_INSTRUCTION,
                                   trapped->out.extended + LAST_INSTRUCTION, LAST_INSTRUCTION_SIZE);
    for (size_t i = 0; i < field_count; i++)
        count += compare_bytes(report, fields[i].name, native->out.extended + fields[i].offset,
                               trapped->out.extended + fields[i].offset, fields[i].size);
    return count;
}

static unsigned compare_memory(FILE *report, const struct outcome *native, const struct outcome *trapped)
{
    unsigned first = 0, last = ARENA_SIZE;
    if (memcmp(native->memory, trapped->memory, ARENA_SIZE) == 0)
        return 0;
    while (native->memory[first] == trapped->memory[first])
        first++;
    while (native->memory[last - 1] == trapped->memory[last - 1])
        last--;
    fprintf(report, "  memory at 0x%" PRIx64 " to 0x%" PRIx64 ": native ", ARENA_START + first, ARENA_START + last - 1);
    print_hex(report, native->memory + first, last - first < 64 ? last - first : 64);
    fputs(", trapped ", report);
    print_hex(report, trapped->memory + first, last - first < 64 ? last - first : 64);
    fputc('\n', report);
    return 1;
}

unsigned compare_outcomes(FILE *report, const struct trial *trial, const struct outcome *native,
                          const struct outcome *trapped)
{
    return compare_signals(report, native, trapped) + compare_registers(report, trial, native, trapped) +
           compare_vectors(report, native, trapped) + compare_memory(report, native, trapped);
}

static void print_access(FILE *report, const char *who, const struct access *access)
{
    fprintf(report, "  %s: %s%s device %u + 0x%x, %u B, enables 0x%" PRIx64 ", data ", who, access->hold ? "held " : "",
            access->is_store ? "write" : "read", access->device, access->offset, access->width, access->enables);
    print_hex(report, access->data, access->width);
    fputc('\n', report);
}

static bool is_same(const struct access *a, const struct access *b)
{
    return a->is_store == b->is_store && a->hold == b->hold && a->device == b->device && a->width == b->width &&
           a->offset == b->offset && a->enables == b->enables && memcmp(a->data, b->data, sizeof a->data) == 0;
}

static size_t loads_before_stores(const struct access_list *list)
{
    size_t count = 0;
    while (count < list->count && count < ACCESS_LIST_MAX && !list->items[count].is_store)
        count++;
    return count;
}

// An instruction that raises a signal has stored nothing. What it may have loaded depends on what it raised.
unsigned compare_accesses(FILE *report, const struct outcome *native, const struct access_list *expected,
                          const struct access_list *made)
{
    if (native->signal != 0 && made->count == 0)
        return 0;
    size_t wanted = native->signal != 0 ? loads_before_stores(expected) : expected->count;
    unsigned differences = 0;
    for (size_t i = 0; i < wanted || i < made->count; i++) {
        bool has_expected = i < wanted && i < ACCESS_LIST_MAX, has_made = i < made->count && i < ACCESS_LIST_MAX;
        if (has_expected && has_made && is_same(&expected->items[i], &made->items[i]))
            continue;
        if (++differences > 4)
            break;
        if (has_expected)
            print_access(report, "expected", &expected->items[i]);
        if (has_made)
            print_access(report, "made    ", &made->items[i]);
    }
    return differences;
}
