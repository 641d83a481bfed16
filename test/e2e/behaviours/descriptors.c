// SPDX-License-Identifier: Apache-2.0
// Descriptors: closed, duplicated and passed on in every way.
#include "behaviour.h"

#include <sys/socket.h>

static volatile uint8_t *device;
static char *no_environment[] = {NULL};

// As daemon(3) of old: two forks, all descriptors closed. The pipe's end tells that the grandchild is done.
static void daemonise(void (*close_all)(int kept))
{
    int ends[2];
    uint8_t result = 0;
    device = map_device();
    use_device(device, 0);
    REQUIRE(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() != 0)
            _exit(0);
        REQUIRE(dup2(ends[1], 3) == 3);
        close_all(3);
        use_device(device, 16);
        volatile uint8_t *again = map_device();
        use_device(again, 16);
        REQUIRE(write(3, "k", 1) == 1);
        _exit(0);
    }
    require_success(child);
    close(ends[1]);
    REQUIRE(read(ends[0], &result, 1) == 1 && result == 'k');
    use_device(device, 0);
}

static void close_each(int kept)
{
    for (int fd = 0; fd < 1024; fd++)
        if (fd != kept)
            close(fd);
}
static void close_by_range(int kept)
{
    close_range(0, (unsigned)kept - 1, 0);
    REQUIRE(close_range((unsigned)kept + 1, ~0u, 0) == 0);
}
static void close_by_closefrom(int kept)
{
    closefrom(kept + 1);
}
static void daemon_closing_each(void)
{
    daemonise(close_each);
}
static void daemon_closing_range(void)
{
    daemonise(close_by_range);
}
static void daemon_closing_from(void)
{
    daemonise(close_by_closefrom);
}

static void close_all_here(void)
{
    device = map_device();
    use_device(device, 0);
    close_each(STDERR_FILENO);
    use_device(device, 0);
    device = map_device();
    use_device(device, 0);
}

// The least numbers are taken by dup2, whatever was there.
static void overwrite_all_here(void)
{
    device = map_device();
    use_device(device, 0);
    int null = open("/dev/null", O_RDWR);
    for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
        if (fd != null)
            dup2(null, fd);
    use_device(device, 0);
}

static void use_descriptor(int fd)
{
    volatile uint8_t *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, device_base);
    REQUIRE(mapped != MAP_FAILED);
    use_device(mapped, 32);
}

static void duplicated(void)
{
    int fd = open_device(O_RDWR);
    int copies[] = {dup(fd), dup2(fd, 100), dup3(fd, 101, O_CLOEXEC), fcntl(fd, F_DUPFD, 50),
                    fcntl(fd, F_DUPFD_CLOEXEC, 60)};
    close(fd);
    for (unsigned i = 0; i < sizeof copies / sizeof copies[0]; i++) {
        REQUIRE(copies[i] >= 0);
        use_descriptor(copies[i]);
        REQUIRE(close(copies[i]) == 0);
    }
}

enum { PASSED = 77 };

static void given(void)
{
    use_descriptor(PASSED);
}

static void passed_by_exec(void)
{
    device = map_device();
    pid_t child = fork();
    if (child == 0) {
        REQUIRE(dup2(open_device(O_RDWR), PASSED) == PASSED);
        execve("/proc/self/exe", step_arguments("given"), no_environment);
        _exit(1);
    }
    require_success(child);
}

static void not_given(void)
{
    REQUIRE(fcntl(PASSED, F_GETFD) == -1 && errno == EBADF);
}

static void kept_by_cloexec(void)
{
    pid_t child = fork();
    if (child == 0) {
        REQUIRE(dup3(open_device(O_RDWR), PASSED, O_CLOEXEC) == PASSED);
        REQUIRE(fcntl(open_device(O_RDWR | O_CLOEXEC), F_GETFD) == FD_CLOEXEC &&
                fcntl(open_device(O_RDWR), F_GETFD) == 0);
        execv("/proc/self/exe", step_arguments("not given"));
        _exit(1);
    }
    require_success(child);
}

static void send_descriptor(int socket, int fd)
{
    char byte = 'd', control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec piece = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    REQUIRE(sendmsg(socket, &message, 0) == 1);
}

static int receive_descriptor(int socket)
{
    int fd;
    char byte, control[CMSG_SPACE(sizeof fd)];
    struct iovec piece = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    REQUIRE(recvmsg(socket, &message, 0) == 1 && CMSG_FIRSTHDR(&message) != NULL);
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

static void receiving(void)
{
    use_descriptor(receive_descriptor(PASSED));
}

static void passed_by_socket(void)
{
    int sockets[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    pid_t child = fork();
    if (child == 0) {
        REQUIRE(dup2(sockets[1], PASSED) == PASSED);
        execv("/proc/self/exe", step_arguments("receiving"));
        _exit(1);
    }
    send_descriptor(sockets[0], open_device(O_RDWR));
    require_success(child);
}

const struct behaviour behaviours[] = {
    {.name = "daemon that closes each descriptor", .show = daemon_closing_each},
    {.name = "daemon that closes by close_range", .show = daemon_closing_range},
    {.name = "daemon that closes by closefrom", .show = daemon_closing_from},
    {.name = "closing each descriptor", .show = close_all_here},
    {.name = "dup2 onto each descriptor", .show = overwrite_all_here},
    {.name = "dup, dup2, dup3, F_DUPFD", .show = duplicated},
    {.name = "descriptor passed through exec", .show = passed_by_exec},
    {.name = "descriptor kept by O_CLOEXEC", .show = kept_by_cloexec},
    {.name = "descriptor passed by SCM_RIGHTS", .show = passed_by_socket},
    {.name = "given", .show = given, .is_step = true},
    {.name = "not given", .show = not_given, .is_step = true},
    {.name = "receiving", .show = receiving, .is_step = true},
    {.name = NULL},
};
