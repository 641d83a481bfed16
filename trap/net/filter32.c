/* SPDX-License-Identifier: Apache-2.0 */
#include "filter32.h"

#include <asm/unistd_32.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/ipc.h>
#include <linux/net.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>

#include "call32.h"
#include "calls32.h"
#include "search.h"
#include "steps.h"

#define LENGTH(list) list, COUNT(list)

#define NUMBER(call) __NR_##call,
#define SAME(call, same) __NR_##call,
#define OWN(call) __NR_##call,
static const uint32_t naming[] = {CALLS32_NAMING(SAME, OWN) __NR_rt_sigreturn, __NR_sigreturn};
static const uint32_t moving[] = {CALLS32_MOVING(SAME, OWN)};
static const uint32_t to_second[] = {CALLS32_MOVING_TO_SECOND(SAME, OWN)};
static const uint32_t to_third[] = {CALLS32_MOVING_TO_THIRD(SAME, OWN)};
static const uint32_t holding_third[] = {CALLS32_HOLDING_THIRD(SAME, OWN)};
static const uint32_t mapping[] = {CALLS32_MAPPING(SAME, OWN)};
static const uint32_t forking[] = {CALLS32_FORKING(SAME, OWN)};
static const uint32_t changing[] = {CALLS32_CHANGING(SAME, OWN) CALLS32_SCATTERING(SAME, OWN)};
static const uint32_t timed[] = {CALLS32_TIMED(SAME, OWN)};
static const uint32_t traced[] = {CALLS32_TRACED(SAME, OWN)};
static const uint32_t of_sockets[] = {CALLS32_OF_SOCKETS(SAME, OWN)};
static const uint32_t of_queues[] = {CALLS32_OF_QUEUES(SAME, OWN)};
static const uint32_t pointless[] = {CALLS32_POINTLESS(NUMBER)};
HAS_ROOM(naming);
HAS_ROOM(moving);
HAS_ROOM(changing);
HAS_ROOM(pointless);

/* Commands of socketcall(2) that may get a descriptor, and those whose arguments may point into a window, or lead to
 * what does; of ipc(2) those where that is behind a pointer. */
static const uint32_t getting[] = {SYS_RECVMSG, SYS_RECVMMSG};
static const uint32_t pointing[] = {SYS_BIND,       SYS_CONNECT,    SYS_ACCEPT,  SYS_GETSOCKNAME, SYS_GETPEERNAME,
                                    SYS_SOCKETPAIR, SYS_SEND,       SYS_RECV,    SYS_SENDTO,      SYS_RECVFROM,
                                    SYS_SETSOCKOPT, SYS_GETSOCKOPT, SYS_SENDMSG, SYS_ACCEPT4,     SYS_SENDMMSG};
static const uint32_t leading[] = {SEMCTL, MSGRCV};

/* Lets pass what is of another table; leaves the number in the accumulator. */
static void begin(struct filter_program *program)
{
    program->length = 0;
    load(program, offsetof(struct seccomp_data, arch));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0);
    let_pass(program);
    load(program, offsetof(struct seccomp_data, nr));
}

/* All but ours: filters stay after exec, when our code is elsewhere, so they go by what no program has there. */
enum { STOP = 4, ARGUMENTS = 6 };
static void stop_theirs(struct filter_program *program)
{
    load(program, argument(5) + UPPER);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, CALL32_MARK, 0, 1);
    let_pass(program);
    stop(program);
}

/* In all of these the accumulator holds the number, and does so behind them. */
static void stop_all_of(struct filter_program *program, const uint32_t *numbers, size_t count)
{
    size_t other = unless_one_of(program, numbers, count);
    stop_theirs(program);
    jump_here(program, other);
}

/* Those of them whose argument, or another, is one of these numbers. */
static void stop_those_about(struct filter_program *program, const uint32_t *numbers, size_t count,
                             const int *arguments, int argument_count, int first, int last)
{
    size_t other = unless_one_of(program, numbers, count);
    for (int i = 0; i < argument_count; i++) {
        load(program, argument(arguments[i]));
        put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)first, 0, STOP + 1);
        put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)last, STOP, 0);
        stop_theirs(program);
    }
    let_pass(program);
    jump_here(program, other);
}

