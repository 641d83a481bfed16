/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers of the host. Real by default, and then noted, since waits give the device the time until they expire; with
 * virtual time those of wall clocks run on simulated time.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "by_number.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "time/clock.h"
#include "time/real_timer.h"
#include "time/timer_keeper.h"
#include "time/virtual_timer.h"
#include "timer_thread.h"
#include "wait.h"

/* What a timer_t of ours points at, so that none of libc's is taken for one. */
static char handles[64];

static bool is_virtual(clockid_t clock)
{
    return clock_is_virtual() && wait_is_wall_clock(clock);
}

static uint64_t now_ns(void)
{
    uint64_t now = 0;
    clock_pass(0, &now);
    return now;
}

static bool is_zero(const struct timespec *time)
{
    return time->tv_sec == 0 && time->tv_nsec == 0;
}

/* `epoch` is what an absolute time counts from. */
static void arm(int timer, bool is_absolute, uint64_t epoch, const struct itimerspec *wanted)
{
    uint64_t value = wait_from_timespec(&wanted->it_value), deadline = VIRTUAL_TIMER_NEVER;
    if (!is_zero(&wanted->it_value))
        deadline = is_absolute ? (value > epoch ? value - epoch : 0) : now_ns() + value;
    timer_keeper_start();
    virtual_timer_set(timer, deadline, wait_from_timespec(&wanted->it_interval));
    if (is_absolute)
        now_ns();
}

static void tell(int timer, struct itimerspec *current)
{
    uint64_t deadline, interval, now = now_ns();
    virtual_timer_get(timer, &deadline, &interval);
    uint64_t left = deadline == VIRTUAL_TIMER_NEVER ? 0 : deadline > now ? deadline - now : 1;
    *current = (struct itimerspec){.it_interval = wait_to_timespec(interval), .it_value = wait_to_timespec(left)};
}

static void change(int timer, bool is_absolute, uint64_t epoch, const struct itimerspec *wanted, struct itimerspec *old)
{
    if (old != NULL)
        tell(timer, old);
    arm(timer, is_absolute, epoch, wanted);
}

/* ---- the kernel's own timers */

static struct real_timer_name name_of(enum real_timer_kind kind, uint64_t handle)
{
    return (struct real_timer_name){kind, handle};
}

/* What is about to be set, and the simulated time. */
struct arming {
    struct real_timer_name name;
    uint64_t value, interval, simulated;
};

static struct arming prepare(struct real_timer_name name, uint64_t value, uint64_t interval)
{
    return (struct arming){name, value, interval, real_timer_prepare(name, value, interval)};
}

static void note_armed(const struct arming *arming)
{
    real_timer_arm(arming->name, arming->value, arming->interval, arming->simulated);
}

static struct arming prepare_alarm(struct timespec value, struct timespec interval)
{
    real_timer_note(name_of(REAL_TIMER_PROCESS, 0), SIGALRM, 0, CLOCK_MONOTONIC);
    return prepare(name_of(REAL_TIMER_PROCESS, 0), wait_from_timespec(&value), wait_from_timespec(&interval));
}

/* An absolute time as the duration that is left of it; 1 if it is over. */
static struct arming prepare_spec(struct real_timer_name name, bool is_absolute, const struct itimerspec *wanted)
{
    struct timespec now = {0};
    uint64_t value = wait_from_timespec(&wanted->it_value);
    if (is_absolute && value != 0) {
        REAL(clock_gettime)(real_timer_clock(name), &now);
        value = value > wait_from_timespec(&now) ? value - wait_from_timespec(&now) : 1;
    }
    return prepare(name, value, wait_from_timespec(&wanted->it_interval));
}

/* What a timer notifies by: the signal, and the thread if it is for one. */
static int signal_of(const struct sigevent *event)
{
    bool is_sent = event != NULL && (event->sigev_notify == SIGEV_SIGNAL || event->sigev_notify == SIGEV_THREAD_ID);
    return event == NULL ? SIGALRM : is_sent ? event->sigev_signo : 0;
}

static int thread_of(const struct sigevent *event)
{
    return event != NULL && event->sigev_notify == SIGEV_THREAD_ID ? event->_sigev_un._tid : 0;
}

/* ---- setitimer and alarm: one for the process */

static int alarm_timer(void)
{
    static int timer = VIRTUAL_TIMER_NONE;
    static pid_t process; /* a forked child has no timers of its parent's */
    if (timer == VIRTUAL_TIMER_NONE || process != getpid())
        timer = virtual_timer_make((struct virtual_timer_action){.signal = SIGALRM, .descriptor = -1});
    process = getpid();
    return timer;
}

static struct timespec from_timeval(struct timeval time)
{
    return (struct timespec){time.tv_sec, time.tv_usec * 1000};
}

/* Rounded up: what is armed never shows as 0. */
static struct timeval to_timeval(struct timespec time)
{
    uint64_t us = (wait_from_timespec(&time) + 999) / 1000;
    return (struct timeval){(time_t)(us / 1000000), (suseconds_t)(us % 1000000)};
}

