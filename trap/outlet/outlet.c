/* SPDX-License-Identifier: Apache-2.0
 *
 * What Node does not offer, for the launcher (Node-API, so one build serves every Node). Writes that never block:
 * `tryWrite(fd, buffer, offset)` gives how many bytes were taken, 0 if that would block, or -errno; `waitFor(fd, ms)`
 * waits that long at most for room. `peerPid(fd)`: which process has connected to our UNIX socket, by the kernel's
 * word; 0 if that can't be known. `hasCapability(path)`: whether a program gains privileges by its file. And
 * `exchange(fd, request, answer, ms, looks)`, `lookAhead()`, `markedProcesses(mark, pids)`: see there; `mostPassed` is
 * LOOKS_MOST_PASSED, for who tries `exchange` in vain. The launcher's stdout and stderr are the host's, too, so
 * O_NONBLOCK, which belongs to the open file, must not be set on them.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "../ground/looks.h"

/* What of node_api.h and uv.h we need; their names and layouts are stable (Node-API version 2). */
typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env environment, napi_callback_info info);
int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
int napi_get_value_int32(napi_env, napi_value, int32_t *);
int napi_get_buffer_info(napi_env, napi_value, void **, size_t *);
struct uv_loop_s;
int napi_get_uv_event_loop(napi_env, struct uv_loop_s **);
int uv_backend_fd(const struct uv_loop_s *);
int uv_backend_timeout(const struct uv_loop_s *);
int napi_create_int32(napi_env, int32_t, napi_value *);
int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
int napi_set_named_property(napi_env, napi_value, const char *, napi_value);

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif

enum { STREAMS = 3, MOST_AT_ONCE = 1 << 16, SURE = 512 };

enum kind { UNKNOWN, PLAIN, SOCKET, OWN, SHARED };

/* Another open file of the same pipe or terminal, which may be one that never blocks. */
static struct stream {
    enum kind kind;
    int own;
} streams[STREAMS];

static void look(int fd, struct stream *stream)
{
    char path[32];
    struct stat found;
    stream->kind = PLAIN;
    if (fstat(fd, &found) != 0)
        return;
    if (S_ISSOCK(found.st_mode))
        stream->kind = SOCKET;
    if (!S_ISFIFO(found.st_mode) && !(S_ISCHR(found.st_mode) && isatty(fd)))
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    stream->own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    stream->kind = stream->own >= 0 ? OWN : SHARED;
}

static int has_room(int fd, int ms)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    return poll(&room, 1, ms) > 0;
}

/* Another user's pipe, which can't be opened. Kernels from 6.4 on know of it that it shall not wait; with older ones we
 * write little where there is room for more. */
static ssize_t write_shared(int fd, const char *bytes, size_t length)
{
    struct iovec piece = {(char *)bytes, length};
    ssize_t count = pwritev2(fd, &piece, 1, -1, RWF_NOWAIT);
    if (count >= 0 || errno != EOPNOTSUPP)
        return count;
    errno = EAGAIN;
    return has_room(fd, 0) ? write(fd, bytes, length < SURE ? length : SURE) : -1;
}

static ssize_t write_some(int fd, const char *bytes, size_t length)
{
    struct stream *stream = &streams[fd];
    if (stream->kind == UNKNOWN)
        look(fd, stream);
    if (stream->kind == SOCKET)
        return send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (stream->kind == SHARED)
        return write_shared(fd, bytes, length);
    return write(stream->kind == OWN ? stream->own : fd, bytes, length);
}

static napi_value give(napi_env environment, int32_t number)
{
    napi_value value = NULL;
    napi_create_int32(environment, number, &value);
    return value;
}

