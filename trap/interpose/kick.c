/* SPDX-License-Identifier: Apache-2.0 */
#include "kick.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "ground/kernel_signals.h"
#include "ground/raw_syscall.h"
#include "ground/signal_safe.h"

enum { WAITS = 256 };

/* Waits under way, by their thread: a signal comes to the thread that waits. */
static struct {
    _Atomic long thread;
    struct kick *_Atomic kick;
} waits[WAITS];

/* The end of the connection would be told by a signal, too, which nobody wants any more. */
static void come(struct kick *kick)
{
    raw_syscall(SYS_fcntl, kick->request, F_SETFL, 0);
    kick->deadline = kick->true_deadline;
    kick->has_come = true;
}

static void on_kick(int descriptor)
{
    long self = raw_syscall(SYS_gettid);
    for (int i = 0; i < WAITS; i++) {
        struct kick *kick = atomic_load(&waits[i].thread) == self ? atomic_load(&waits[i].kick) : NULL;
        if (kick != NULL && kick->request == descriptor)
            come(kick);
    }
}

static void handle(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    on_kick(info->si_fd);
}

static bool take(struct kick *kick)
{
    long nobody = 0, self = raw_syscall(SYS_gettid);
    for (int i = 0; i < WAITS; i++, nobody = 0)
        if (atomic_compare_exchange_strong(&waits[i].thread, &nobody, self)) {
            atomic_store(&waits[i].kick, kick);
            return true;
        }
    return false;
}

static void release(const struct kick *kick)
{
    for (int i = 0; i < WAITS; i++)
        if (atomic_load(&waits[i].kick) == kick) {
            atomic_store(&waits[i].kick, NULL);
            atomic_store(&waits[i].thread, 0);
        }
}

/* Nobody else is there to take the signal as long as no window is made. */
static void make_handler(signals_sigaction *libc_sigaction)
{
    signals_on_kick(on_kick);
    if (signals_are_kept(SIGNALS_STAND_IN))
        return;
    const struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    libc_sigaction(SIGNALS_STAND_IN, &action, NULL);
}

/* The kernel sends the signal when the descriptor becomes readable (fcntl(2), F_SETSIG). */
static void watch(struct kick *kick)
{
    struct f_owner_ex self = {F_OWNER_TID, (int)raw_syscall(SYS_gettid)};
    struct pollfd item = {.fd = kick->request, .events = POLLIN};
    struct timespec none = {0};
    raw_syscall(SYS_fcntl, kick->request, F_SETOWN_EX, &self);
    raw_syscall(SYS_fcntl, kick->request, F_SETSIG, SIGNALS_STAND_IN);
    raw_syscall(SYS_fcntl, kick->request, F_SETFL, O_ASYNC);
    if (raw_syscall(SYS_ppoll, &item, 1, &none, NULL, 0) == 1)
        come(kick);
}

bool kick_begin(struct kick *kick, signals_sigaction *libc_sigaction)
{
    uint64_t only = kernel_signals_bit(SIGNALS_STAND_IN);
    if (!take(kick))
        return false;
    make_handler(libc_sigaction);
    raw_syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &only, &kick->signals, sizeof only);
    watch(kick);
    return true;
}

/* What is pending comes before the mask is as it was. */
void kick_end(struct kick *kick)
{
    raw_syscall(SYS_fcntl, kick->request, F_SETFL, 0);
    kernel_signals_restore(kick->signals);
    release(kick);
}