/* Others run on the stack of the call, or are a thread's. */
static void stop_forks(struct filter_program *program)
{
    const uint32_t told = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
    size_t other = unless_one_of(program, LENGTH(forking));
    load(program, argument(0));
    put(program, BPF_ALU | BPF_AND | BPF_K, ~told, 0, 0);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, SIGCHLD, 1, 0);
    let_pass(program);
    load(program, argument(1));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    let_pass(program);
    stop_theirs(program);
    jump_here(program, other);
}

/* A child may be one without handlers (pass.c), which is not to be seen here. There is no such call then, and libc
 * makes threads and children by clone(2). */
static void refuse_clone3(struct filter_program *program)
{
    static const uint32_t number[] = {__NR_clone3};
    size_t other = unless_one_of(program, LENGTH(number));
    put(program, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
    jump_here(program, other);
}

static void stop_commands(struct filter_program *program, uint32_t number, const uint32_t *commands, size_t count)
{
    size_t other = unless_one_of(program, &number, 1);
    load(program, argument(0));
    stop_all_of(program, commands, count);
    let_pass(program);
    jump_here(program, other);
}

/* Those with an argument in the range. */
static void stop_pointing(struct filter_program *program, struct filter_range range)
{
    if (range.start == range.end)
        return;
    size_t other = unless_one_of(program, LENGTH(pointless)), none = jump(program);
    jump_here(program, other);
    for (int i = 0; i < ARGUMENTS; i++) {
        load(program, argument(i));
        put(program, BPF_JMP | BPF_JGE | BPF_K, (uint32_t)range.start, 0, STOP + 1);
        put(program, BPF_JMP | BPF_JGT | BPF_K, (uint32_t)(range.end - 1), STOP, 0);
        stop_theirs(program);
    }
    load(program, offsetof(struct seccomp_data, nr));
    jump_here(program, none);
}

static void stop_timed(struct filter_program *program)
{
    size_t other = unless_one_of(program, LENGTH(timed));
    load(program, argument(3));
    put(program, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0);
    load(program, argument(1));
    put(program, BPF_ALU | BPF_AND | BPF_K, FUTEX_CMD_MASK, 0, 0);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT, 2, 0);
    put(program, BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT_BITSET, 1, 0);
    let_pass(program);
    stop_theirs(program);
    jump_here(program, other);
}

void filter32_for_paths(struct filter_program *program)
{
    begin(program);
    stop_all_of(program, LENGTH(naming));
    stop_forks(program);
    refuse_clone3(program);
    stop_commands(program, of_sockets[0], LENGTH(getting));
    stop_those_about(program, LENGTH(traced), (const int[]){0}, 1, PTRACE_TRACEME, PTRACE_TRACEME);
    let_pass(program);
}

void filter32_for_descriptors(int first, int last, struct filter_program *program)
{
    begin(program);
    stop_those_about(program, LENGTH(moving), (const int[]){0}, 1, first, last);
    stop_those_about(program, LENGTH(to_second), (const int[]){0, 1}, 2, first, last);
    stop_those_about(program, LENGTH(to_third), (const int[]){0, 2}, 2, first, last);
    stop_those_about(program, LENGTH(holding_third), (const int[]){2}, 1, first, last);
    stop_those_about(program, LENGTH(mapping), (const int[]){4}, 1, first, last);
    let_pass(program);
}

void filter32_for_windows(struct filter_range pointed, struct filter_program *program)
{
    begin(program);
    stop_pointing(program, pointed);
    stop_all_of(program, LENGTH(changing));
    stop_timed(program);
    stop_commands(program, of_sockets[0], LENGTH(pointing));
    stop_commands(program, of_queues[0], LENGTH(leading));
    let_pass(program);
}

void filter32_for_pointers(struct filter_range pointed, struct filter_program *program)
{
    begin(program);
    stop_pointing(program, pointed);
    let_pass(program);
}
