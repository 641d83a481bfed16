/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "calls.h"
#include "search.h"
#include "steps.h"

/* Numbers from here on are of the x32 ABI; they are in no list. */
#define X32 0x40000000u

#define NUMBER(call) SYS_##call,
static const uint32_t opening[] = {CALLS_OPENING(NUMBER)};
static const uint32_t altering[] = {CALLS_ALTERING(NUMBER)};
static const uint32_t naming[] = {CALLS_NAMING(NUMBER)};
static const uint32_t moving[] = {CALLS_MOVING(NUMBER)};
static const uint32_t moving_to_second[] = {CALLS_MOVING_TO_SECOND(NUMBER)};
static const uint32_t moving_to_third[] = {CALLS_MOVING_TO_THIRD(NUMBER)};
static const uint32_t mapping[] = {CALLS_MAPPING(NUMBER)};
static const uint32_t holding[] = {CALLS_HOLDING(NUMBER)};
static const uint32_t holding_second[] = {CALLS_HOLDING_SECOND(NUMBER)};
static const uint32_t holding_third[] = {CALLS_HOLDING_THIRD(NUMBER)};
static const uint32_t changing[] = {CALLS_CHANGING(NUMBER) CALLS_SCATTERING(NUMBER)};
static const uint32_t timed[] = {CALLS_TIMED(NUMBER)};
static const uint32_t traced[] = {CALLS_TRACED(NUMBER)};
static const uint32_t untimed[] = {CALLS_UNTIMED(NUMBER)};
static const uint32_t pointless[] = {CALLS_POINTLESS(NUMBER)};
static const uint32_t running[] = {CALLS_RUNNING(NUMBER)};
static const uint32_t forking[] = {CALLS_FORKING(NUMBER) CALLS_FORKING_BY_MEMORY(NUMBER)};
static const uint32_t forking_by_flags[] = {CALLS_FORKING_BY_FLAGS(NUMBER)};

HAS_ROOM(altering);
HAS_ROOM(naming);
HAS_ROOM(moving);
HAS_ROOM(holding);
HAS_ROOM(changing);
HAS_ROOM(untimed);
HAS_ROOM(pointless);

/* Lets pass what is not of this architecture, and leaves the number in the accumulator. */
static void begin(struct filter_program *program)
{
    program->length = 0;
    load(program, offsetof(struct seccomp_data, arch));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    let_pass(program);
    load(program, offsetof(struct seccomp_data, nr));
}

/* Goes on behind the next instruction unless what is at `offset` lies in the range, whose upper halves are one value.
 */
static void unless_in_block(struct filter_program *program, size_t offset, uint64_t start, uint64_t last)
{
    load(program, offset + UPPER);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(start >> 32), 0, 4);
    load(program, offset);
    put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)start, 0, 2);
    put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 1, 0);
}

/* Runs `then` for addresses in the range, and goes on behind for others. */
static void in_block(struct filter_program *program, uint64_t start, uint64_t last,
                     void (*then)(struct filter_program *program))
{
    unless_in_block(program, PLACE, start, last);
    then(program);
}

static void in_range(struct filter_program *program, struct filter_range range,
                     void (*then)(struct filter_program *program))
{
    while (range.start < range.end) {
        uint64_t block_end = ((range.start >> 32) + 1) << 32;
        uint64_t end = range.end < block_end ? range.end : block_end;
        in_block(program, range.start, end - 1, then);
        range.start = end;
    }
}

/* Places of one upper half, so few at a time that each jumps to the one instruction that stops them all. */
enum { MOST_AT_ONCE = 100 };
struct half {
    uint64_t upper;
    size_t other, first; /* the jump that others take, and what comes behind it */
};

static struct half begin_half(uint64_t upper, struct filter_program *program)
{
    struct half half = {.upper = upper};
    load(program, PLACE + UPPER);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)upper, 1, 0);
    half.other = jump(program);
    load(program, PLACE);
    half.first = program->length;
    return half;
}

static bool is_in_half(struct filter_range range, uint64_t upper)
{
    return range.start >> 32 == upper && (range.end - 1) >> 32 == upper;
}

static bool goes_on(const struct half *half, struct filter_range range, const struct filter_program *program)
{
    return is_in_half(range, half->upper) && program->length - half->first < MOST_AT_ONCE;
}

static void stop_in_half(struct filter_range range, struct filter_program *program)
{
    if (range.end - range.start == 1) {
        put(program, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)range.start, TO_COME, 0);
        return;
    }
    put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)range.start, 0, 1);
    put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)(range.end - 1), 0, TO_COME);
}

static void end_half(const struct half *half, struct filter_program *program)
{
    size_t none = jump(program);
    come_here(program, half->first);
    stop(program);
    jump_here(program, none);
    jump_here(program, half->other);
}

