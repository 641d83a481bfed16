/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "notice.h"
#include "raw_syscall.h"
#include "virtual_timer.h"
#include "signal_safe.h"

static struct sockaddr_un address;
static bool shows_simulated_time;
static uint64_t epoch;

void clock_init(const char *socket_path, bool is_virtual, uint64_t epoch_ns)
{
    size_t length = strlen(socket_path);
    if (length >= sizeof address.sun_path)
        return;
    address.sun_family = length > 0 ? AF_UNIX : AF_UNSPEC;
    memcpy(address.sun_path, socket_path, length + 1);
    shows_simulated_time = is_virtual && length > 0;
    epoch = epoch_ns;
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
    long made = raw_syscall(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0)
        return (int)made;
    long failure = raw_syscall(SYS_connect, made, &address, offsetof(struct sockaddr_un, sun_path) + strlen(address.sun_path) + 1);
    if (failure == 0)
        return (int)made;
    raw_syscall(SYS_close, made);
    return (int)failure;
}

bool clock_control_interrupt(uint32_t device, bool unmask)
{
    int descriptor = connect_to_clock();
    if (descriptor < 0)
        return false;
    bool done = notice_interrupt_control(descriptor, device, unmask);
    raw_syscall(SYS_close, descriptor);
    return done;
}

/* The bridge is gone: the next access says so. */
bool clock_look(const struct memory_poll *polled)
{
    uint64_t time_ps;
    bool interrupted = false;
    int descriptor = connect_to_clock();
    if (descriptor < 0)
        return false;
    int failure = notice_look(descriptor, polled, &time_ps, &interrupted);
    raw_syscall(SYS_close, descriptor);
    if (failure == 0 && shows_simulated_time)
        virtual_timer_advance(time_ps / 1000);
    return interrupted;
}

enum clock_result clock_pass(uint64_t duration_ns, bool until_interrupt, uint64_t *now_ns)
{
    uint64_t time_ps = 0;
    memory_poll_note_call();
    bool interrupted = false;
    int descriptor = connect_to_clock();
    if (descriptor < 0)
        return CLOCK_NONE;
    int result = notice_sleep(descriptor, duration_ns, until_interrupt, &time_ps, &interrupted);
    raw_syscall(SYS_close, descriptor);
    if (now_ns != NULL)
        *now_ns = time_ps / 1000;
    if (result == 0 && shows_simulated_time && virtual_timer_advance(time_ps / 1000))
        return CLOCK_SIGNALLED;
    return result == -EINTR ? CLOCK_SIGNALLED : result < 0 ? CLOCK_NONE : interrupted ? CLOCK_INTERRUPTED : CLOCK_PASSED;
}
