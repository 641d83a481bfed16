/* SPDX-License-Identifier: Apache-2.0 */
#include "filter32.h"

#include <asm/unistd_32.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>

#include "calls32.h"
#include "steps.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

#define SAME(call, same) __NR_##call,
#define OWN(call) __NR_##call,
static const uint32_t naming[] = {CALLS32_NAMING(SAME, OWN) __NR_rt_sigreturn, __NR_sigreturn};
static const uint32_t moving[] = {CALLS32_MOVING(SAME, OWN)};
static const uint32_t to_second[] = {CALLS32_MOVING_TO_SECOND(SAME, OWN)};
static const uint32_t to_third[] = {CALLS32_MOVING_TO_THIRD(SAME, OWN)};
static const uint32_t mapping[] = {CALLS32_MAPPING(SAME, OWN)};
static const uint32_t changing[] = {CALLS32_CHANGING(SAME, OWN)};
/* A jump leads at most so far ahead. */
_Static_assert(COUNT(naming) <= UINT8_MAX && COUNT(moving) <= UINT8_MAX && COUNT(changing) <= UINT8_MAX,
               "a jump leads over each list");

/* Lets pass what is of another table; leaves the number in the accumulator. */
static void begin(struct filter_program *program)
{
    program->length = 0;
    load(program, offsetof(struct seccomp_data, arch));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0);
    let_pass(program);
    load(program, offsetof(struct seccomp_data, nr));
}

/* The accumulator holds the number: stops those. */
static void stop_all_of(struct filter_program *program, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put(program, BPF_JMP | BPF_JEQ | BPF_K, numbers[i], (uint8_t)(count - i), 0);
    put(program, BPF_JMP | BPF_JA, 1, 0, 0);
    stop(program);
}

/* Stops those of them whose argument, or another, is one of the descriptors; the number is in the accumulator behind.
 */
static void stop_those_about(struct filter_program *program, const uint32_t *numbers, size_t count,
                             const int *arguments, int argument_count, int first, int last)
{
    enum { TEST = 4 };
    for (size_t i = 0; i < count; i++)
        put(program, BPF_JMP | BPF_JEQ | BPF_K, numbers[i], (uint8_t)(count - i), 0);
    put(program, BPF_JMP | BPF_JA, (uint32_t)(TEST * argument_count + 1), 0, 0);
    for (int i = 0; i < argument_count; i++) {
        load(program, offsetof(struct seccomp_data, args) + (size_t)arguments[i] * sizeof(uint64_t));
        put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)first, 0, 2);
        put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, 1, 0);
        stop(program);
    }
    let_pass(program);
}

/* Others run on the stack of the call, or are a thread's. */
static void stop_forks(struct filter_program *program)
{
    const uint32_t told = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    put(program, BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 1, 0);
    let_pass(program);
    load(program, offsetof(struct seccomp_data, args));
    put(program, BPF_ALU | BPF_AND | BPF_K, ~told, 0, 0);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, SIGCHLD, 1, 0);
    let_pass(program);
    load(program, offsetof(struct seccomp_data, args) + sizeof(uint64_t));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    let_pass(program);
    stop(program);
}

void filter32_for_paths(struct filter_program *program)
{
    begin(program);
    stop_all_of(program, naming, COUNT(naming));
    stop_forks(program);
    let_pass(program);
}

void filter32_for_descriptors(int first, int last, struct filter_program *program)
{
    begin(program);
    stop_those_about(program, moving, COUNT(moving), (const int[]){0}, 1, first, last);
    stop_those_about(program, to_second, COUNT(to_second), (const int[]){0, 1}, 2, first, last);
    stop_those_about(program, to_third, COUNT(to_third), (const int[]){0, 2}, 2, first, last);
    stop_those_about(program, mapping, COUNT(mapping), (const int[]){4}, 1, first, last);
    let_pass(program);
}

void filter32_for_windows(struct filter_program *program)
{
    begin(program);
    stop_all_of(program, changing, COUNT(changing));
    let_pass(program);
}
