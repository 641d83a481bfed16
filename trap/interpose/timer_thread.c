/* SPDX-License-Identifier: Apache-2.0 */
#include "timer_thread.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "ground/raw_syscall.h"
#include "ground/readable.h"

/* A function of the host's, and what it is to be given. They stay for ever, since a thread may have begun when its
 * timer is deleted; a timer that is made again has the one that is there. */
struct call {
    void (*function)(union sigval value);
    void *value;
    struct call *next;
};
static struct call *_Atomic calls;

static struct call *find(const struct sigevent *event)
{
    struct call *first = atomic_load(&calls), *call = first;
    while (call != NULL &&
           (call->function != event->sigev_notify_function || call->value != event->sigev_value.sival_ptr))
        call = call->next;
    if (call != NULL || (call = malloc(sizeof *call)) == NULL)
        return call;
    *call = (struct call){event->sigev_notify_function, event->sigev_value.sival_ptr, first};
    while (!atomic_compare_exchange_weak(&calls, &call->next, call))
        ;
    return call;
}

/* The same signals are blocked for the host, as the name has it that blocks them. */
static void begin(union sigval value)
{
    const struct call *call = value.sival_ptr;
    sigset_t blocked;
    sigemptyset(&blocked);
    raw_syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof(unsigned long));
    pthread_sigmask(SIG_SETMASK, &blocked, NULL);
    call->function((union sigval){.sival_ptr = call->value});
}

struct sigevent *timer_thread_event(struct sigevent *event, struct sigevent *room)
{
    if (!readable(event, sizeof *event) || event->sigev_notify != SIGEV_THREAD)
        return event;
    struct call *call = find(event);
    if (call == NULL)
        return event;
    *room = *event;
    room->sigev_notify_function = begin;
    room->sigev_value.sival_ptr = call;
    return room;
}
