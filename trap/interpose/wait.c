/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting, whatever for. With virtual time the timeout is the device's. By real clocks it is both: the device gets the
 * time that the host means to wait, or as much of it as the bridge allows a sleep, before real time may end the wait;
 * so what the device did meanwhile follows from the request and not from the machine. Timers that will end the wait are
 * timeouts, too.
 */
#include "wait.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "device/uio.h"
#include "ground/raw_syscall.h"
#include "ground/real.h"
#include "time/clock.h"
#include "time/real_timer.h"

/* Stands for a wait without end that others may end all the same: nobody waits in vain in it. */
#define UNTIL_OTHERS ((uint64_t)INT64_MAX)

uint64_t wait_real_now(void)
{
    struct timespec now;
    raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return wait_from_timespec(&now);
}

uint64_t wait_now(void)
{
    uint64_t now;
    return clock_is_virtual() && clock_pass(0, &now) ? now : wait_real_now();
}

/* How much longer the kernel lets a sleep take, for its own convenience (prctl(2), PR_SET_TIMERSLACK). */
#define TIMER_SLACK_NS 50000u

uint64_t wait_rest(uint64_t ns)
{
    return clock_is_virtual() ? ns : (ns + TIMER_SLACK_NS - 1) / TIMER_SLACK_NS * TIMER_SLACK_NS;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

const sigset_t *wait_mask(const struct wait *wait, uint64_t deferred, sigset_t *room)
{
    if (deferred == 0)
        return wait->mask;
    if (wait->mask != NULL)
        *room = *wait->mask;
    else
        raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, room, sizeof deferred);
    room->__val[0] |= deferred;
    return room;
}

bool wait_is_answered(int clock)
{
    struct pollfd item = {.fd = clock, .events = POLLIN};
    struct timespec none = {0};
    return clock >= 0 && raw_syscall(SYS_ppoll, &item, 1, &none, NULL, 0) == 1;
}

int wait_attempt_nothing(const struct wait *wait, int clock, const struct timespec *timeout, uint64_t deferred)
{
    sigset_t room;
    struct pollfd item = {.fd = clock, .events = POLLIN};
    int found = REAL(ppoll)(&item, 1, timeout, wait_mask(wait, deferred, &room));
    return found == 1 ? WAIT_ANSWERED : found;
}

static int wait_natively(const struct wait *wait, uint64_t left)
{
    struct timespec timeout = wait_to_timespec(left);
    return wait->attempt(wait, WAIT_NO_CLOCK, left == WAIT_FOR_EVER ? NULL : &timeout, 0);
}

static void end_wait(void *unused)
{
    (void)unused;
    uio_wait_end();
}

/* Time runs until an interrupt comes. */
static int wait_for_ever(const struct wait *wait)
{
    bool may_come = wait->watches ? uio_any_open() : uio_any_signals();
    if (!may_come)
        return wait_natively(wait, WAIT_FOR_EVER);
    uio_wait_begin(wait->has_others == NULL || wait->has_others(wait) ? UNTIL_OTHERS : 0);
    int found;
    pthread_cleanup_push(end_wait, NULL); /* the thread may be cancelled */
    found = wait_natively(wait, WAIT_FOR_EVER);
    pthread_cleanup_pop(false);
    int error = errno;
    uio_wait_end();
    errno = error;
    return found;
}

/* What became of a request for time. */
struct passing {
    uint64_t deferred;              /* signals that wait until it is answered */
    const struct timespec *timeout; /* by real clocks; NULL: none */
    struct clock_answer answer;
};

static bool wants_interrupts(const struct wait *wait)
{
    return wait->watches && uio_any_open();
}

/* The thread is cancelled. */
static void give_up(void *request)
{
    clock_cancel(*(const int *)request);
}

/* Lets `ns` pass, or less if an interrupt comes. What ended it, or WAIT_ANSWERED; 0 when real time is over. */
static int pass(const struct wait *wait, uint64_t ns, struct passing *passing)
{
    unsigned ends = (wants_interrupts(wait) ? CLOCK_UNTIL_INTERRUPT : 0) | (wait->is_alone ? 0 : CLOCK_ENDS_OTHERWISE);
    int request = clock_begin(ns, ends), found;
    if (request < 0) {
        passing->answer = (struct clock_answer){.passed_ns = ns};
        return WAIT_ANSWERED;
    }
    pthread_cleanup_push(give_up, &request);
    found = wait->attempt(wait, request, passing->timeout, passing->deferred);
    pthread_cleanup_pop(false);
    int error = errno;
    if (found != WAIT_ANSWERED)
        clock_cancel(request);
    else if (!clock_end(request, &passing->answer))
        passing->answer = (struct clock_answer){.passed_ns = ns};
    errno = error;
    return found;
}

