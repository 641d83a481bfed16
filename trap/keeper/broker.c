/* SPDX-License-Identifier: Apache-2.0 */
#include "broker.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ground/broker.h"
#include "ground/own_descriptor.h"
#include "lane/bridge_address.h"

enum { ROOM = 16, LONGEST_NAME = 255 };

static int own_end;
static struct bridge_address bridge;
static const char *run_directory;

static bool find_places(void)
{
    const char *address = getenv("TRAPLINE_KEPT_BRIDGE");
    run_directory = getenv("TRAPLINE_KEPT_RUN_DIR");
    return address != NULL && run_directory != NULL && bridge_address_parse(address, &bridge);
}

/* As the agent's own are, or as near to that as the limit lets it be. */
static int move_away(int descriptor)
{
    struct rlimit limit;
    int lowest = OWN_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < OWN_DESCRIPTORS + ROOM)
        lowest = (int)limit.rlim_cur - ROOM;
    int moved = lowest > ROOM ? fcntl(descriptor, F_DUPFD, lowest) : -1;
    close(descriptor);
    return moved;
}

int broker_make(void)
{
    int ends[2];
    char text[64];
    struct stat status;
    unsetenv(BROKER_VARIABLE);
    if (!find_places() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    own_end = ends[0];
    int inherited = move_away(ends[1]);
    if (inherited < 0 || fstat(inherited, &status) != 0) {
        close(own_end);
        return -1;
    }
    snprintf(text, sizeof text, "%d:%llu", inherited, (unsigned long long)status.st_ino);
    setenv(BROKER_VARIABLE, text, 1);
    return inherited;
}

/* A file of the run directory or of the folder of nodes in it, and of nowhere else. */
static bool find(const char *name, char *path, size_t size)
{
    static const char nodes[] = "nodes/";
    const char *file = strncmp(name, nodes, sizeof nodes - 1) == 0 ? name + sizeof nodes - 1 : name;
    if (file[0] == 0 || strchr(file, '/') != NULL || strcmp(file, ".") == 0 || strcmp(file, "..") == 0)
        return false;
    int length = snprintf(path, size, "%s/%s", run_directory, name);
    return length > 0 && (size_t)length < size;
}

static int reach(const struct sockaddr *address, socklen_t length)
{
    int descriptor = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, address, length) == 0)
        return descriptor;
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
}

static int connect_to(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    errno = EINVAL;
    return find(name, address.sun_path, sizeof address.sun_path)
               ? reach((const struct sockaddr *)&address, sizeof address)
               : -1;
}

static int open_file(const char *name, int mode)
{
    char path[4096];
    errno = EINVAL;
    return find(name, path, sizeof path) ? open(path, mode | O_CLOEXEC | O_NONBLOCK) : -1;
}

/* Without opening it: whoever asks may hold record locks on it, which a close of ours would not end, but one of its own
 * would. */
static int32_t look(const char *name, struct broker_answer *answer)
{
    char path[4096];
    struct stat status;
    if (!find(name, path, sizeof path))
        return EINVAL;
    if (stat(path, &status) != 0)
        return errno;
    answer->dev = status.st_dev;
    answer->ino = status.st_ino;
    return 0;
}

union rights {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
};

static void give(int back, struct broker_answer *answer, int descriptor)
{
    struct iovec piece = {answer, sizeof *answer};
    union rights rights = {
        .header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof descriptor)}};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    memcpy(CMSG_DATA(&rights.header), &descriptor, sizeof descriptor);
    if (descriptor >= 0) {
        message.msg_control = &rights;
        message.msg_controllen = sizeof rights;
    }
    /* A socket of whoever asks, who may not read it. */
    sendmsg(back, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* -1 with errno. */
static int make(int kind, const char *name)
{
    switch (kind) {
    case BROKER_BRIDGE:
        return reach((const struct sockaddr *)&bridge.address, bridge.length);
    case BROKER_CONNECT:
        return connect_to(name);
    case BROKER_READ:
        return open_file(name, O_RDONLY);
    case BROKER_WRITE:
        return open_file(name, O_WRONLY);
    case BROKER_BOTH:
        return open_file(name, O_RDWR);
    default:
        errno = EINVAL;
        return -1;
    }
}

static void serve(const char *request, int back)
{
    struct broker_answer answer = {0};
    int descriptor = -1;
    if (request[0] == BROKER_LOOK)
        answer.failure = look(request + 1, &answer);
    else if ((descriptor = make(request[0], request + 1)) < 0)
        answer.failure = errno;
    give(back, &answer, descriptor);
    if (descriptor >= 0)
        close(descriptor);
}

/* False when nobody is left who could ask. */
static bool serve_next(void)
{
    char request[LONGEST_NAME + 2];
    union rights rights;
    struct iovec piece = {request, sizeof request - 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
    ssize_t length = recvmsg(own_end, &message, MSG_CMSG_CLOEXEC);
    int back = -1;
    if (length <= 0)
        return length < 0 && errno == EINTR;
    request[length] = 0;
    if (message.msg_controllen >= CMSG_LEN(sizeof back) && rights.header.cmsg_type == SCM_RIGHTS)
        memcpy(&back, CMSG_DATA(&rights.header), sizeof back);
    if (back >= 0 && !(message.msg_flags & MSG_TRUNC))
        serve(request, back);
    if (back >= 0)
        close(back);
    return true;
}

static void *serve_all(void *unused)
{
    while (serve_next())
        continue;
    close(own_end);
    return unused;
}

void broker_serve(int inherited)
{
    sigset_t all, before;
    pthread_t thread;
    if (inherited < 0)
        return;
    close(inherited);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, serve_all, NULL) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
