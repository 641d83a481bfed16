/* SPDX-License-Identifier: Apache-2.0
 *
 * The host may do with SIGSEGV and SIGFPE what it likes, and sees what it did; the handler in the kernel stays ours.
 * SIGSEGV is never blocked, for an access must trap at any time; see signals.h for what stands in for it.
 */
#include "signal.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

#include "ground/readable.h"
#include "ground/real.h"
#include "lane/channel.h"
#include "trap/patched.h"
#include "trap/signals.h"

/* One that is sent shall wait from then on, for which the handler must be ours. Without an agent there is no
 * channel. */
void signal_keep_what_is_blocked(uint64_t set)
{
    if (!(set & (kernel_signals_bit(SIGSEGV) | kernel_signals_bit(SIGNALS_STAND_IN))))
        return;
    patched_expect_handlers();
    if (!signals_are_kept(SIGSEGV) && !channel_is_borrowed())
        signals_install(REAL(sigaction));
}

/* Those that an instruction raises are blocked by nobody. */
void signal_expect_handler(int number, sighandler_t handler)
{
    bool is_known = number > 0 && number <= 64;
    if (is_known && handler != SIG_DFL && handler != SIG_IGN && !(signals_synchronous() & kernel_signals_bit(number)))
        patched_expect_handlers();
}

/* Signals are in the first word of a set. What leads nowhere is the kernel's. */
const sigset_t *signal_mask_for_kernel(const sigset_t *set, sigset_t *room)
{
    if (set == NULL || !readable(set, sizeof set->__val[0]))
        return set;
    signal_keep_what_is_blocked(set->__val[0]);
    sigemptyset(room);
    room->__val[0] = signals_to_kernel(set->__val[0]);
    return room;
}

static void from_kernel(sigset_t *set, bool has_stand_in)
{
    if (set != NULL)
        set->__val[0] = signals_from_kernel(set->__val[0], has_stand_in);
}

/* Whose handlers block the stand-in, as the host believes. */
static uint64_t handlers_with_stand_in;

bool signal_change_handler_mask(int number, const uint64_t *mask)
{
    uint64_t bit = number > 0 && number <= 64 ? kernel_signals_bit(number) : 0;
    bool had = handlers_with_stand_in & bit;
    if (mask != NULL && *mask & kernel_signals_bit(SIGNALS_STAND_IN))
        handlers_with_stand_in |= bit;
    else if (mask != NULL)
        handlers_with_stand_in &= ~bit;
    return had;
}

static int other_action(int number, const struct sigaction *action, struct sigaction *before)
{
    struct sigaction room;
    uint64_t mask = action != NULL ? action->sa_mask.__val[0] : 0;
    if (action != NULL) {
        room = *action;
        signal_mask_for_kernel(&action->sa_mask, &room.sa_mask);
    }
    int result = REAL(sigaction)(number, action != NULL ? &room : NULL, before);
    bool had = result == 0 && signal_change_handler_mask(number, action != NULL ? &mask : NULL);
    if (result == 0 && before != NULL)
        from_kernel(&before->sa_mask, had);
    return result;
}

INTERPOSED int sigaction(int signal, const struct sigaction *action, struct sigaction *before)
{
    if (action != NULL) {
        signal_keep_what_is_blocked(action->sa_mask.__val[0]);
        signal_expect_handler(signal, action->sa_handler);
    }
    return signals_are_kept(signal) ? signals_action(signal, action, before) : other_action(signal, action, before);
}

static sighandler_t set_handler(int number, sighandler_t handler, int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, before;
    signals_action(number, &action, &before);
    return before.sa_handler;
}

INTERPOSED sighandler_t signal(int number, sighandler_t handler)
{
    signal_expect_handler(number, handler);
    return signals_are_kept(number) ? set_handler(number, handler, SA_RESTART) : REAL(signal)(number, handler);
}

INTERPOSED sighandler_t bsd_signal(int number, sighandler_t handler)
{
    return signal(number, handler);
}

INTERPOSED sighandler_t __sysv_signal(int number, sighandler_t handler)
{
    signal_expect_handler(number, handler);
    return signals_are_kept(number) ? set_handler(number, handler, (int)SA_RESETHAND | SA_NODEFER)
                                    : REAL(__sysv_signal)(number, handler);
}

