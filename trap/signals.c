/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "fault.h"
#include "raw_syscall.h"
#include "signal_safe.h"

/* What rt_sigaction(2) takes (kernel include/linux/signal_types.h). */
struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

static struct sigaction segv_action, fpe_action;  /* the host's, as it believes */
static bool installed, marks_crashes;

static struct sigaction *virtual_action(int signal)
{
    return signal == SIGSEGV ? &segv_action : &fpe_action;
}

bool signals_are_kept(int signal)
{
    return installed && (signal == SIGSEGV || signal == SIGFPE);
}

/* Everything waits while an access is under way, but what our own copy of an instruction may raise. */
static void set_mask(sigset_t *mask)
{
    static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    sigfillset(mask);
    for (unsigned i = 0; i < sizeof synchronous / sizeof synchronous[0]; i++)
        sigdelset(mask, synchronous[i]);
}

void signals_install(signals_sigaction *libc_sigaction)
{
    struct sigaction action = {.sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    if (installed)
        return;
    set_mask(&action.sa_mask);
    libc_sigaction(SIGSEGV, NULL, &segv_action);
    libc_sigaction(SIGFPE, NULL, &fpe_action);
    installed = true;
    libc_sigaction(SIGSEGV, &action, NULL);
    libc_sigaction(SIGFPE, &action, NULL);
}

int signals_action(int signal, const struct sigaction *action, struct sigaction *before)
{
    struct sigaction *mine = virtual_action(signal);
    struct sigaction old = *mine;
    if (action != NULL)
        *mine = *action;
    if (before != NULL)
        *before = old;
    return 0;
}

static uint64_t bit(int signal)
{
    return (uint64_t)1 << (signal - 1);
}

static uint64_t *interrupted_mask(ucontext_t *context)
{
    return (uint64_t *)(void *)&context->uc_sigmask;
}

static void set_default(int signal)
{
    struct kernel_action action = {.handler = (void *)SIG_DFL};
    raw_syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof(uint64_t));
}

/* Pending for this thread alone. Blocked until our handler returns, so that it is taken at the interrupted instruction. */
static void queue(siginfo_t *info, ucontext_t *context)
{
    uint64_t only = bit(info->si_signo);
    raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, &only, NULL, sizeof only);
    *interrupted_mask(context) &= ~bit(info->si_signo);
    long process = raw_syscall(SYS_getpid), thread = raw_syscall(SYS_gettid);
    raw_syscall(SYS_rt_tgsigqueueinfo, process, thread, info->si_signo, info);
}

void signals_mark_crashes(void)
{
    marks_crashes = true;
}

static void end_host(siginfo_t *info, ucontext_t *context)
{
    if (marks_crashes)
        info->si_errno = SIGNALS_CRASH_MARK;
    set_default(info->si_signo);
    queue(info, context);
}

/* Runs the host's handler in our frame, under the mask that the kernel would have set (POSIX sigaction, sa_mask). */
static void call_handler(const struct sigaction *action, siginfo_t *info, ucontext_t *context)
{
    uint64_t mask = *interrupted_mask(context) | *(const uint64_t *)(const void *)&action->sa_mask;
    if (!(action->sa_flags & SA_NODEFER) && info->si_signo != SIGSEGV)
        mask |= bit(info->si_signo);
    mask &= ~bit(SIGSEGV);
    raw_syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
    if (action->sa_flags & SA_SIGINFO)
        action->sa_sigaction(info->si_signo, info, context);
    else
        action->sa_handler(info->si_signo);
}

void signals_deliver(siginfo_t *info, ucontext_t *context)
{
    struct sigaction action = *virtual_action(info->si_signo);
    bool is_sent = info->si_code <= 0;
    if (action.sa_handler == SIG_IGN && is_sent)
        return;
    if (action.sa_handler == SIG_IGN || action.sa_handler == SIG_DFL) {
        end_host(info, context);
        return;
    }
    if (action.sa_flags & (int)SA_RESETHAND)
        virtual_action(info->si_signo)->sa_handler = SIG_DFL;
    call_handler(&action, info, context);
}

/* A signal that an instruction raises can't be blocked or ignored: the kernel then ends the process (signal(7)). */
static bool is_unwelcome(int signal, ucontext_t *context)
{
    struct kernel_action action = {0};
    raw_syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof(uint64_t));
    return *interrupted_mask(context) & bit(signal) || action.handler == (void *)SIG_IGN;
}

void signals_raise(siginfo_t *info, ucontext_t *context)
{
    if (signals_are_kept(info->si_signo))
        signals_deliver(info, context);
    else if (is_unwelcome(info->si_signo, context))
        end_host(info, context);
    else
        queue(info, context);
}