static napi_value try_write(napi_env environment, napi_callback_info info)
{
    size_t count = 3, length = 0;
    napi_value arguments[3];
    int32_t fd = -1, offset = 0;
    void *bytes = NULL;
    napi_get_cb_info(environment, info, &count, arguments, NULL, NULL);
    if (count < 3 || napi_get_value_int32(environment, arguments[0], &fd) ||
        napi_get_buffer_info(environment, arguments[1], &bytes, &length) ||
        napi_get_value_int32(environment, arguments[2], &offset) || fd < 0 || fd >= STREAMS || offset < 0 ||
        (size_t)offset > length)
        return give(environment, -EINVAL);
    length -= (size_t)offset;
    ssize_t taken = write_some(fd, (const char *)bytes + offset, length < MOST_AT_ONCE ? length : MOST_AT_ONCE);
    if (taken < 0)
        return give(environment, errno == EAGAIN || errno == EINTR ? 0 : -errno);
    return give(environment, (int32_t)taken);
}

static napi_value wait_for(napi_env environment, napi_callback_info info)
{
    size_t count = 2;
    napi_value arguments[2];
    int32_t fd = -1, ms = 0;
    napi_get_cb_info(environment, info, &count, arguments, NULL, NULL);
    if (count == 2 && !napi_get_value_int32(environment, arguments[0], &fd) &&
        !napi_get_value_int32(environment, arguments[1], &ms))
        return give(environment, has_room(fd, ms));
    return give(environment, 0);
}