INTERPOSED sighandler_t sysv_signal(int number, sighandler_t handler)
{
    return __sysv_signal(number, handler);
}

void signal_inherit_mask(void)
{
    sigset_t mask, room;
    REAL(pthread_sigmask)(SIG_BLOCK, NULL, &mask);
    from_kernel(&mask, false);
    REAL(pthread_sigmask)(SIG_SETMASK, signal_mask_for_kernel(&mask, &room), NULL);
}

static int change_mask(int (*change)(int, const sigset_t *, sigset_t *), int how, const sigset_t *set, sigset_t *before)
{
    sigset_t room;
    bool had_stand_in = signals_blocks_stand_in();
    uint64_t mask = set != NULL && readable(set, sizeof mask) ? set->__val[0] : 0;
    int result = change(how, signal_mask_for_kernel(set, &room), before);
    if (result == 0)
        from_kernel(before, had_stand_in);
    if (result == 0 && set != NULL)
        signals_note_mask(how, mask);
    return result;
}

INTERPOSED int sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
    return change_mask(REAL(sigprocmask), how, set, before);
}

INTERPOSED int pthread_sigmask(int how, const sigset_t *set, sigset_t *before)
{
    return change_mask(REAL(pthread_sigmask), how, set, before);
}

/* What waits until the host unblocks SIGSEGV waits as the stand-in. */
INTERPOSED int sigpending(sigset_t *set)
{
    int result = REAL(sigpending)(set);
    if (result == 0)
        from_kernel(set, signals_stand_in_waits());
    return result;
}

/* The BSD and System V ways. */
INTERPOSED int sigblock(int mask)
{
    sigset_t set = {{(unsigned)mask}}, before;
    sigprocmask(SIG_BLOCK, &set, &before);
    return (int)before.__val[0];
}

INTERPOSED int sigsetmask(int mask)
{
    sigset_t set = {{(unsigned)mask}}, before;
    sigprocmask(SIG_SETMASK, &set, &before);
    return (int)before.__val[0];
}

static int change_one(int how, int number)
{
    sigset_t set;
    sigemptyset(&set);
    return sigaddset(&set, number) != 0 ? -1 : sigprocmask(how, &set, NULL);
}

INTERPOSED int sighold(int number)
{
    return change_one(SIG_BLOCK, number);
}

INTERPOSED int sigrelse(int number)
{
    return change_one(SIG_UNBLOCK, number);
}

INTERPOSED int sigignore(int number)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    return sigaction(number, &action, NULL);
}

/* SIG_HOLD blocks; anything else unblocks and sets the handler (sigset(3)). */
INTERPOSED sighandler_t sigset(int number, sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler}, before;
    sigset_t blocked;
    if (sigaction(number, handler == SIG_HOLD ? NULL : &action, &before) != 0 ||
        sigprocmask(SIG_BLOCK, NULL, &blocked) != 0)
        return SIG_ERR;
    change_one(handler == SIG_HOLD ? SIG_BLOCK : SIG_UNBLOCK, number);
    return sigismember(&blocked, number) == 1 ? SIG_HOLD : before.sa_handler;
}

INTERPOSED int pthread_attr_setsigmask_np(pthread_attr_t *attributes, const sigset_t *set)
{
    sigset_t room;
    return REAL(pthread_attr_setsigmask_np)(attributes, signal_mask_for_kernel(set, &room));
}

/* getcontext gave a mask of the kernel's; the host may have added to it. */
static void normalise(const ucontext_t *context)
{
    sigset_t *mask = (sigset_t *)&context->uc_sigmask;
    from_kernel(mask, false);
    mask->__val[0] = signals_to_kernel(mask->__val[0]);
}

INTERPOSED int setcontext(const ucontext_t *context)
{
    normalise(context);
    return REAL(setcontext)(context);
}

INTERPOSED int swapcontext(ucontext_t *restrict from, const ucontext_t *restrict to)
{
    normalise(to);
    return REAL(swapcontext)(from, to);
}

/* libc may do it by a signal of its own, whose handler does not come back (nptl(7)). */
INTERPOSED int pthread_cancel(pthread_t thread)
{
    patched_expect_handlers();
    return REAL(pthread_cancel)(thread);
}
