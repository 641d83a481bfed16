/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "blockers.h"
#include "fault.h"
#include "ground/kernel_signals.h"
#include "ground/low_world.h"
#include "ground/raw_syscall.h"
#include "ground/second_world.h"
#include "handler32.h"
#include "lane/process_lock.h"
#include "relay.h"
#include "ground/signal_safe.h"

/* libc says it of every action (kernel arch/x86/include/uapi/asm/signal.h). */
#ifndef SA_RESTORER
#define SA_RESTORER 0x04000000
#endif

/* What si_errno of a stand-in holds: it is a SIGSEGV that was sent while the host had that blocked. */
#define POSTPONED 0x7473

bool signals_is_postponed(int signal, int error)
{
    return signal == SIGNALS_STAND_IN && error == POSTPONED;
}

bool signals_show_postponed(siginfo_t *info)
{
    if (!signals_is_postponed(info->si_signo, info->si_errno))
        return false;
    info->si_signo = SIGSEGV;
    info->si_errno = 0;
    return true;
}

static const int kept[] = {SIGSEGV, SIGFPE, SIGSYS, SIGNALS_STAND_IN, SIGBUS};
enum { MOST_KEPT = sizeof kept / sizeof kept[0] };
static int kept_count = MOST_KEPT - 1;
static struct sigaction actions[MOST_KEPT]; /* the host's, as it believes */
static bool is_in_place[MOST_KEPT], marks_crashes;
static signals_sigaction *set_action;

/* Whether SIGSYS must not be blocked, and whether it was when the host last blocked SIGSEGV: by itself it is not shown
 * as blocked. */
static bool stops_calls;
static _Atomic bool stands_for_calls = true;

/* Negative if it is not kept. */
static int place_of(int signal)
{
    for (int i = 0; i < kept_count; i++)
        if (kept[i] == signal)
            return i;
    return -1;
}

/* NULL if it is not kept. */
static struct sigaction *virtual_action(int signal)
{
    int place = place_of(signal);
    return place < 0 ? NULL : &actions[place];
}

static void (*on_kick)(int descriptor);

/* The one bit that the kernel has for the stand-in says what the host believes of SIGSEGV; of the stand-in itself
 * blockers.h does, which nothing sends but programs that try all signals. */
static siginfo_t waiting;
static _Atomic bool is_waiting;

bool signals_blocks_stand_in(void)
{
    return blockers_have();
}

bool signals_stand_in_waits(void)
{
    return is_waiting;
}

bool signals_all_restart(void)
{
    return signals_restart(UINT64_MAX);
}

bool signals_restart(uint64_t signals)
{
    for (int signal = 1; signal < 65; signal++) {
        if (!(signals & kernel_signals_bit(signal)))
            continue;
        struct kernel_action action = kernel_signals_action(signal);
        if (kernel_signals_is_handled(&action) && !signals_are_kept(signal) && !(action.flags & SA_RESTART))
            return false;
    }
    return true;
}

void signals_on_kick(void (*told)(int descriptor))
{
    on_kick = told;
}

bool signals_are_kept(int signal)
{
    int place = place_of(signal);
    return place >= 0 && is_in_place[place];
}

static uint64_t *word(sigset_t *mask)
{
    return (uint64_t *)(void *)mask;
}

void signals_keep_bus_errors(void)
{
    kept_count = MOST_KEPT;
}

