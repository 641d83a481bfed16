/* SPDX-License-Identifier: Apache-2.0 */
#include "lane_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "ground/broker.h"
#include "ground/errno_words.h"
#include "ground/looks.h"
#include "ground/own_descriptor.h"
#include "ground/raw_syscall.h"
#include "ground/report.h"
#include "ground/sandbox.h"
#include "ground/signal_safe.h"

static int descriptor = -1;
static uint64_t device, inode; /* the kernel gives each socket one of its own */
static time_t silence_limit_s; /* 0: none */
static bool has_processors;    /* more than one that this thread may run on */
static struct looks looks;
static char problem[256] = "it was never connected";

const char *lane_socket_problem(void)
{
    return problem;
}

int lane_socket_descriptor(void)
{
    return descriptor;
}

static void call_failed(const char *call, long failure)
{
    bool is_refused = failure == -EPERM || failure == -ENOSYS || failure == -EACCES;
    report_text(problem, sizeof problem, "%s fails with %s%s", call, errno_words(-failure),
                is_refused && sandbox_is_on() ? ", for the program has confined itself (seccomp)" : "");
}

static long look(struct stat *status)
{
    long failure = raw_syscall(SYS_fstat, descriptor, status);
    return failure < 0 ? failure : status->st_dev == device && status->st_ino == inode ? 1 : 0;
}

bool lane_socket_is_ours(void)
{
    struct stat status;
    if (descriptor >= 0 && sandbox_is_on())
        return true;
    long found = descriptor >= 0 ? look(&status) : -EBADF;
    if (found == 1)
        return true;
    if (found == 0)
        report_text(problem, sizeof problem,
                    "the program has put a file of its own in place of the agent's connection, descriptor %u",
                    (uint64_t)descriptor);
    else if (found == -EBADF)
        report_text(problem, sizeof problem,
                    "the program has closed the agent's connection to the bridge, descriptor %u", (uint64_t)descriptor);
    else
        call_failed("fstat", found);
    return false;
}

void lane_socket_drop(void)
{
    struct stat status;
    if (descriptor >= 0 && look(&status) == 1)
        raw_syscall(SYS_close, descriptor);
    descriptor = -1;
}

static unsigned count_processors(void)
{
    uint64_t mask[1024 / 64] = {0};
    unsigned found = 0;
    raw_syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    for (size_t i = 0; i < sizeof mask / sizeof mask[0]; i++)
        found += (unsigned)__builtin_popcountll(mask[i]);
    return found;
}

static void adopt(long made)
{
    struct stat status = {0};
    descriptor = (int)made;
    raw_syscall(SYS_fstat, descriptor, &status);
    device = status.st_dev;
    inode = status.st_ino;
    has_processors = count_processors() > 1;
}

/* A host that allows itself no more descriptors means its own; the number that is made so stays when the limit is
 * back. */
static long make_beyond_limit(int family)
{
    struct rlimit before, raised;
    long failure = raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &before);
    raised = (struct rlimit){before.rlim_max, before.rlim_max};
    if (failure < 0 || raised.rlim_cur <= before.rlim_cur ||
        raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &raised, NULL) < 0) {
        raised = (struct rlimit){2 * OWN_DESCRIPTORS, 2 * OWN_DESCRIPTORS}; /* takes privileges */
        if (failure < 0 || raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &raised, NULL) < 0)
            return -EMFILE;
    }
    long made = own_descriptor(raw_syscall(SYS_socket, family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &before, NULL);
    return made;
}

