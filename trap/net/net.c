/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>

#include "device/node.h"
#include "filter.h"
#include "ground/kernel_signals.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "ground/report.h"
#include "instruction/registers.h"
#include "lane/channel.h"
#include "places.h"
#include "trap/fault.h"
#include "trap/signals.h"

/* SYS_SECCOMP of the kernel's siginfo.h, which libc has no name for. */
enum { FROM_FILTER = 1 };

/* Descriptors are watched in groups of this many numbers, each with a filter of its own, from 0 to below the last. */
enum { GROUP = 4, WATCHED = 1024, GROUPS = WATCHED / GROUP };

static net_call *call;
static struct filter_places places;
static bool is_on;

/* Groups that a filter of this process watches already, also in the child of a fork. */
static atomic_bool is_watched[GROUPS + 1];
static atomic_bool has_windows;

/* The call that this thread is carrying out: what is stopped meanwhile is that call itself, on its way to the kernel.
 */
static __thread __attribute__((tls_model("initial-exec"))) long carried_out = -1;

/* Who has no rights to give up needs no promise for it (seccomp(2)). */
static long install(const struct filter_program *program)
{
    struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = (struct sock_filter *)program->code};
    long result = raw_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
    if (result != -EACCES)
        return result;
    raw_syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return raw_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
}

/* A thread that has a filter of its own can't take ours; the calling one can. */
static bool install_everywhere(const struct filter_program *program)
{
    struct sock_fprog filter = {.len = (unsigned short)program->length, .filter = (struct sock_filter *)program->code};
    if (program->length > FILTER_MAX_LENGTH)
        return false;
    long result = install(program);
    if (result > 0)
        result = raw_syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
    return result == 0;
}

static void give_up(void)
{
    static atomic_bool told;
    is_on = false;
    if (!atomic_exchange(&told, true))
        report(
            "the net under the libc names can't be used here: the kernel takes no filter of system calls; what reaches "
            "a device by a raw system call, or from within libc, fails; --no-net says that this is known");
}

/* Once there is a window. */
static void watch_mappings(void)
{
    struct filter_program program;
    if (atomic_exchange(&has_windows, true))
        return;
    filter_for_windows(&places, &program);
    install_everywhere(&program);
}

/* A descriptor of this process is a device's: what moves its contents is stopped from now on. */
static void watch(int descriptor)
{
    struct filter_program program;
    int group = descriptor < WATCHED ? descriptor / GROUP : GROUPS;
    if (!is_on || descriptor < 0 || atomic_load(&is_watched[group]))
        return;
    /* Filters are of the child, what we note is the parent's too. */
    if (!channel_is_borrowed())
        atomic_store(&is_watched[group], true);
    watch_mappings();
    filter_for_descriptors(&places, group * GROUP, group < GROUPS ? group * GROUP + GROUP - 1 : INT32_MAX, &program);
    if (!install_everywhere(&program))
        give_up();
}

/* In the order of the kernel's calling convention (x86-64 psABI, A.2.1). */
static void arguments_of(const ucontext_t *context, long arguments[6])
{
    static const unsigned registers[6] = {REGISTER_RDI, REGISTER_RSI, REGISTER_RDX, 10, REGISTER_R8, 9};
    for (int i = 0; i < 6; i++)
        arguments[i] = (long)registers_get(context, registers[i]);
}

static long carry_out(long number, const long a[6])
{
    if (carried_out == number)
        return raw_syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    long before = carried_out;
    int error = errno;
    errno = 0;
    carried_out = number;
    long result = call(number, a);
    carried_out = before;
    if (result == -1 && errno != 0)
        result = -errno;
    errno = error;
    return result;
}

/* The call may change the mask of the thread, which comes back with the frame. */
static uint64_t mask_now(void)
{
    uint64_t mask = 0;
    raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
    return mask;
}

/* Whether it was such a call. */
static bool take(int signal, const siginfo_t *info, ucontext_t *context)
{
    long arguments[6];
    uint64_t *interrupted = (uint64_t *)(void *)&context->uc_sigmask;
    if (signal != SIGSYS || info->si_code != FROM_FILTER || info->si_errno != FILTER_MARK || call == NULL)
        return false;
    arguments_of(context, arguments);
    kernel_signals_restore(*interrupted);
    long result = carry_out(info->si_syscall, arguments);
    *interrupted = mask_now();
    registers_set(context, REGISTER_RAX, (uint64_t)result);
    return true;
}

void net_start(net_call *carry_out)
{
    struct filter_program program;
    call = carry_out;
    fault_on_call(take);
    node_on_open(watch);
    if (!places_find(&places))
        return;
    signals_keep_calls(REAL(sigaction));
    filter_for_paths(&places, &program);
    is_on = install_everywhere(&program);
    if (!is_on)
        give_up();
}
