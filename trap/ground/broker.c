/* SPDX-License-Identifier: Apache-2.0 */
#include "broker.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "raw_syscall.h"
#include "signal_safe.h"

static int number = -1;
static uint64_t inode;
static const char *directory = "";

static uint64_t decimal(const char **text)
{
    uint64_t value = 0;
    for (; **text >= '0' && **text <= '9'; ++*text)
        value = value * 10 + (uint64_t)(**text - '0');
    return value;
}

void broker_init(const char *text, const char *run_directory)
{
    if (text == NULL)
        return;
    directory = run_directory;
    number = (int)decimal(&text);
    inode = *text == ':' ? (text++, decimal(&text)) : 0;
}

bool broker_is_there(void)
{
    struct stat status;
    return number >= 0 && raw_syscall(SYS_fstat, number, &status) == 0 && S_ISSOCK(status.st_mode) &&
           status.st_ino == inode;
}

int broker_descriptor(void)
{
    return number;
}

int broker_pid(void)
{
    struct ucred peer = {0};
    socklen_t length = sizeof peer;
    bool is_known = broker_is_there() &&
                    raw_syscall(SYS_getsockopt, number, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0;
    return is_known ? peer.pid : 0;
}

union rights {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
};

/* `back` goes along, for the answer. */
static long ask(int kind, const char *name, int back)
{
    char word = (char)kind;
    struct iovec pieces[] = {{&word, 1}, {(char *)name, strlen(name)}};
    union rights rights = {
        .header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof back)}};
    struct msghdr message = {
        .msg_iov = pieces, .msg_iovlen = 2, .msg_control = &rights, .msg_controllen = sizeof rights};
    long sent;
    memcpy(CMSG_DATA(&rights.header), &back, sizeof back);
    do
        sent = raw_syscall(SYS_sendmsg, number, &message, MSG_NOSIGNAL);
    while (sent == -EINTR);
    return sent;
}

/* The descriptor that came, 0 if none was asked for, or what the keeper could not do. */
static long receive(int back, struct broker_answer *answer, bool with_descriptor)
{
    struct iovec piece = {answer, sizeof *answer};
    union rights rights;
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
    int descriptor;
    long got;
    do
        got = raw_syscall(SYS_recvmsg, back, &message, MSG_CMSG_CLOEXEC);
    while (got == -EINTR);
    if (got != sizeof *answer)
        return got < 0 ? got : -ECONNREFUSED;
    if (answer->failure != 0)
        return answer->failure > 0 ? -answer->failure : -EIO;
    if (!with_descriptor)
        return 0;
    if (message.msg_controllen < CMSG_LEN(sizeof descriptor))
        return -EMFILE;
    memcpy(&descriptor, CMSG_DATA(&rights.header), sizeof descriptor);
    return descriptor;
}

static long request(int kind, const char *name, struct broker_answer *answer)
{
    int ends[2];
    if (!broker_is_there())
        return -EBADF;
    long result = raw_syscall(SYS_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    if (result < 0)
        return result;
    result = ask(kind, name, ends[1]);
    raw_syscall(SYS_close, ends[1]);
    if (result >= 0)
        result = receive(ends[0], answer, kind != BROKER_LOOK);
    raw_syscall(SYS_close, ends[0]);
    return result;
}

/* What is behind "the run directory/"; NULL for other paths. */
static const char *name_of(const char *path)
{
    size_t length = strlen(directory);
    return length > 0 && strncmp(path, directory, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static long request_path(int kind, const char *path, struct broker_answer *answer)
{
    const char *name = name_of(path);
    return name != NULL ? request(kind, name, answer) : -ENOENT;
}

long broker_connect_bridge(void)
{
    struct broker_answer answer;
    return request(BROKER_BRIDGE, "", &answer);
}

long broker_connect(const char *path)
{
    struct broker_answer answer;
    return request_path(BROKER_CONNECT, path, &answer);
}

long broker_open(const char *path, int flags)
{
    struct broker_answer answer;
    int mode = flags & O_ACCMODE;
    if (flags & O_PATH)
        return -EACCES;
    long made = request_path(mode == O_RDONLY   ? BROKER_READ
                             : mode == O_WRONLY ? BROKER_WRITE
                                                : BROKER_BOTH,
                             path, &answer);
    if (made < 0)
        return made;
    raw_syscall(SYS_fcntl, made, F_SETFL, flags & O_NONBLOCK);
    raw_syscall(SYS_fcntl, made, F_SETFD, flags & O_CLOEXEC ? FD_CLOEXEC : 0);
    return made;
}

long broker_look(const char *path, uint64_t *dev, uint64_t *ino)
{
    struct broker_answer answer;
    long result = request_path(BROKER_LOOK, path, &answer);
    *dev = answer.dev;
    *ino = answer.ino;
    return result;
}