uint64_t signals_synchronous(void)
{
    static const int synchronous[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    uint64_t mask = 0;
    for (unsigned i = 0; i < sizeof synchronous / sizeof synchronous[0]; i++)
        mask |= kernel_signals_bit(synchronous[i]);
    return mask;
}

/* Everything waits while an access is under way, but what our own copy of an instruction may raise. Not by sigfillset,
 * which leaves out libc's own: a thread must not be cancelled while it holds the bus lock. */
static void set_mask(sigset_t *mask)
{
    memset(mask, 0xff, sizeof *mask);
    *word(mask) = ~signals_synchronous();
}

/* A call that the signal interrupts begins again, unless the host has a handler that it wants to end calls
 * (SA_RESTART). */
static int restarts(const struct sigaction *host)
{
    bool has_handler = host->sa_handler != SIG_DFL && host->sa_handler != SIG_IGN;
    return has_handler ? host->sa_flags & SA_RESTART : SA_RESTART;
}

/* A handler that the host wants on the stack that is in use may need more than there is on the other. */
static int stack_of(const struct sigaction *host)
{
    bool has_handler = host->sa_handler != SIG_DFL && host->sa_handler != SIG_IGN;
    return has_handler ? host->sa_flags & SA_ONSTACK : SA_ONSTACK;
}

static void put_in_place(int signal)
{
    struct sigaction action = {.sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
    action.sa_flags |= restarts(virtual_action(signal)) | stack_of(virtual_action(signal));
    set_mask(&action.sa_mask);
    set_action(signal, &action, NULL);
}

static void take_over(int place)
{
    set_action(kept[place], NULL, &actions[place]);
    actions[place].sa_handler = (sighandler_t)relay_behind(kept[place], (void *)actions[place].sa_handler);
    *word(&actions[place].sa_mask) = signals_from_kernel(*word(&actions[place].sa_mask), false);
    if (kept[place] == SIGNALS_STAND_IN && on_kick != NULL) /* whose handler stood there */
        actions[place] = (struct sigaction){.sa_handler = SIG_DFL};
    is_in_place[place] = true;
    put_in_place(kept[place]);
}

uint64_t signals_to_kernel(uint64_t mask)
{
    uint64_t others = mask & ~(kernel_signals_bit(SIGSEGV) | kernel_signals_bit(SIGNALS_STAND_IN));
    if (stops_calls)
        others &= ~kernel_signals_bit(SIGSYS);
    if (!(mask & kernel_signals_bit(SIGSEGV)))
        return others;
    if (stops_calls)
        stands_for_calls = mask & kernel_signals_bit(SIGSYS);
    return others | kernel_signals_bit(SIGNALS_STAND_IN);
}

uint64_t signals_from_kernel(uint64_t mask, bool has_stand_in)
{
    uint64_t others = mask & ~kernel_signals_bit(SIGNALS_STAND_IN);
    others |= has_stand_in ? kernel_signals_bit(SIGNALS_STAND_IN) : 0;
    if (!(mask & kernel_signals_bit(SIGNALS_STAND_IN)))
        return others;
    if (stops_calls && stands_for_calls)
        others |= kernel_signals_bit(SIGSYS);
    return others | kernel_signals_bit(SIGSEGV);
}

void signals_hand_on_ignored(bool is_handed_on)
{
    struct kernel_action ignore = {.handler = (void *)SIG_IGN};
    for (int i = 0; i < kept_count; i++) {
        if (!is_in_place[i] || actions[i].sa_handler != SIG_IGN || (kept[i] == SIGSYS && stops_calls))
            continue;
        if (is_handed_on)
            raw_syscall(SYS_rt_sigaction, kept[i], &ignore, NULL, sizeof ignore.mask);
        else
            put_in_place(kept[i]);
    }
}

void signals_install(signals_sigaction *libc_sigaction)
{
    /* Of two threads at once the second one would take our handler for the host's. */
    static process_lock installing;
    static _Atomic int installed;
    if (installed == kept_count)
        return;
    uint64_t before = process_lock_take(&installing);
    set_action = libc_sigaction;
    for (int i = 0; i < kept_count; i++)
        if (!is_in_place[i])
            take_over(i);
    installed = kept_count;
    process_lock_give(&installing, before);
}

void signals_keep_calls(signals_sigaction *libc_sigaction)
{
    set_action = libc_sigaction;
    stops_calls = true;
    take_over(place_of(SIGSYS));
}

int signals_action(int signal, const struct sigaction *action, struct sigaction *before)
{
    struct sigaction *mine = virtual_action(signal);
    struct sigaction old = *mine;
    /* In the child of a vfork ours are the parent's, and its own end with the exec. */
    if (action != NULL && !channel_is_borrowed()) {
        struct sigaction placed;
        *mine = *action;
        *word(&mine->sa_mask) &= ~(kernel_signals_bit(SIGKILL) | kernel_signals_bit(SIGSTOP));
        put_in_place(signal);
        set_action(signal, NULL, &placed);
        mine->sa_flags |= SA_RESTORER; /* as libc does */
        mine->sa_restorer = placed.sa_restorer;
    }
    if (before != NULL)
        *before = old;
    return 0;
}

static uint64_t *interrupted_mask(ucontext_t *context)
{
    return word(&context->uc_sigmask);
}

static void set_default(int signal)
{
    struct kernel_action action = {.handler = (void *)SIG_DFL};
    raw_syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof(uint64_t));
}

/* Makes it pending for this thread alone. */
static void make_pending(siginfo_t *info)
{
    long process = raw_syscall(SYS_getpid), thread = raw_syscall(SYS_gettid);
    raw_syscall(SYS_rt_tgsigqueueinfo, process, thread, info->si_signo, info);
}

void signals_note_mask(int how, uint64_t mask)
{
    bool is_named = mask & kernel_signals_bit(SIGNALS_STAND_IN);
    bool is_blocked = how == SIG_SETMASK ? is_named : is_named ? how == SIG_BLOCK : blockers_have();
    blockers_set(is_blocked);
    if (!is_blocked && is_waiting) {
        is_waiting = false;
        make_pending(&waiting);
    }
}

/* Makes the signal pending as it was sent: to a thread (tgkill(2)), or to any thread of the process that has not
 * blocked it. */
static void make_pending_as_sent(siginfo_t *info)
{
    long process = raw_syscall(SYS_getpid);
    if (info->si_code == SI_TKILL)
        make_pending(info);
    else
        raw_syscall(SYS_rt_sigqueueinfo, process, info->si_signo, info);
}

/* Blocked until our handler returns, so that it is taken at the interrupted instruction. */
static void queue(siginfo_t *info, ucontext_t *context)
{
    uint64_t only = kernel_signals_bit(info->si_signo);
    raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, &only, NULL, sizeof only);
    *interrupted_mask(context) &= ~kernel_signals_bit(info->si_signo);
    make_pending(info);
}

