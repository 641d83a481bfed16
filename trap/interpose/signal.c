/* SPDX-License-Identifier: Apache-2.0
 *
 * The host may do with SIGSEGV and SIGFPE what it likes, and sees what it did; the handler in the kernel stays ours.
 * SIGSEGV is never blocked: the kernel ends a thread that faults while it is (signal(7)).
 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "../signals.h"
#include "real.h"

/* What this thread believes it has blocked. Initial-exec: no allocation at first use. */
static __thread bool segv_is_blocked __attribute__((tls_model("initial-exec")));

INTERPOSED int sigaction(int signal, const struct sigaction *action, struct sigaction *before)
{
    return signals_are_kept(signal) ? signals_action(signal, action, before) : REAL(sigaction)(signal, action, before);
}

static sighandler_t set_handler(int number, sighandler_t handler, int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, before;
    signals_action(number, &action, &before);
    return before.sa_handler;
}

INTERPOSED sighandler_t signal(int number, sighandler_t handler)
{
    return signals_are_kept(number) ? set_handler(number, handler, SA_RESTART) : REAL(signal)(number, handler);
}

INTERPOSED sighandler_t bsd_signal(int number, sighandler_t handler)
{
    return signal(number, handler);
}

INTERPOSED sighandler_t __sysv_signal(int number, sighandler_t handler)
{
    return signals_are_kept(number) ? set_handler(number, handler, (int)SA_RESETHAND | SA_NODEFER)
                                    : REAL(__sysv_signal)(number, handler);
}

INTERPOSED sighandler_t sysv_signal(int number, sighandler_t handler)
{
    return __sysv_signal(number, handler);
}

/* Lets `change` do its work on a set without SIGSEGV, and keeps the books on what the host meant. */
static int change_mask(int (*change)(int, const sigset_t *, sigset_t *), int how, const sigset_t *set, sigset_t *before)
{
    sigset_t stripped;
    bool was_blocked = segv_is_blocked, names_segv = set != NULL && sigismember(set, SIGSEGV) == 1;
    if (names_segv) {
        stripped = *set;
        sigdelset(&stripped, SIGSEGV);
    }
    int result = change(how, names_segv ? &stripped : set, before);
    if (result != 0)
        return result;
    if (set != NULL && how == SIG_SETMASK)
        segv_is_blocked = names_segv;
    else if (names_segv)
        segv_is_blocked = how == SIG_BLOCK;
    if (before != NULL && was_blocked)
        sigaddset(before, SIGSEGV);
    return 0;
}

INTERPOSED int sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
    return change_mask(REAL(sigprocmask), how, set, before);
}

INTERPOSED int pthread_sigmask(int how, const sigset_t *set, sigset_t *before)
{
    return change_mask(REAL(pthread_sigmask), how, set, before);
}
