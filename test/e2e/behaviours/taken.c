// SPDX-License-Identifier: Apache-2.0
// Descriptors taken away: closed or replaced by number, also by ways that no library sees. A device that is mapped
// stays so, and what the program puts elsewhere gets nothing that the program did not write.
#include "behaviour.h"
#include "machine.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { LOWEST = 3, HIGHEST = 4096 };

static volatile uint8_t *device;

static void close_each(void)
{
    for (int fd = LOWEST; fd < HIGHEST; fd++)
        raw_call(SYS_close, fd, 0, 0);
}

static void close_range_of_all(void)
{
    REQUIRE(raw_call(SYS_close_range, LOWEST, ~0u, 0) == 0);
}

static void still_there(void (*take)(void))
{
    device = map_device();
    use_device(device, 0);
    take();
    use_device(device, 4);
    take();
    device = map_device();
    use_device(device, 8);
    pid_t child = fork();
    if (child == 0) {
        take();
        use_device(device, 12);
        _exit(0);
    }
    require_success(child);
}

static void closed_each(void)
{
    still_there(close_each);
}
static void closed_range(void)
{
    still_there(close_range_of_all);
}

static void before_the_first_access(void)
{
    device = map_device();
    close_each();
    use_device(device, 0);
}

static long by_name(int from, int onto)
{
    return dup2(from, onto);
}
static long by_number(int from, int onto)
{
    return raw_call(SYS_dup2, from, onto, 0);
}
static long with_flags(int from, int onto)
{
    return raw_call(SYS_dup3, from, onto, O_CLOEXEC);
}

// A socket of the program on every number: whoever is at its other end hears nothing, and what it says stays there.
static void replaced_by_a_socket(long (*replace)(int from, int onto))
{
    int ends[2];
    char said[] = "for the program", heard[sizeof said];
    device = map_device();
    use_device(device, 0);
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && send(ends[1], said, sizeof said, 0) == sizeof said);
    for (int fd = 10; fd < 1020; fd++)
        REQUIRE(replace(ends[0], fd) == fd);
    use_device(device, 4);
    pid_t child = fork();
    if (child == 0) {
        use_device(device, 8);
        _exit(0);
    }
    require_success(child);
    struct pollfd other = {.fd = ends[1], .events = POLLIN};
    REQUIRE(poll(&other, 1, 0) == 0);
    REQUIRE(recv(ends[0], heard, sizeof heard, MSG_DONTWAIT) == sizeof heard && memcmp(said, heard, sizeof said) == 0);
}

static void dup2_by_name(void)
{
    replaced_by_a_socket(by_name);
}
static void dup2_by_number(void)
{
    replaced_by_a_socket(by_number);
}
static void dup3_by_number(void)
{
    replaced_by_a_socket(with_flags);
}

static void replaced_by_a_file(void)
{
    char name[] = "/tmp/behaviour-XXXXXX";
    device = map_device();
    use_device(device, 0);
    int file = mkstemp(name);
    REQUIRE(file >= 0 && unlink(name) == 0);
    for (int fd = 10; fd < 1020; fd++)
        REQUIRE(raw_call(SYS_dup2, file, fd, 0) == fd);
    use_device(device, 4);
    REQUIRE(lseek(file, 0, SEEK_END) == 0);
}

// vfork: the child has the parent's memory, but descriptors of its own.
static void replaced_after_vfork(void)
{
    device = map_device();
    use_device(device, 0);
    int null = open("/dev/null", O_RDWR);
    pid_t child = vfork();
    if (child == 0) {
        for (int fd = 10; fd < 1020; fd++)
            if (dup2(null, fd) != fd)
                _exit(1);
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    require_success(child);
    use_device(device, 4);
}

static void no_more_allowed(void)
{
    struct rlimit limit;
    device = map_device();
    use_device(device, 0);
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = LOWEST;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    use_device(device, 4);
    pid_t child = fork();
    if (child == 0) {
        use_device(device, 8);
        REQUIRE(dup(0) == -1 && errno == EMFILE);
        _exit(0);
    }
    require_success(child);
    close_each();
    use_device(device, 12);
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == LOWEST);
}

const struct behaviour behaviours[] = {
    {.name = "each closed by the system call", .show = closed_each},
    {.name = "all closed by close_range, the system call", .show = closed_range},
    {.name = "all closed before the first access", .show = before_the_first_access},
    {.name = "a socket on each by dup2", .show = dup2_by_name},
    {.name = "a socket on each by dup2, the system call", .show = dup2_by_number},
    {.name = "a socket on each by dup3, the system call", .show = dup3_by_number},
    {.name = "a file on each by dup2, the system call", .show = replaced_by_a_file},
    {.name = "a file on each after vfork", .show = replaced_after_vfork},
    {.name = "no more allowed", .show = no_more_allowed},
    {.name = NULL},
};