static void at_addresses(struct filter_program *program, const uint64_t *addresses, size_t count)
{
    for (size_t i = 0; i < count;) {
        struct half half = begin_half(addresses[i] >> 32, program);
        struct filter_range range = {addresses[i], addresses[i] + 1};
        while (i < count && goes_on(&half, range, program)) {
            stop_in_half(range, program);
            if (++i < count)
                range = (struct filter_range){addresses[i], addresses[i] + 1};
        }
        end_half(&half, program);
    }
}

static void at_own_calls(const struct filter_places *places, struct filter_program *program)
{
    in_range(program, places->program, stop);
    in_range(program, places->loader, stop);
    for (size_t i = 0; i < places->wide_count; i++)
        in_range(program, places->wide[i], stop);
    at_addresses(program, places->own, places->own_count);
}

/* Those that lie next to each other in one upper half at a time. */
static void at_functions(const struct filter_functions *functions, struct filter_program *program)
{
    const struct filter_range *range = functions->ranges, *end = range + functions->count;
    while (range < end) {
        uint64_t upper = range->start >> 32;
        if (!is_in_half(*range, upper)) {
            in_range(program, *range++, stop);
            continue;
        }
        struct half half = begin_half(upper, program);
        for (; range < end && goes_on(&half, *range, program); range++)
            stop_in_half(*range, program);
        end_half(&half, program);
    }
}

/* Lets pass what makes nothing runnable. */
static void unless_runnable(struct filter_program *program)
{
    load(program, argument(2));
    put(program, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0);
    let_pass(program);
}

/* Lets pass all but who asks to be traced. */
static void unless_traced(struct filter_program *program)
{
    load(program, argument(0));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, PTRACE_TRACEME, 1, 0);
    let_pass(program);
}

void filter_for_paths(const struct filter_places *places, struct filter_program *program)
{
    static const struct numbers lists[] = {NUMBERS(opening), NUMBERS(running), NUMBERS(traced), NUMBERS(altering),
                                           NUMBERS(naming)};
    enum { OPENING, RUNNING, TRACED, ALTERING, NAMING, LISTS };
    size_t at[LISTS], own[LISTS] = {0};
    begin(program);
    split(program, lists, LISTS, at);
    jump_here(program, at[OPENING]);
    in_range(program, places->spared, let_pass);
    at_functions(&places->opening, program);
    own[OPENING] = jump(program);
    jump_here(program, at[RUNNING]);
    unless_runnable(program);
    at_functions(&places->running, program);
    own[RUNNING] = jump(program);
    jump_here(program, at[TRACED]);
    unless_traced(program);
    own[TRACED] = jump(program);
    jump_here(program, at[ALTERING]);
    in_range(program, places->libc, stop);
    jump_here(program, at[NAMING]);
    for (int i = OPENING; i <= TRACED; i++)
        jump_here(program, own[i]);
    at_own_calls(places, program);
    let_pass(program);
}

/* Lets pass what is none of the descriptors, and goes on behind for those. */
static void unless_descriptor(struct filter_program *program, int index, int first, int last)
{
    load(program, argument(index));
    put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)first, 0, 1);
    put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 0, 1);
    let_pass(program);
}

/* Lets pass unless one of two is. */
static void unless_descriptors(struct filter_program *program, int other, int first, int last)
{
    load(program, argument(0));
    put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)first, 0, 1);
    put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 0, 4);
    unless_descriptor(program, other, first, last);
}

void filter_for_descriptors(const struct filter_places *places, int first, int last, struct filter_program *program)
{
    static const struct numbers lists[] = {NUMBERS(moving),        NUMBERS(moving_to_second), NUMBERS(moving_to_third),
                                           NUMBERS(holding_third), NUMBERS(holding_second),   NUMBERS(holding),
                                           NUMBERS(mapping)};
    enum { MOVING, MOVING_TO_SECOND, MOVING_TO_THIRD, HOLDING_THIRD, HOLDING_SECOND, HOLDING, MAPPING, LISTS };
    size_t at[LISTS], found[LISTS];
    begin(program);
    split(program, lists, LISTS, at);
    for (int i = MOVING; i < LISTS; i++) {
        jump_here(program, at[i]);
        if (i == MOVING_TO_SECOND || i == HOLDING_SECOND)
            unless_descriptors(program, 1, first, last);
        else if (i == MOVING_TO_THIRD)
            unless_descriptors(program, 2, first, last);
        else
            unless_descriptor(program, i == HOLDING_THIRD ? 2 : i == MAPPING ? 4 : 0, first, last);
        found[i] = jump(program);
    }
    jump_here(program, found[MOVING]);
    jump_here(program, found[MOVING_TO_SECOND]);
    jump_here(program, found[MOVING_TO_THIRD]);
    jump_here(program, found[MAPPING]);
    at_functions(&places->moving, program);
    jump_here(program, found[HOLDING_THIRD]);
    jump_here(program, found[HOLDING_SECOND]);
    jump_here(program, found[HOLDING]);
    at_own_calls(places, program);
    let_pass(program);
}