INTERPOSED int getitimer(__itimer_which_t which, struct itimerval *current)
{
    struct itimerspec found;
    if (which != ITIMER_REAL || !clock_is_virtual())
        return REAL(getitimer)(which, current);
    tell(alarm_timer(), &found);
    *current = (struct itimerval){to_timeval(found.it_interval), to_timeval(found.it_value)};
    return 0;
}

static bool is_valid(const struct timeval *time)
{
    return time->tv_sec >= 0 && time->tv_usec >= 0 && time->tv_usec < 1000000;
}

INTERPOSED int setitimer(__itimer_which_t which, const struct itimerval *restrict wanted,
                         struct itimerval *restrict old)
{
    BY_NUMBER_IF_POINTED(SYS_setitimer, which, (long)wanted, (long)old);
    if (!readable_or_null(wanted, sizeof *wanted))
        return REAL(setitimer)(which, wanted, old);
    if (which != ITIMER_REAL || !clock_is_virtual() || wanted == NULL) {
        if (which != ITIMER_REAL || wanted == NULL || !is_valid(&wanted->it_value) || !is_valid(&wanted->it_interval))
            return REAL(setitimer)(which, wanted, old);
        struct arming arming = prepare_alarm(from_timeval(wanted->it_value), from_timeval(wanted->it_interval));
        int result = REAL(setitimer)(which, wanted, old);
        note_armed(&arming);
        return result;
    }
    if (!is_valid(&wanted->it_value) || !is_valid(&wanted->it_interval))
        return (int)real_result(-EINVAL);
    const struct itimerspec next = {from_timeval(wanted->it_interval), from_timeval(wanted->it_value)};
    if (old != NULL)
        getitimer(which, old);
    arm(alarm_timer(), false, 0, &next);
    return 0;
}

INTERPOSED unsigned alarm(unsigned seconds)
{
    const struct itimerval wanted = {.it_value.tv_sec = seconds};
    struct itimerval old;
    if (!clock_is_virtual()) {
        struct arming arming = prepare_alarm((struct timespec){seconds, 0}, (struct timespec){0});
        unsigned left = REAL(alarm)(seconds);
        note_armed(&arming);
        return left;
    }
    setitimer(ITIMER_REAL, &wanted, &old);
    return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

INTERPOSED useconds_t ualarm(useconds_t value, useconds_t interval)
{
    const struct itimerval wanted = {{interval / 1000000, interval % 1000000}, {value / 1000000, value % 1000000}};
    struct itimerval old;
    if (!clock_is_virtual()) {
        struct arming arming = prepare_alarm(from_timeval(wanted.it_value), from_timeval(wanted.it_interval));
        useconds_t left = REAL(ualarm)(value, interval);
        note_armed(&arming);
        return left;
    }
    setitimer(ITIMER_REAL, &wanted, &old);
    return (useconds_t)(old.it_value.tv_sec * 1000000 + old.it_value.tv_usec);
}

/* ---- POSIX timers */

static uint64_t epochs[sizeof handles];

static int timer_of(timer_t handle)
{
    char *place = handle;
    return place >= handles && place < handles + sizeof handles ? (int)(place - handles) : VIRTUAL_TIMER_NONE;
}

/* Timers that notify by a thread: libc's own, which the kernel expires as soon as the device's time has come. */
static timer_t by_thread[sizeof handles];
static int (*real_settime)(timer_t, int, const struct itimerspec *restrict, struct itimerspec *restrict);

static void call_thread(void *place)
{
    const struct itimerspec at_once = {.it_value.tv_nsec = 1};
    real_settime(*(timer_t *)place, 0, &at_once, NULL);
}

static int create_real(clockid_t clock, struct sigevent *event, timer_t *handle)
{
    struct sigevent room;
    int result = REAL(timer_create)(clock, timer_thread_event(event, &room), handle);
    if (result == 0 && wait_is_wall_clock(clock))
        real_timer_note(name_of(REAL_TIMER_POSIX, (uint64_t)*handle), signal_of(event), thread_of(event), clock);
    return result;
}

static int give_thread(int timer, struct sigevent *event)
{
    struct sigevent room;
    real_settime = REAL(timer_settime);
    return event != NULL && event->sigev_notify == SIGEV_THREAD
               ? REAL(timer_create)(CLOCK_MONOTONIC, timer_thread_event(event, &room), &by_thread[timer])
               : 0;
}

INTERPOSED int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict handle)
{
    if (!is_virtual(clock))
        return create_real(clock, event, handle);
    bool calls = event != NULL && event->sigev_notify == SIGEV_THREAD;
    struct virtual_timer_action action = {.signal = signal_of(event), .descriptor = -1, .thread = thread_of(event)};
    if (event != NULL)
        action.value = event->sigev_value;
    int timer = virtual_timer_make(action);
    if (timer == VIRTUAL_TIMER_NONE)
        return (int)real_result(-EAGAIN);
    if (calls && give_thread(timer, event) != 0) {
        virtual_timer_delete(timer);
        return -1;
    }
    if (calls)
        virtual_timer_call(timer, call_thread, &by_thread[timer]);
    epochs[timer] = wait_shows_epoch(clock) ? clock_epoch_ns() : 0;
    *handle = handles + timer;
    return 0;
}

