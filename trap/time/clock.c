/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "ground/broker.h"
#include "ground/own_descriptor.h"
#include "ground/raw_syscall.h"
#include "memory/memory_poll.h"
#include "notice.h"
#include "settle.h"
#include "virtual_timer.h"
#include "ground/signal_safe.h"

static struct sockaddr_un address;
static bool shows_simulated_time;
static uint64_t epoch;
/* What the bridge knows of this process' timers. */
static uint64_t next_expiry, real_expiry;

static void tell_next(uint64_t next_ns);

void clock_init(const char *socket_path, bool is_virtual, uint64_t epoch_ns)
{
    size_t length = strlen(socket_path);
    if (length >= sizeof address.sun_path)
        return;
    address.sun_family = length > 0 ? AF_UNIX : AF_UNSPEC;
    memcpy(address.sun_path, socket_path, length + 1);
    shows_simulated_time = is_virtual && length > 0;
    epoch = epoch_ns;
    next_expiry = VIRTUAL_TIMER_NEVER;
    real_expiry = 0;
    virtual_timer_on_change(tell_next);
}

bool clock_is_virtual(void)
{
    return shows_simulated_time;
}

uint64_t clock_epoch_ns(void)
{
    return epoch;
}

static int connect_to_clock(void)
{
    if (address.sun_family != AF_UNIX)
        return -ENOTCONN;
    long made = own_descriptor(raw_syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (made < 0)
        return (int)made;
    long failure = raw_syscall(SYS_connect, made, &address,
                               offsetof(struct sockaddr_un, sun_path) + strlen(address.sun_path) + 1);
    if (failure == 0)
        return (int)made;
    raw_syscall(SYS_close, made);
    long brokered = own_descriptor(broker_connect(address.sun_path));
    return (int)(brokered >= 0 ? brokered : failure);
}

/* A request that has been sent, or -errno. */
static int sent(int descriptor, bool is_sent)
{
    if (is_sent)
        return descriptor;
    raw_syscall(SYS_close, descriptor);
    return -EIO;
}

static bool answered(int descriptor, struct notice_reply *reply)
{
    if (descriptor < 0)
        return false;
    bool is_answered = notice_answer(descriptor, reply);
    raw_syscall(SYS_close, descriptor);
    return is_answered;
}

bool clock_control_interrupt(uint32_t device, bool unmask)
{
    struct notice_reply reply;
    settle_posted();
    int descriptor = connect_to_clock();
    return descriptor >= 0 && answered(sent(descriptor, notice_interrupt_control(descriptor, device, unmask)), &reply);
}

/* Without a bridge nobody writes to memory; the next access says so. */
bool clock_look(const struct memory_poll *polled)
{
    struct notice_reply reply = {0};
    settle_posted();
    int descriptor = connect_to_clock();
    bool is_answered = descriptor >= 0 && answered(sent(descriptor, notice_look(descriptor, polled)), &reply);
    if (is_answered && shows_simulated_time)
        virtual_timer_advance(reply.time_ps / 1000);
    return reply.interrupted;
}

int clock_begin(uint64_t duration_ns, unsigned ends)
{
    memory_poll_note_call();
    settle_posted();
    int descriptor = connect_to_clock();
    if (descriptor < 0)
        return descriptor;
    return sent(descriptor,
                notice_sleep(descriptor, duration_ns, ends & CLOCK_UNTIL_INTERRUPT, ends & CLOCK_ENDS_OTHERWISE));
}

bool clock_end(int request, struct clock_answer *answer)
{
    struct notice_reply reply = {0};
    bool is_answered = answered(request, &reply);
    *answer = (struct clock_answer){.now_ns = reply.time_ps / 1000, .passed_ns = reply.passed_ps / 1000};
    answer->is_signalled = is_answered && shows_simulated_time && virtual_timer_advance(answer->now_ns);
    return is_answered;
}

/* A child that was forked meanwhile has it, too. */
void clock_cancel(int request)
{
    raw_syscall(SYS_shutdown, request, SHUT_RDWR);
    raw_syscall(SYS_close, request);
}

bool clock_pass(uint64_t duration_ns, uint64_t *now_ns)
{
    struct clock_answer answer;
    bool is_answered = clock_end(clock_begin(duration_ns, 0), &answer);
    if (now_ns != NULL)
        *now_ns = answer.now_ns;
    return is_answered;
}

/* 64 bits hold no more of them. */
static uint64_t to_ps(uint64_t ns)
{
    return ns < UINT64_MAX / 1000 ? ns * 1000 : UINT64_MAX;
}

static uint64_t tell_timers(void)
{
    struct notice_reply reply = {0};
    int descriptor = connect_to_clock();
    if (descriptor < 0)
        return 0;
    uint64_t next_ps = next_expiry == VIRTUAL_TIMER_NEVER ? 0 : next_expiry == 0 ? 1 : to_ps(next_expiry);
    answered(sent(descriptor, notice_timers(descriptor, next_ps, real_expiry)), &reply);
    return reply.time_ps / 1000;
}

static void tell_next(uint64_t next_ns)
{
    next_expiry = next_ns;
    tell_timers();
}

uint64_t clock_tell_real_timers(uint64_t left_ns)
{
    real_expiry = left_ns;
    return tell_timers();
}

bool clock_wait_for_timer(uint64_t *now_ns)
{
    struct notice_reply reply;
    int descriptor = connect_to_clock();
    if (descriptor < 0 || !answered(sent(descriptor, notice_timer_wait(descriptor)), &reply))
        return false;
    *now_ns = reply.time_ps / 1000;
    return true;
}