enum { ARGUMENTS = 6 };

/* Jumps for any argument in the range, or with one of its upper halves if it has many; goes on behind for others. */
static void if_any_points(struct filter_program *program, struct filter_range range, size_t jumps[ARGUMENTS])
{
    uint32_t first = (uint32_t)(range.start >> 32), last = (uint32_t)((range.end - 1) >> 32);
    for (int i = 0; i < ARGUMENTS; i++) {
        if (first != last) {
            load(program, argument(i) + UPPER);
            put(program, BPF_JMP | BPF_JGE | BPF_K, first, 0, 2);
            put(program, BPF_JMP | BPF_JGT | BPF_K, last, 1, 0);
        } else
            unless_in_block(program, argument(i), range.start, range.end - 1);
        jumps[i] = jump(program);
    }
}

/* Stops calls of the host's and of libc's with an argument in the range, and goes on behind for others. */
static void stop_pointing(const struct filter_places *places, struct filter_range range, struct filter_program *program)
{
    size_t jumps[ARGUMENTS];
    if (range.start == range.end)
        return;
    put(program, BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1);
    let_pass(program);
    size_t other = unless_one_of(program, pointless, COUNT(pointless)), none = jump(program);
    jump_here(program, other);
    if_any_points(program, range, jumps);
    size_t nowhere = jump(program);
    for (int i = 0; i < ARGUMENTS; i++)
        jump_here(program, jumps[i]);
    in_range(program, places->libc, stop);
    in_range(program, places->kernel, stop);
    at_own_calls(places, program);
    jump_here(program, none);
    jump_here(program, nowhere);
}

/* Lets pass what does not wait until a time, and goes on behind for what does (futex(2)). */
static void unless_timed(struct filter_program *program)
{
    load(program, argument(1));
    put(program, BPF_ALU | BPF_AND | BPF_K, FUTEX_CMD_MASK, 0, 0);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT, 2, 0);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_BITSET, 1, 0);
    let_pass(program);
    load(program, argument(3));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 3);
    load(program, argument(3) + sizeof(uint32_t));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
    let_pass(program);
}

static void begin_pointing(const struct filter_places *places, struct filter_range pointed,
                           struct filter_program *program)
{
    begin(program);
    stop_pointing(places, pointed, program);
    load(program, offsetof(struct seccomp_data, nr));
}

/* The accumulator holds the number. */
static void filter_own(const uint32_t *numbers, size_t count, const struct filter_places *places,
                       struct filter_program *program)
{
    size_t other = unless_one_of(program, numbers, count);
    size_t own = jump(program);
    jump_here(program, other);
    other = unless_one_of(program, timed, COUNT(timed));
    unless_timed(program);
    jump_here(program, own);
    at_own_calls(places, program);
    jump_here(program, other);
    let_pass(program);
}

void filter_for_windows(const struct filter_places *places, struct filter_range pointed, struct filter_program *program)
{
    begin_pointing(places, pointed, program);
    filter_own(changing, COUNT(changing), places, program);
}

void filter_for_latecomers(const struct filter_places *places, struct filter_range pointed,
                           struct filter_program *program)
{
    begin_pointing(places, pointed, program);
    size_t other = unless_one_of(program, altering, COUNT(altering));
    at_own_calls(places, program);
    let_pass(program);
    jump_here(program, other);
    filter_own(untimed, COUNT(untimed), places, program);
}

void filter_for_pointers(const struct filter_places *places, struct filter_range pointed,
                         struct filter_program *program)
{
    begin(program);
    stop_pointing(places, pointed, program);
    let_pass(program);
}

void filter_for_forks(const struct filter_places *places, struct filter_program *program)
{
    begin(program);
    size_t other = unless_one_of(program, forking, COUNT(forking));
    at_own_calls(places, program);
    let_pass(program);
    jump_here(program, other);
    other = unless_one_of(program, forking_by_flags, COUNT(forking_by_flags));
    load(program, argument(0));
    put(program, BPF_ALU | BPF_AND | BPF_K,
        ~(uint32_t)(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID), 0, 0);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, SIGCHLD, 1, 0);
    let_pass(program);
    load(program, argument(1));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    let_pass(program);
    at_own_calls(places, program);
    jump_here(program, other);
    let_pass(program);
}
