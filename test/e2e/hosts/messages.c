// SPDX-License-Identifier: Apache-2.0
// messages PATH: sends descriptors of the file, with and without credentials, to receivers with too little and too much
// room for them. A line for each: what the receiver got. It is the same for every file.
#include <sys/socket.h>

#include "device.h"

enum { MOST = 3, MOST_ROOM = 88 };

static void send_descriptors(int socket, const char *path, int count)
{
    char byte = 'm', control[CMSG_SPACE(MOST * sizeof(int))] = {0};
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    int descriptors[MOST];
    for (int i = 0; i < count; i++)
        descriptors[i] = open(i % 2 == 0 ? path : "/dev/null", O_RDWR);
    if (count > 0) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *item = CMSG_FIRSTHDR(&message);
        *item = (struct cmsghdr){CMSG_LEN((size_t)count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(item), descriptors, (size_t)count * sizeof(int));
    }
    if (sendmsg(socket, &message, 0) != 1)
        exit(1);
    for (int i = 0; i < count; i++)
        close(descriptors[i]);
}

// Each can be locked, for it came whole, and is closed.
static void tell_descriptors(const struct cmsghdr *item)
{
    size_t count = (item->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        struct flock lock = {.l_type = F_WRLCK};
        int fd;
        memcpy(&fd, CMSG_DATA(item) + i * sizeof fd, sizeof fd);
        printf(" %d %d", fcntl(fd, F_GETFD), fcntl(fd, F_OFD_SETLK, &lock));
        close(fd);
    }
}

static void receive(int socket, size_t room, int flags)
{
    char byte, control[MOST_ROOM];
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
    ssize_t got = recvmsg(socket, &message, flags);
    printf("%zd, flags %x, control %zu", got, (unsigned)message.msg_flags, (size_t)message.msg_controllen);
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item != NULL; item = CMSG_NXTHDR(&message, item)) {
        printf(", type %d of %zu:", item->cmsg_type, (size_t)item->cmsg_len);
        if (item->cmsg_type == SCM_RIGHTS)
            tell_descriptors(item);
    }
}

static void pass(const char *path, int count, size_t room, int has_credentials)
{
    int sockets[2], next;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets) != 0)
        exit(1);
    setsockopt(sockets[1], SOL_SOCKET, SO_PASSCRED, &has_credentials, sizeof has_credentials);
    send_descriptors(sockets[0], path, count);
    printf("%d in %zu%s: ", count, room, has_credentials ? " with credentials" : "");
    receive(sockets[1], room, has_credentials ? MSG_CMSG_CLOEXEC : 0);
    close(sockets[0]);
    close(sockets[1]);
    next = open("/dev/null", O_RDONLY);
    printf(", next %d\n", next);
    close(next);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    close(open(argv[1], O_RDWR));
    for (int count = 0; count <= MOST; count++)
        for (size_t room = 0; room <= MOST_ROOM; room += 4) {
            pass(argv[1], count, room, 0);
            pass(argv[1], count, room, 1);
        }
    return 0;
}