static long make_socket(int family)
{
    long made = raw_syscall(SYS_socket, family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return made == -EMFILE ? make_beyond_limit(family) : own_descriptor(made);
}

/* A connected socket, or -errno: the problem is known. */
static long connect_directly(const struct bridge_address *bridge)
{
    long failure, made = make_socket(bridge->address.ss_family);
    if (made < 0) {
        call_failed("making a socket", made);
        return made;
    }
    do
        failure = raw_syscall(SYS_connect, made, &bridge->address, bridge->length);
    while (failure == -EINTR);
    if (failure == 0)
        return made;
    raw_syscall(SYS_close, made);
    bool is_absent = failure == -ENOENT || failure == -ECONNREFUSED;
    call_failed(is_absent ? "no bridge answers: connecting to the address in TRAPLINE_BRIDGE"
                          : "connecting to the address in TRAPLINE_BRIDGE",
                failure);
    return failure;
}

long lane_socket_connect(const struct bridge_address *bridge)
{
    int one = 1;
    long made = connect_directly(bridge);
    long brokered = made < 0 ? broker_connect_bridge() : -1;
    if (brokered >= 0)
        made = own_descriptor(brokered);
    if (made < 0)
        return made;
    if (bridge->address.ss_family != AF_UNIX)
        raw_syscall(SYS_setsockopt, made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    adopt(made);
    return 0;
}

bool lane_socket_is_connected(void)
{
    struct pollfd end = {descriptor, POLLRDHUP, 0};
    return raw_syscall(SYS_ppoll, &end, 1, &(struct timespec){0}, NULL, 0) == 0;
}

bool lane_socket_move(void)
{
    long moved = raw_syscall(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, OWN_DESCRIPTORS);
    if (moved >= 0)
        descriptor = (int)moved;
    return moved >= 0;
}

/* What other programs allow themselves is reading and writing; without MSG_NOSIGNAL there is a SIGPIPE, of a host that
 * ends. */
static long send_some(const uint8_t *bytes, size_t count)
{
    return sandbox_is_on() ? raw_syscall(SYS_write, descriptor, bytes, count)
                           : raw_syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL, NULL, 0);
}

static void bridge_closed(void)
{
    report_text(problem, sizeof problem, "the bridge closed the connection");
}

bool lane_socket_send(const uint8_t *bytes, size_t count)
{
    if (!lane_socket_is_ours())
        return false;
    while (count > 0) {
        long sent = send_some(bytes, count);
        if (sent == -EINTR)
            continue;
        if (sent == -EPIPE || sent == -ECONNRESET)
            bridge_closed();
        else if (sent < 0)
            call_failed("sending to the bridge", sent);
        else if (sent == 0 || (size_t)sent > count)
            call_failed("sending to the bridge", -EIO);
        if (sent <= 0 || (size_t)sent > count)
            return false;
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

static int64_t now_ns(void)
{
    struct timespec now = {0};
    raw_syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Where there is another processor for the bridge. */
static bool look_for_bytes(struct pollfd *readable)
{
    bool is_found = false, is_alone = true;
    if (!has_processors || !looks_are_due(&looks))
        return false;
    for (int64_t began = now_ns(), last = began, now = began; !is_found && is_alone && now - began < LOOKS_NS;
         last = now) {
        raw_syscall(SYS_sched_yield);
        is_found = raw_syscall(SYS_ppoll, readable, 1, &(struct timespec){0}, NULL, 0) > 0;
        now = now_ns();
        is_alone = now - last < LOOKS_LONGEST_BETWEEN_NS;
    }
    looks_note(&looks, is_found && is_alone);
    return is_found;
}

/* A recv that waits on a UNIX socket is woken a second time, when the other end merely takes what we sent (the kernel's
 * unix_write_space); poll is not. 1: there is something, -EAGAIN after the silence that was set. */
static long wait_for_bytes(void)
{
    struct pollfd readable = {descriptor, POLLIN, 0};
    struct timespec limit = {silence_limit_s, 0};
    long found;
    if (sandbox_is_on() || look_for_bytes(&readable))
        return 1;
    do
        found = raw_syscall(SYS_ppoll, &readable, 1, silence_limit_s == 0 ? NULL : &limit, NULL, 0);
    while (found == -EINTR);
    return found == 0 ? -EAGAIN : 1;
}

long lane_socket_receive(uint8_t *bytes, size_t size)
{
    long count;
    if (!lane_socket_is_ours())
        return 0;
    if (wait_for_bytes() == -EAGAIN)
        return -EAGAIN;
    do
        count = sandbox_is_on() ? raw_syscall(SYS_read, descriptor, bytes, size)
                                : raw_syscall(SYS_recvfrom, descriptor, bytes, size, 0, NULL, NULL);
    while (count == -EINTR);
    if (count == -EAGAIN || (count > 0 && (size_t)count <= size))
        return count;
    if (count == 0 || count == -ECONNRESET)
        bridge_closed();
    else
        call_failed("receiving from the bridge", count < 0 ? count : -EIO);
    return 0;
}

void lane_socket_limit_silence(unsigned seconds)
{
    silence_limit_s = seconds;
    /* In a sandbox of the host's nobody can poll. */
    const struct timeval limit = {(time_t)seconds, 0};
    raw_syscall(SYS_setsockopt, descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}
