/* SPDX-License-Identifier: Apache-2.0
 *
 * The raw syscall() wrapper: the calls that we interpose by name are the same calls here.
 */
#include <limits.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bounce.h"
#include "by_number.h"
#include "ground/agent.h"
#include "ground/kernel_signals.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/sandbox.h"
#include "ground/second_world.h"
#include "instruction/site.h"
#include "kernel_call.h"
#include "lane/channel.h"
#include "pointers.h"
#include "signal.h"
#include "strict_mode.h"
#include "syscall_pointers.h"
#include "trap/patched.h"
#include "trap/relay.h"
#include "trap/signals.h"

/* A child with the memory of its parent, where the kernel would have changed the child's alone, is about to become
 * another program. */
static long action_by_number(int number, const struct kernel_action *action, struct kernel_action *before)
{
    struct sigaction wanted = {0}, old;
    bool changes = action != NULL && !channel_is_borrowed();
    if (changes) {
        wanted.sa_handler = (sighandler_t)action->handler;
        wanted.sa_flags = (int)action->flags;
        memcpy(&wanted.sa_mask, &action->mask, sizeof action->mask);
    }
    signals_action(number, changes ? &wanted : NULL, &old);
    if (before != NULL) {
        *before = (struct kernel_action){(void *)old.sa_handler, (unsigned long)old.sa_flags, NULL, 0};
        memcpy(&before->mask, &old.sa_mask, sizeof before->mask);
    }
    return 0;
}

static void expect_action(int number, const struct kernel_action *action)
{
    if (action == NULL)
        return;
    signal_keep_what_is_blocked(action->mask);
    signal_expect_handler(number, (sighandler_t)action->handler);
}

/* An access in the handler of any signal must trap. */
static long other_action_by_number(int number, const struct kernel_action *action, struct kernel_action *before,
                                   size_t size)
{
    struct kernel_action wanted;
    if (action != NULL) {
        wanted = *action;
        wanted.mask = signals_to_kernel(action->mask);
    }
    const struct kernel_action *given = action != NULL ? &wanted : NULL;
    long result = second_world_is_there && size == sizeof wanted.mask
                      ? real_result(relay_action(number, given, before))
                      : KERNEL_CALL(SYS_rt_sigaction, number, given, before, size);
    bool had = result == 0 && signal_change_handler_mask(number, action != NULL ? &action->mask : NULL);
    if (result == 0 && before != NULL)
        before->mask = signals_from_kernel(before->mask, had);
    return result;
}

/* libc's names leave out the signals that are its own. */
static long mask_by_number(int how, const uint64_t *set, uint64_t *before)
{
    uint64_t wanted, named = set != NULL ? *set : 0;
    bool had_stand_in = signals_blocks_stand_in();
    if (set != NULL) {
        signal_keep_what_is_blocked(named);
        wanted = signals_to_kernel(named);
    }
    long result = KERNEL_CALL(SYS_rt_sigprocmask, how, set != NULL ? &wanted : NULL, before, sizeof wanted);
    if (result == 0 && before != NULL)
        *before = signals_from_kernel(*before, had_stand_in);
    if (result == 0 && set != NULL)
        signals_note_mask(how, named);
    return result;
}

/* Buffers of this process's; those of the other one are pages that the kernel takes, and windows have none. */
static ssize_t between_processes(__typeof__(&process_vm_readv) real, struct bounce *bounce, pid_t pid,
                                 const struct iovec *remote, unsigned long remote_count, unsigned long flags)
{
    return bounce_end(bounce, real(pid, bounce->vector, (unsigned long)bounce->count, remote, remote_count, flags));
}

INTERPOSED ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long local_count,
                                    const struct iovec *remote, unsigned long remote_count, unsigned long flags)
{
    struct bounce bounce;
    if (local_count > IOV_MAX)
        return REAL(process_vm_readv)(pid, local, local_count, remote, remote_count, flags);
    if (!bounce_begin(&bounce, BOUNCE_CALL("process_vm_readv()"), local, (int)local_count, BOUNCE_INPUT))
        return -1;
    return between_processes(REAL(process_vm_readv), &bounce, pid, remote, remote_count, flags);
}

