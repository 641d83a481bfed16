// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct report {
    char *text;
    size_t length;
    size_t count;
};

// One difference more. What does not fit in the text is cut off, but counted.
__attribute__((format(printf, 2, 3))) static void add(struct report *report, const char *format, ...)
{
    char one[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(one, sizeof one, format, arguments);
    va_end(arguments);
    size_t room = DIFFERENCES_SIZE - report->length;
    size_t wanted = (size_t)snprintf(report->text + report->length, room, "%s%s", report->count++ ? "; " : "", one);
    report->length += wanted < room ? wanted : room - 1;
}

// A register as a number: most significant byte first, at most 64 bytes.
static const char *hex(const uint8_t *bytes, size_t count, char text[131])
{
    char *end = text + sprintf(text, "0x");
    while (count-- > 0)
        end += sprintf(end, "%02x", bytes[count]);
    return text;
}

static void compare_bytes(struct report *report, const char *name, const uint8_t *expected, const uint8_t *got,
                          size_t count)
{
    char a[131], b[131];
    if (memcmp(expected, got, count) != 0)
        add(report, "%s (expected %s, got %s)", name, hex(expected, count, a), hex(got, count, b));
}

// Byte for byte, positions relative to `origin`; the first difference stands for all.
static void compare_area(struct report *report, const char *name, const uint8_t *expected, const uint8_t *got,
                         size_t count, size_t origin)
{
    for (size_t i = 0; i < count; i++) {
        if (expected[i] == got[i])
            continue;
        size_t end = count;
        while (expected[end - 1] == got[end - 1])
            end--;
        add(report, "%s byte %+td to %+td (first: expected 0x%02x, got 0x%02x)", name, (ptrdiff_t)i - (ptrdiff_t)origin,
            (ptrdiff_t)end - 1 - (ptrdiff_t)origin, expected[i], got[i]);
        return;
    }
}

// Addresses differ between the runs; what they mean does not.
enum meaning { VALUE, UNCHANGED, OFFSET };

static enum meaning meaning_of(const struct run *run, int number, uint64_t *value)
{
    *value = run->out.gpr[number];
    if (*value == run->in.gpr[number])
        return UNCHANGED;
    if (*value - run->page >= run->page_size)
        return VALUE;
    *value -= run->page;
    return OFFSET;
}

static void compare_gprs(struct report *report, const struct run *plain, const struct run *window)
{
    static const char *const names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                        "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    static const char *const words[] = {"", "unchanged ", "operand page + "};
    for (int i = 0; i < 16; i++) {
        uint64_t expected, got;
        enum meaning as = meaning_of(plain, i, &expected), is = meaning_of(window, i, &got);
        if (as == is && (as == UNCHANGED || expected == got))
            continue;
        add(report, "%s (expected %s0x%" PRIx64 ", got %s0x%" PRIx64 ")", names[i], words[as], expected, words[is],
            got);
    }
}

static const char *flag_names(uint64_t flags, char text[64])
{
    static const struct {
        uint64_t bit;
        const char *name;
    } names[] = {{FLAG_CF, "CF "}, {FLAG_PF, "PF "}, {FLAG_AF, "AF "}, {FLAG_ZF, "ZF "},
                 {FLAG_SF, "SF "}, {FLAG_DF, "DF "}, {FLAG_OF, "OF "}};
    size_t length = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (flags & names[i].bit)
            length += (size_t)sprintf(text + length, "%s", names[i].name);
    text[length ? length - 1 : 0] = '\0';
    return length ? text : "none";
}

static void compare_flags(struct report *report, uint32_t undefined, const struct run *plain, const struct run *window)
{
    uint64_t all = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_DF | FLAG_OF;
    uint64_t expected = plain->out.flags & all & ~undefined;
    uint64_t got = window->out.flags & all & ~undefined;
    char a[64], b[64];
    if (expected != got)
        add(report, "flags (expected %s, got %s)", flag_names(expected, a), flag_names(got, b));
}

static void compare_vectors(struct report *report, const struct run *plain, const struct run *window)
{
    const struct state_field *fields;
    size_t count = state_fields(&fields);
    for (size_t i = 0; i < count; i++)
        compare_bytes(report, fields[i].name, plain->out.extended + fields[i].offset,
                      window->out.extended + fields[i].offset, fields[i].size);
}

static bool compare_signals(struct report *report, const struct run *plain, const struct run *window)
{
    const struct {
        const char *where;
        const struct run *run;
    } runs[] = {{"plain memory", plain}, {"the window", window}};
    for (size_t i = 0; i < 2; i++)
        if (runs[i].run->signal)
            add(report, "on %s it raised \"%s\" (expected none) at operand %+" PRId64, runs[i].where,
                strsignal(runs[i].run->signal), (int64_t)(runs[i].run->signal_address - runs[i].run->address));
    return plain->signal || window->signal;
}

static void check_table(struct report *report, const struct form *form, const struct run *plain)
{
    size_t origin = plain->address - plain->start;
    uint8_t expected[CONTENTS_MAX];
    memcpy(expected, plain->memory_in, plain->captured);
    if (form->access & ACCESS_WRITE)
        memcpy(expected + origin, plain->memory_out + origin, form->width_bytes);
    compare_area(report, "the table is wrong on what is written: plain memory", expected, plain->memory_out,
                 plain->captured, origin);
}

size_t compare_runs(const struct form *form, const struct run *plain, const struct run *window,
                    char text[DIFFERENCES_SIZE])
{
    struct report report = {.text = text};
    text[0] = '\0';
    if (compare_signals(&report, plain, window))
        return report.count;
    check_table(&report, form, plain);
    compare_gprs(&report, plain, window);
    compare_flags(&report, form->undefined_flags, plain, window);
    compare_vectors(&report, plain, window);
    compare_area(&report, "memory", plain->memory_out, window->memory_out, plain->captured,
                 plain->address - plain->start);
    compare_area(&report, "spare memory", plain->spare_out, window->spare_out, SPARE_SIZE, 0);
    compare_area(&report, "stack", plain->stack_out, window->stack_out, STACK_COMPARED, STACK_RED_ZONE);
    return report.count;
}
