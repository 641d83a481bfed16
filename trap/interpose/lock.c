/* SPDX-License-Identifier: Apache-2.0
 *
 * Locks, and other things of libc's that are waited for until a deadline. The clock lets the time pass in the
 * background; when it has, the wait gets its true deadline (kick.h): by real clocks the host's own, with virtual time
 * one that is over.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <threads.h>
#include <time.h>

#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "kick.h"
#include "lock.h"
#include "time/clock.h"
#include "time/real_timer.h"
#include "wait.h"

static const struct timespec past = {0, 1};
/* What the kernel takes to expire a timer that is due: as a rule, and where its processor is taken away. */
#define MOMENT_NS 1000000u
#define LONG_MOMENT_NS 50000000u
/* Farther than any run, and near enough for all that libc reckons with it. */
static const struct timespec far_away = {INT32_MAX, 0};

static uint64_t real_now(clockid_t clock)
{
    struct timespec now;
    REAL(clock_gettime)(clock, &now);
    return wait_from_timespec(&now);
}

/* What is left until a deadline on one of the host's clocks, on the axis that the bridge knows. */
static uint64_t left_until(clockid_t clock, uint64_t deadline)
{
    uint64_t now = 0, epoch = 0;
    if (!clock_is_virtual())
        now = real_now(clock);
    else if (clock_pass(0, &now))
        epoch = wait_shows_epoch(clock) ? clock_epoch_ns() : 0;
    return deadline > now + epoch ? wait_rest(deadline - now - epoch) : 0;
}

static bool is_valid(const struct timespec *time)
{
    return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < 1000000000L;
}

/* Deadlines of attempts are those of CLOCK_REALTIME. */
static struct timespec to_attempt(uint64_t end)
{
    uint64_t now = real_now(CLOCK_MONOTONIC);
    return clock_is_virtual() ? past : wait_to_timespec(real_now(CLOCK_REALTIME) + (end > now ? end - now : 0));
}

/* Also when the thread is cancelled. */
static void end_kick(void *kick)
{
    kick_end(kick);
    clock_cancel(((struct kick *)kick)->request);
}

/* Lets `ns` pass in the background, then goes on until `end` by real clocks. */
static int attempt_and_pass(const struct lock_attempt *attempt, uint64_t ns, uint64_t end)
{
    struct kick kick = {.deadline = far_away,
                        .true_deadline = to_attempt(end),
                        .request = ns > 0 ? clock_begin(ns, CLOCK_ENDS_OTHERWISE) : -1};
    int result;
    if (kick.request < 0)
        return attempt->wait(attempt, &kick.true_deadline);
    if (!kick_begin(&kick, REAL(sigaction))) {
        clock_cancel(kick.request);
        return attempt->wait(attempt, &kick.true_deadline);
    }
    pthread_cleanup_push(end_kick, &kick);
    result = attempt->wait(attempt, &kick.deadline);
    if (result == EINTR && kick.has_come)
        result = attempt->wait(attempt, &kick.true_deadline);
    pthread_cleanup_pop(true);
    return result;
}

static uint64_t pending(void)
{
    uint64_t signals = 0;
    raw_syscall(SYS_rt_sigpending, &signals, sizeof signals);
    return signals;
}

/* For the last expiry of all, which nobody waits for any more afterwards. Another thread may get it. */
static void await_any(uint64_t signals, uint64_t until)
{
    static const struct timespec moment = {0, MOMENT_NS / 5};
    while ((pending() & signals) == 0 && real_now(CLOCK_MONOTONIC) < until)
        raw_syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment, NULL);
}

/* True if one of `signals` was pending. */
static bool release(uint64_t before, uint64_t signals)
{
    bool has_come = (pending() & signals & ~before) != 0;
    real_timer_release(before);
    return has_come;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* By real clocks a timer that will end the wait does so when the device has had its time as well (wait.c). Its signal
 * stays blocked until the kernel has sent it. */
static int wait_in_parts(const struct lock_attempt *attempt, uint64_t left, uint64_t end)
{
    uint64_t before;
    while (real_timer_hold(&before)) {
        struct real_timer_outlook next = real_timer_outlook(before, 0);
        uint64_t ns = least(left, next.simulated), expiry = real_now(CLOCK_MONOTONIC) + next.real + MOMENT_NS;
        int result = attempt_and_pass(attempt, ns, next.real == REAL_TIMER_NEVER ? end : least(end, expiry));
        left -= ns;
        if (result == ETIMEDOUT && (next.due & ~before) != 0 && !real_timer_any())
            await_any(next.due & ~before, least(end, expiry + LONG_MOMENT_NS));
        if (release(before, next.signals) && result == ETIMEDOUT)
            return EINTR;
        if (result != ETIMEDOUT || real_now(CLOCK_MONOTONIC) >= end)
            return result;
    }
    return attempt_and_pass(attempt, left, end);
}

int lock_wait_for(uint64_t left, const struct lock_attempt *attempt)
{
    uint64_t end = real_now(CLOCK_MONOTONIC) + left;
    int result = attempt->keeps_state ? attempt->wait(attempt, &past) : ETIMEDOUT;
    if (result != ETIMEDOUT || (left == 0 && attempt->keeps_state))
        return result;
    return attempt->is_interruptible && !clock_is_virtual() ? wait_in_parts(attempt, left, end)
                                                            : attempt_and_pass(attempt, left, end);
}

int lock_wait_until(clockid_t clock, const struct timespec *deadline, const struct lock_attempt *attempt)
{
    if (deadline == NULL || !is_valid(deadline))
        return attempt->wait(attempt, deadline);
    return lock_wait_for(left_until(clock, wait_from_timespec(deadline)), attempt);
}

/* dlsym would find the version of before 2003, whose conditions are laid out differently. */
static int real_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline)
{
    static __typeof__(&pthread_cond_timedwait) real;
    if (real == NULL)
        *(void **)&real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    return real(condition, mutex, deadline);
}