INTERPOSED ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long local_count,
                                     const struct iovec *remote, unsigned long remote_count, unsigned long flags)
{
    struct bounce bounce;
    if (local_count > IOV_MAX)
        return REAL(process_vm_writev)(pid, local, local_count, remote, remote_count, flags);
    if (!bounce_begin(&bounce, BOUNCE_CALL("process_vm_writev()"), local, (int)local_count, BOUNCE_OUTPUT))
        return -1;
    return between_processes(REAL(process_vm_writev), &bounce, pid, remote, remote_count, flags);
}

/* seccomp(2): other operations ask what there is. */
static long confine(long operation, long flags, long argument)
{
    bool confines = operation == SECCOMP_SET_MODE_STRICT || operation == SECCOMP_SET_MODE_FILTER;
    bool was_confined = sandbox_is_on();
    if (confines) {
        patched_expect_handlers();
        agent_attach();
        site_prepare();
        sandbox_before();
    }
    long result = KERNEL_CALL(SYS_seccomp, operation, flags, argument);
    if (operation == SECCOMP_SET_MODE_STRICT && flags == 0 && argument == 0)
        result = strict_mode(result, was_confined);
    if (confines && result >= 0)
        sandbox_after();
    return result;
}

static long signalfd_by_number(const long a[6], int flags)
{
    sigset_t set;
    sigemptyset(&set);
    memcpy(&set, (const void *)a[1], sizeof(uint64_t));
    return signalfd((int)a[0], &set, flags);
}

static bool is_set(const void *set, long size)
{
    return size == sizeof(uint64_t) && readable(set, sizeof(uint64_t));
}

CARRY(signalfd,
      is_set((const void *)a[1], a[2]) ? signalfd_by_number(a, 0) : KERNEL_CALL(SYS_signalfd, a[0], a[1], a[2]))
CARRY(signalfd4, is_set((const void *)a[1], a[2]) ? signalfd_by_number(a, (int)a[3])
                                                  : KERNEL_CALL(SYS_signalfd4, a[0], a[1], a[2], a[3]))

long carry_rt_sigaction(const long a[6])
{
    const struct kernel_action *action = (const struct kernel_action *)a[1];
    struct kernel_action *before = (struct kernel_action *)a[2];
    expect_action((int)a[0], action);
    return signals_are_kept((int)a[0]) ? action_by_number((int)a[0], action, before)
                                       : other_action_by_number((int)a[0], action, before, (size_t)a[3]);
}

CARRY(rt_sigprocmask, mask_by_number((int)a[0], (const uint64_t *)a[1], (uint64_t *)a[2]))

long carry_rt_sigpending(const long a[6])
{
    long result = KERNEL_CALL(SYS_rt_sigpending, a[0], a[1]);
    if (result == 0 && a[1] >= (long)sizeof(uint64_t))
        *(uint64_t *)a[0] = signals_from_kernel(*(uint64_t *)a[0], signals_stand_in_waits());
    return result;
}

CARRY(prctl, prctl((int)a[0], a[1], a[2], a[3], a[4]))
CARRY(seccomp, confine(a[0], a[1], a[2]))

#define CARRIED(call)                                                                                                  \
    case SYS_##call:                                                                                                   \
        return carry_##call(a);

long by_number_plain(long number, const long a[6])
{
    if (syscall_is_for_kernel(number, a))
        return KERNEL_CALL(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    switch (number) {
        CALLS_WATCHED(CARRIED)
    default:
        return KERNEL_CALL(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}

long by_number(uint64_t pc, long number, const long a[6])
{
    return pointed_call(pc, &pointers64, number, a, by_number_plain);
}

INTERPOSED long syscall(long number, ...)
{
    va_list list;
    long a[6];
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    return by_number((uint64_t)__builtin_return_address(0), number, a);
}
