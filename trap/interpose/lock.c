/* SPDX-License-Identifier: Apache-2.0
 *
 * Locks that are waited for with a timeout. With virtual time the timeout is the device's: the thread waits for a moment of
 * real time, lets as much simulated time pass, and looks again, until it has the lock or the deadline has come.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <threads.h>
#include <time.h>

#include "../clock.h"
#include "real.h"
#include "wait.h"

#define MOMENT_NS 200000u

/* One attempt, which ends at `deadline` of CLOCK_REALTIME; an error number. */
struct attempt {
    int (*wait)(const struct attempt *attempt, const struct timespec *deadline);
    void *first, *second;
};

static struct timespec in_a_moment(uint64_t ns)
{
    struct timespec now;
    REAL(clock_gettime)(CLOCK_REALTIME, &now);
    return wait_to_timespec(wait_from_timespec(&now) + ns);
}

static int wait_until(clockid_t clock, const struct timespec *deadline, const struct attempt *attempt)
{
    uint64_t epoch = wait_shows_epoch(clock) ? clock_epoch_ns() : 0, now = 0;
    uint64_t until = wait_from_timespec(deadline), end = until > epoch ? until - epoch : 0;
    for (;;) {
        clock_pass(0, false, &now);
        bool is_last = now >= end;
        struct timespec moment = in_a_moment(is_last ? 0 : MOMENT_NS);
        int result = attempt->wait(attempt, &moment);
        if (result != ETIMEDOUT || is_last)
            return result;
        clock_pass(end - now < MOMENT_NS ? end - now : MOMENT_NS, false, NULL);
    }
}

/* dlsym would find the version of before 2003, whose conditions are laid out differently. */
static int real_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *deadline)
{
    static __typeof__(&pthread_cond_timedwait) real;
    if (real == NULL)
        *(void **)&real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    return real(condition, mutex, deadline);
}

/* A condition may be bound to the monotonic clock, so the clock is named in each attempt. */
static int wait_condition(const struct attempt *attempt, const struct timespec *deadline)
{
    return REAL(pthread_cond_clockwait)(attempt->first, attempt->second, CLOCK_REALTIME, deadline);
}

INTERPOSED int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock,
                                      const struct timespec *restrict deadline)
{
    if (!clock_is_virtual())
        return REAL(pthread_cond_clockwait)(condition, mutex, clock, deadline);
    return wait_until(clock, deadline, &(struct attempt){wait_condition, condition, mutex});
}

/* glibc's own mark of a condition that was made with CLOCK_MONOTONIC (nptl/pthread_cond_init.c). */
#define COND_CLOCK_MONOTONIC 2u

INTERPOSED int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                                      const struct timespec *restrict deadline)
{
    if (!clock_is_virtual())
        return real_cond_timedwait(condition, mutex, deadline);
    clockid_t clock = condition->__data.__wrefs & COND_CLOCK_MONOTONIC ? CLOCK_MONOTONIC : CLOCK_REALTIME;
    return pthread_cond_clockwait(condition, mutex, clock, deadline);
}

static int wait_mutex(const struct attempt *attempt, const struct timespec *deadline)
{
    return REAL(pthread_mutex_timedlock)(attempt->first, deadline);
}

INTERPOSED int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock, const struct timespec *restrict deadline)
{
    if (!clock_is_virtual())
        return REAL(pthread_mutex_clocklock)(mutex, clock, deadline);
    return wait_until(clock, deadline, &(struct attempt){wait_mutex, mutex, NULL});
}

INTERPOSED int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline)
{
    if (!clock_is_virtual())
        return REAL(pthread_mutex_timedlock)(mutex, deadline);
    return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, deadline);
}

static int wait_semaphore(const struct attempt *attempt, const struct timespec *deadline)
{
    return REAL(sem_timedwait)(attempt->first, deadline) == 0 ? 0 : errno;
}

INTERPOSED int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict deadline)
{
    if (!clock_is_virtual())
        return REAL(sem_clockwait)(semaphore, clock, deadline);
    return (int)real_result(-wait_until(clock, deadline, &(struct attempt){wait_semaphore, semaphore, NULL}));
}

INTERPOSED int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline)
{
    if (!clock_is_virtual())
        return REAL(sem_timedwait)(semaphore, deadline);
    return sem_clockwait(semaphore, CLOCK_REALTIME, deadline);
}