/* The signal waits until the host unblocks what it believes to be SIGSEGV. */
static void postpone(siginfo_t *info)
{
    info->si_signo = SIGNALS_STAND_IN;
    info->si_errno = POSTPONED;
    make_pending_as_sent(info);
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
static void call_handler(struct sigaction *action, siginfo_t *info, ucontext_t *context)
{
    uint64_t *interrupted = interrupted_mask(context);
    uint64_t mask = *interrupted | signals_to_kernel(*word(&action->sa_mask));
    if (!(action->sa_flags & SA_NODEFER))
        mask |= signals_to_kernel(kernel_signals_bit(info->si_signo));
    *interrupted = signals_from_kernel(*interrupted, blockers_have());
    kernel_signals_restore(mask);
    uint64_t inside = second_world_step_out();
    if (low_world_is_there)
        handler32_call((uint32_t)(uintptr_t)action->sa_handler, info->si_signo, info, context);
    else if (action->sa_flags & SA_SIGINFO)
        action->sa_sigaction(info->si_signo, info, context);
    else
        action->sa_handler(info->si_signo);
    second_world_step_in(inside);
    *interrupted = signals_to_kernel(*interrupted);
}

static bool is_blocked(int signal, ucontext_t *context)
{
    return *interrupted_mask(context) & signals_to_kernel(kernel_signals_bit(signal));
}

void signals_deliver(siginfo_t *info, ucontext_t *context)
{
    bool is_sent = info->si_code <= 0;
    if (info->si_signo == SIGNALS_STAND_IN && !is_sent && on_kick != NULL) {
        on_kick(info->si_fd);
        return;
    }
    if (info->si_signo == SIGNALS_STAND_IN && !signals_is_postponed(info->si_signo, info->si_errno) &&
        blockers_have()) {
        waiting = *info;
        is_waiting = true;
        return;
    }
    /* What was postponed, or the kernel itself holds back, comes when the host has unblocked it, if only for as long as
     * it waits (sigsuspend(2)). */
    bool is_due = signals_show_postponed(info) || (is_sent && info->si_signo != SIGSEGV);
    bool blocked = !is_due && is_blocked(info->si_signo, context);
    struct sigaction action = *virtual_action(info->si_signo);
    if (blocked && is_sent) {
        postpone(info);
        return;
    }
    if (action.sa_handler == SIG_IGN && is_sent)
        return;
    if (blocked || action.sa_handler == SIG_IGN || action.sa_handler == SIG_DFL) {
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
    struct kernel_action action = kernel_signals_action(signal);
    return is_blocked(signal, context) || action.handler == (void *)SIG_IGN;
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