static int wait_virtual(const struct wait *wait, uint64_t left)
{
    if (left == WAIT_FOR_EVER)
        return wait_for_ever(wait);
    for (;;) {
        struct passing passing = {0};
        int found = pass(wait, left, &passing);
        if (found == WAIT_ANSWERED)
            found = wait_natively(wait, 0);
        else
            return found;
        if (found != 0 || passing.answer.passed_ns >= left)
            return found;
        if (passing.answer.is_signalled)
            return (int)real_result(-EINTR);
        left -= passing.answer.passed_ns;
    }
}

/* What is left of the device's time, and when real time is over, by real clocks. */
struct rest {
    uint64_t simulated, end;
};

/* The device gets its time, up to the next timer. Where an interrupt may come it goes on getting more than the bridge
 * allows at once, for as long as real time lasts. WAIT_ANSWERED when that is done. */
static int give_time(const struct wait *wait, struct rest *rest, const struct real_timer_outlook *next,
                     uint64_t real_end)
{
    uint64_t bound = least(rest->simulated, next->simulated);
    struct passing passing = {.deferred = next->signals};
    struct timespec timeout;
    while (bound > 0) {
        int found = pass(wait, bound, &passing);
        if (found == WAIT_ANSWERED && passing.answer.passed_ns > 0 && wants_interrupts(wait))
            found = wait->attempt(wait, WAIT_NO_CLOCK, &(struct timespec){0}, passing.deferred);
        if (found == 0 && passing.timeout != NULL && wait_real_now() >= real_end)
            return WAIT_ANSWERED;
        if (found != 0 && found != WAIT_ANSWERED)
            return found;
        uint64_t passed = least(passing.answer.passed_ns, bound), now = wait_real_now();
        bound -= passed;
        rest->simulated -= rest->simulated == WAIT_FOR_EVER ? 0 : passed;
        if (!wants_interrupts(wait) || now >= real_end)
            break;
        timeout = wait_to_timespec(real_end - now);
        passing.timeout = real_end == WAIT_FOR_EVER ? NULL : &timeout;
    }
    return WAIT_ANSWERED;
}

/* Signals of timers that the device has had the time of come here, at the latest. */
static int wait_by_real_clock(const struct wait *wait, uint64_t until, uint64_t deferred)
{
    uint64_t now = wait_real_now(), left = until == WAIT_FOR_EVER ? until : until > now ? until - now : 0;
    struct timespec timeout = wait_to_timespec(left);
    return wait->attempt(wait, WAIT_NO_CLOCK, left == WAIT_FOR_EVER ? NULL : &timeout, deferred);
}

/* Waits up to the next timer. WAIT_ANSWERED if nothing has come, and real time is not over. */
static int wait_up_to(const struct wait *wait, struct rest *rest, const struct real_timer_outlook *next)
{
    uint64_t expiry = next->real == REAL_TIMER_NEVER ? WAIT_FOR_EVER : wait_real_now() + next->real + LATENESS_NS;
    uint64_t until = least(rest->end, expiry);
    int found = give_time(wait, rest, next, until);
    if (found == WAIT_ANSWERED)
        found = wait_by_real_clock(wait, until, next->signals & ~next->due);
    return found != 0 || wait_real_now() >= rest->end ? found : WAIT_ANSWERED;
}

static int wait_held(const struct wait *wait, uint64_t left, uint64_t blocked)
{
    uint64_t now = wait_real_now();
    struct rest rest = {left, left == WAIT_FOR_EVER ? WAIT_FOR_EVER : now + left};
    int found = WAIT_ANSWERED;
    while (found == WAIT_ANSWERED) {
        struct real_timer_outlook next = real_timer_outlook(blocked, wait->awaited);
        if (left == WAIT_FOR_EVER && next.real == REAL_TIMER_NEVER)
            return wait_for_ever(wait);
        found = wait_up_to(wait, &rest, &next);
    }
    return found;
}

/* The timers' signals are blocked all the while, but in the calls that they may end. */
static int wait_real(const struct wait *wait, uint64_t left)
{
    sigset_t room;
    struct wait masked = *wait;
    uint64_t before;
    if (!real_timer_hold(&before))
        return wait_held(wait, left, 0);
    sigemptyset(&room);
    room.__val[0] = before;
    if (wait->mask == NULL && wait->awaited == 0)
        masked.mask = &room;
    int found = wait_held(&masked, left, masked.mask != NULL ? masked.mask->__val[0] : before), error = errno;
    real_timer_release(before);
    errno = error;
    return found;
}

/* Time moves only for a wait that is one: what is ready at once costs nothing. But a signal may be one that the kernel
 * sent before the device had its time; where one may come, the wait itself looks first, before time has moved. */
int wait_for(const struct wait *wait, uint64_t left)
{
    if (left >= WAIT_MOST)
        left = WAIT_FOR_EVER;
    bool is_looked_for_later = left != 0 && !clock_is_virtual() && (wait->awaited != 0 || real_timer_any());
    int found = is_looked_for_later ? 0 : wait_natively(wait, 0);
    if (found != 0 || left == 0)
        return found;
    return clock_is_virtual() ? wait_virtual(wait, left) : wait_real(wait, left);
}
