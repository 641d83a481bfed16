/* SPDX-License-Identifier: Apache-2.0
 *
 * The host may do with SIGSEGV and SIGFPE what it likes, and sees what it did; the handler in the kernel stays ours.
 * SIGSEGV is never blocked: the kernel ends a thread that faults while it is (signal(7)).
 */
#include "signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "../signals.h"
#include "real.h"

/* What this thread believes it has blocked. Initial-exec: no allocation at first use. */
static __thread bool segv_is_blocked __attribute__((tls_model("initial-exec")));

/* Signals whose handler the host wants to run with SIGSEGV blocked: it is told so when it asks. */
static atomic_ullong masks_naming_segv;

static unsigned long long bit(int number)
{
    return 1ull << (number - 1);
}

/* An access in that handler must still trap. */
static int other_action(int number, const struct sigaction *action, struct sigaction *before)
{
    struct sigaction stripped;
    bool had_segv = number > 0 && number < NSIG && masks_naming_segv & bit(number);
    bool names_segv = action != NULL && sigismember(&action->sa_mask, SIGSEGV) == 1;
    if (names_segv) {
        stripped = *action;
        sigdelset(&stripped.sa_mask, SIGSEGV);
        action = &stripped;
    }
    int result = REAL(sigaction)(number, action, before);
    if (result != 0)
        return result;
    if (action != NULL)
        masks_naming_segv = (masks_naming_segv & ~bit(number)) | (names_segv ? bit(number) : 0);
    if (before != NULL && had_segv)
        sigaddset(&before->sa_mask, SIGSEGV);
    return 0;
}

INTERPOSED int sigaction(int signal, const struct sigaction *action, struct sigaction *before)
{
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

void signal_inherit_mask(void)
{
    sigset_t only_segv, before;
    sigemptyset(&only_segv);
    sigaddset(&only_segv, SIGSEGV);
    REAL(pthread_sigmask)(SIG_UNBLOCK, &only_segv, &before);
    segv_is_blocked = sigismember(&before, SIGSEGV) == 1;
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
    if (sigaction(number, handler == SIG_HOLD ? NULL : &action, &before) != 0 || sigprocmask(SIG_BLOCK, NULL, &blocked) != 0)
        return SIG_ERR;
    change_one(handler == SIG_HOLD ? SIG_BLOCK : SIG_UNBLOCK, number);
    return sigismember(&blocked, number) == 1 ? SIG_HOLD : before.sa_handler;
}

/* Calls that wait under another mask: a handler that runs meanwhile may access a device. */
static const sigset_t *without_segv(const sigset_t *set, sigset_t *room)
{
    if (set == NULL || sigismember(set, SIGSEGV) != 1)
        return set;
    *room = *set;
    sigdelset(room, SIGSEGV);
    return room;
}

INTERPOSED int sigsuspend(const sigset_t *set)
{
    sigset_t room;
    return REAL(sigsuspend)(without_segv(set, &room));
}

INTERPOSED int ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *timeout, const sigset_t *set)
{
    sigset_t room;
    return REAL(ppoll)(descriptors, count, timeout, without_segv(set, &room));
}

INTERPOSED int pselect(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                       const struct timespec *restrict timeout, const sigset_t *restrict set)
{
    sigset_t room;
    return REAL(pselect)(count, in, out, except, timeout, without_segv(set, &room));
}

INTERPOSED int epoll_pwait(int epoll, struct epoll_event *events, int count, int timeout, const sigset_t *set)
{
    sigset_t room;
    return REAL(epoll_pwait)(epoll, events, count, timeout, without_segv(set, &room));
}

INTERPOSED int epoll_pwait2(int epoll, struct epoll_event *events, int count, const struct timespec *timeout, const sigset_t *set)
{
    sigset_t room;
    return REAL(epoll_pwait2)(epoll, events, count, timeout, without_segv(set, &room));
}

INTERPOSED int pthread_attr_setsigmask_np(pthread_attr_t *attributes, const sigset_t *set)
{
    sigset_t room;
    return REAL(pthread_attr_setsigmask_np)(attributes, without_segv(set, &room));
}