INTERPOSED int timer_settime(timer_t handle, int flags, const struct itimerspec *restrict wanted,
                             struct itimerspec *restrict old)
{
    int timer = timer_of(handle);
    if (!readable_or_null(wanted, sizeof *wanted))
        return timer == VIRTUAL_TIMER_NONE ? REAL(timer_settime)(handle, flags, wanted, old)
                                           : (int)real_result(-EFAULT);
    if (timer == VIRTUAL_TIMER_NONE) {
        struct arming arming = {.name = name_of(REAL_TIMER_POSIX, (uint64_t)handle)};
        if (wanted != NULL)
            arming = prepare_spec(arming.name, flags & TIMER_ABSTIME, wanted);
        int result = REAL(timer_settime)(handle, flags, wanted, old);
        if (result == 0)
            note_armed(&arming);
        return result;
    }
    change(timer, flags & TIMER_ABSTIME, epochs[timer], wanted, old);
    return 0;
}

INTERPOSED int timer_gettime(timer_t handle, struct itimerspec *current)
{
    int timer = timer_of(handle);
    if (timer == VIRTUAL_TIMER_NONE)
        return REAL(timer_gettime)(handle, current);
    tell(timer, current);
    return 0;
}

INTERPOSED int timer_getoverrun(timer_t handle)
{
    return timer_of(handle) == VIRTUAL_TIMER_NONE ? REAL(timer_getoverrun)(handle) : 0;
}

INTERPOSED int timer_delete(timer_t handle)
{
    int timer = timer_of(handle);
    if (timer == VIRTUAL_TIMER_NONE) {
        real_timer_forget(name_of(REAL_TIMER_POSIX, (uint64_t)handle));
        return REAL(timer_delete)(handle);
    }
    if (by_thread[timer] != NULL)
        REAL(timer_delete)(by_thread[timer]);
    by_thread[timer] = NULL;
    virtual_timer_delete(timer);
    return 0;
}

/* ---- timers as descriptors: an eventfd counts expiries, and is read and waited for like one */

INTERPOSED int timerfd_create(clockid_t clock, int flags)
{
    if (!is_virtual(clock)) {
        int made = REAL(timerfd_create)(clock, flags);
        if (made >= 0 && wait_is_wall_clock(clock))
            real_timer_note(name_of(REAL_TIMER_DESCRIPTOR, (uint64_t)made), 0, 0, clock);
        return made;
    }
    int descriptor = eventfd(0, (flags & TFD_NONBLOCK ? EFD_NONBLOCK : 0) | (flags & TFD_CLOEXEC ? EFD_CLOEXEC : 0));
    if (descriptor < 0)
        return descriptor;
    int timer = virtual_timer_make((struct virtual_timer_action){.descriptor = descriptor});
    if (timer != VIRTUAL_TIMER_NONE) {
        epochs[timer] = wait_shows_epoch(clock) ? clock_epoch_ns() : 0;
        return descriptor;
    }
    close(descriptor);
    return (int)real_result(-EMFILE);
}

INTERPOSED int timerfd_settime(int descriptor, int flags, const struct itimerspec *wanted, struct itimerspec *old)
{
    BY_NUMBER_IF_POINTED(SYS_timerfd_settime, descriptor, flags, (long)wanted, (long)old);
    int timer = virtual_timer_of_descriptor(descriptor);
    if (!readable_or_null(wanted, sizeof *wanted))
        return timer == VIRTUAL_TIMER_NONE ? REAL(timerfd_settime)(descriptor, flags, wanted, old)
                                           : (int)real_result(-EFAULT);
    if (timer == VIRTUAL_TIMER_NONE) {
        struct arming arming = {.name = name_of(REAL_TIMER_DESCRIPTOR, (uint64_t)descriptor)};
        if (wanted != NULL)
            arming = prepare_spec(arming.name, flags & TFD_TIMER_ABSTIME, wanted);
        int result = REAL(timerfd_settime)(descriptor, flags, wanted, old);
        if (result == 0)
            note_armed(&arming);
        return result;
    }
    change(timer, flags & TFD_TIMER_ABSTIME, epochs[timer], wanted, old);
    return 0;
}

INTERPOSED int timerfd_gettime(int descriptor, struct itimerspec *current)
{
    int timer = virtual_timer_of_descriptor(descriptor);
    if (timer == VIRTUAL_TIMER_NONE)
        return REAL(timerfd_gettime)(descriptor, current);
    tell(timer, current);
    return 0;
}