static napi_value peer_pid(napi_env environment, napi_callback_info info)
{
    size_t count = 1;
    napi_value argument;
    int32_t fd = -1;
    struct ucred peer = {0};
    socklen_t length = sizeof peer;
    napi_get_cb_info(environment, info, &count, &argument, NULL, NULL);
    if (count < 1 || napi_get_value_int32(environment, argument, &fd) ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        return give(environment, 0);
    return give(environment, peer.pid);
}

/* The path is a buffer that ends in a zero; whoever has no such attribute, or a file system without, gains nothing. */
static napi_value has_capability(napi_env environment, napi_callback_info info)
{
    size_t count = 1, length = 0;
    napi_value argument;
    void *path = NULL;
    napi_get_cb_info(environment, info, &count, &argument, NULL, NULL);
    if (count < 1 || napi_get_buffer_info(environment, argument, &path, &length) || length == 0 ||
        ((const char *)path)[length - 1] != '\0')
        return give(environment, 0);
    return give(environment, getxattr(path, "security.capability", NULL, 0) > 0);
}

/* The word is one of those that a file has, each with a zero behind it, but perhaps the last. */
static bool has_word(int fd, const char *word, size_t length)
{
    static char bytes[1 << 16];
    size_t same = 0;
    bool differs = false;
    for (ssize_t count; (count = read(fd, bytes, sizeof bytes)) > 0;) {
        for (ssize_t i = 0; i < count; i++) {
            if (bytes[i] == '\0') {
                if (!differs && same == length)
                    return true;
                same = 0;
                differs = false;
            } else if (!differs && same < length && bytes[i] == word[same]) {
                same++;
            } else {
                differs = true;
            }
        }
    }
    return !differs && same == length;
}

/* Who was started with `mark`, a NAME=VALUE, in its environment, as far as that may be looked at: Node would make an
 * Error for each process that may not, and for each thread of the kernel. Writes as many numbers of processes as
 * there is room for, 32 bits each, and gives how many there are; -1 if nobody can tell. */
static napi_value marked_processes(napi_env environment, napi_callback_info info)
{
    size_t count = 2, length = 0, size = 0;
    napi_value arguments[2];
    void *mark = NULL, *pids = NULL;
    napi_get_cb_info(environment, info, &count, arguments, NULL, NULL);
    DIR *processes = NULL;
    if (count < 2 || napi_get_buffer_info(environment, arguments[0], &mark, &length) ||
        napi_get_buffer_info(environment, arguments[1], &pids, &size) || !(processes = opendir("/proc")))
        return give(environment, -1);
    int32_t found = 0;
    for (struct dirent *entry; (entry = readdir(processes));) {
        char path[sizeof entry->d_name + sizeof "/proc//environ"];
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/environ", entry->d_name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0)
            continue;
        if (has_word(file, mark, length)) {
            if ((size_t)found < size / sizeof(int32_t))
                ((int32_t *)pids)[found] = atoi(entry->d_name);
            found++;
        }
        close(file);
    }
    closedir(processes);
    return give(environment, found);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct looks for_answers, for_requests;

static bool look_for(struct pollfd *anything, struct looks *looks)
{
    bool is_found = false, is_alone = true;
    if (!looks_are_due(looks))
        return false;
    for (int64_t began = now_ns(), last = began, now = began; !is_found && is_alone && now - began < LOOKS_NS;
         last = now) {
        sched_yield();
        is_found = poll(anything, 1, 0) > 0;
        now = now_ns();
        is_alone = now - last < LOOKS_LONGEST_BETWEEN_NS;
    }
    looks_note(looks, is_found && is_alone);
    return is_found;
}

/* As the event loop of Node would wait, but not longer than `ms`: until anything comes, from wherever, which the loop
 * finds all the same, and not at all where it has something to do. A limit that would be the first of all timers of
 * this processor costs more than the whole wait where the processor is a virtual one. */
static void wait_as_loop(napi_env environment, int32_t ms, bool looks)
{
    struct uv_loop_s *loop = NULL;
    if (napi_get_uv_event_loop(environment, &loop) != 0)
        return;
    int own = uv_backend_timeout(loop);
    struct pollfd anything = {.fd = uv_backend_fd(loop), .events = POLLIN};
    if (own != 0 && !(looks && look_for(&anything, &for_answers)))
        poll(&anything, 1, own > 0 && own < ms ? own : ms);
}

/* Looks whether the event loop gets anything to do, which the loop finds all the same. */
static napi_value look_ahead(napi_env environment, napi_callback_info info)
{
    (void)info;
    struct uv_loop_s *loop = NULL;
    if (napi_get_uv_event_loop(environment, &loop) != 0)
        return NULL;
    struct pollfd anything = {.fd = uv_backend_fd(loop), .events = POLLIN};
    look_for(&anything, &for_requests);
    return NULL;
}

/* Sends a request on a socket of the event loop's and waits that long at most for the answer: what would take a turn
 * of the event loop, and the streams of Node, takes three calls of the kernel. How many bytes have come; 0: none in
 * time, or the loop has something else to do; -1 - COUNT: so many of the request were taken, and nobody has waited. */
static napi_value exchange(napi_env environment, napi_callback_info info)
{
    size_t count = 5, length = 0, size = 0;
    napi_value arguments[5];
    int32_t fd = -1, ms = 0, looks = 0;
    void *request = NULL, *answer = NULL;
    napi_get_cb_info(environment, info, &count, arguments, NULL, NULL);
    if (count < 5 || napi_get_value_int32(environment, arguments[0], &fd) ||
        napi_get_buffer_info(environment, arguments[1], &request, &length) ||
        napi_get_buffer_info(environment, arguments[2], &answer, &size) ||
        napi_get_value_int32(environment, arguments[3], &ms) ||
        napi_get_value_int32(environment, arguments[4], &looks) || ms < 0 || length > INT32_MAX - 1 || size > INT32_MAX)
        return give(environment, -1);
    ssize_t sent = send(fd, request, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 || (size_t)sent < length)
        return give(environment, -1 - (int32_t)(sent < 0 ? 0 : sent));
    wait_as_loop(environment, ms, looks);
    ssize_t came = recv(fd, answer, size, MSG_DONTWAIT);
    /* An end is found once more by the event loop. */
    return give(environment, (int32_t)(came < 0 ? 0 : came));
}

static void offer(napi_env environment, napi_value exports, const char *name, napi_callback function)
{
    napi_value value = NULL;
    if (napi_create_function(environment, name, SIZE_MAX, function, NULL, &value) == 0)
        napi_set_named_property(environment, exports, name, value);
}

__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env environment, napi_value exports)
{
    offer(environment, exports, "tryWrite", try_write);
    offer(environment, exports, "waitFor", wait_for);
    offer(environment, exports, "peerPid", peer_pid);
    offer(environment, exports, "hasCapability", has_capability);
    offer(environment, exports, "markedProcesses", marked_processes);
    offer(environment, exports, "exchange", exchange);
    offer(environment, exports, "lookAhead", look_ahead);
    napi_set_named_property(environment, exports, "mostPassed", give(environment, LOOKS_MOST_PASSED));
    return exports;
}