/* A condition may be bound to the monotonic clock, so the clock is named. */
static int wait_condition(const struct lock_attempt *attempt, const struct timespec *deadline)
{
    return REAL(pthread_cond_clockwait)(attempt->first, attempt->second, CLOCK_REALTIME, deadline);
}

INTERPOSED int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                      clockid_t clock, const struct timespec *restrict deadline)
{
    if (!wait_is_wall_clock(clock) || REAL(pthread_cond_clockwait) == NULL)
        return REAL(pthread_cond_clockwait)(condition, mutex, clock, deadline);
    return lock_wait_until(clock, deadline,
                           &(struct lock_attempt){.wait = wait_condition, .first = condition, .second = mutex});
}

/* glibc's own mark of a condition that was made with CLOCK_MONOTONIC (nptl/pthread_cond_init.c). */
#define COND_CLOCK_MONOTONIC 2u

INTERPOSED int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                      const struct timespec *restrict deadline)
{
    if (REAL(pthread_cond_clockwait) == NULL)
        return real_cond_timedwait(condition, mutex, deadline);
    clockid_t clock = condition->__data.__wrefs & COND_CLOCK_MONOTONIC ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return pthread_cond_clockwait(condition, mutex, clock, deadline);
}

static int wait_mutex(const struct lock_attempt *attempt, const struct timespec *deadline)
{
    return REAL(pthread_mutex_timedlock)(attempt->first, deadline);
}

INTERPOSED int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock,
                                       const struct timespec *restrict deadline)
{
    return lock_wait_until(clock, deadline,
                           &(struct lock_attempt){.wait = wait_mutex, .keeps_state = true, .first = mutex});
}

INTERPOSED int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline)
{
    return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, deadline);
}

static int wait_to_read(const struct lock_attempt *attempt, const struct timespec *deadline)
{
    return REAL(pthread_rwlock_timedrdlock)(attempt->first, deadline);
}

INTERPOSED int pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict lock, clockid_t clock,
                                          const struct timespec *restrict deadline)
{
    return lock_wait_until(clock, deadline,
                           &(struct lock_attempt){.wait = wait_to_read, .keeps_state = true, .first = lock});
}

INTERPOSED int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict deadline)
{
    return pthread_rwlock_clockrdlock(lock, CLOCK_REALTIME, deadline);
}

static int wait_to_write(const struct lock_attempt *attempt, const struct timespec *deadline)
{
    return REAL(pthread_rwlock_timedwrlock)(attempt->first, deadline);
}

INTERPOSED int pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict lock, clockid_t clock,
                                          const struct timespec *restrict deadline)
{
    return lock_wait_until(clock, deadline,
                           &(struct lock_attempt){.wait = wait_to_write, .keeps_state = true, .first = lock});
}

INTERPOSED int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict deadline)
{
    return pthread_rwlock_clockwrlock(lock, CLOCK_REALTIME, deadline);
}

static int wait_semaphore(const struct lock_attempt *attempt, const struct timespec *deadline)
{
    return REAL(sem_timedwait)(attempt->first, deadline) == 0 ? 0 : errno;
}

INTERPOSED int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict deadline)
{
    const struct lock_attempt attempt = {
        .wait = wait_semaphore, .keeps_state = true, .is_interruptible = true, .first = semaphore};
    return (int)real_result(-lock_wait_until(clock, deadline, &attempt));
}

INTERPOSED int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline)
{
    return sem_clockwait(semaphore, CLOCK_REALTIME, deadline);
}

static int wait_thread(const struct lock_attempt *attempt, const struct timespec *deadline)
{
    return REAL(pthread_timedjoin_np)((pthread_t)attempt->number, attempt->first, deadline);
}

INTERPOSED int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock, const struct timespec *deadline)
{
    const struct lock_attempt attempt = {
        .wait = wait_thread, .keeps_state = true, .first = result, .number = (long)thread};
    return lock_wait_until(clock, deadline, &attempt);
}

INTERPOSED int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *deadline)
{
    return pthread_clockjoin_np(thread, result, CLOCK_REALTIME, deadline);
}

/* C11's names, which glibc keeps in the same objects. */
static int to_thread_result(int error)
{
    return error == 0 ? thrd_success : error == ETIMEDOUT ? thrd_timedout : thrd_error;
}

INTERPOSED int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict deadline)
{
    return to_thread_result(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, deadline));
}

INTERPOSED int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict deadline)
{
    return to_thread_result(pthread_mutex_timedlock((pthread_mutex_t *)mutex, deadline));
}
