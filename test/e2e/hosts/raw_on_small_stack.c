// SPDX-License-Identifier: Apache-2.0
// raw_on_small_stack DEVICE   system calls by instructions of the program's own, with an alternate stack as Rust gives
// each of its threads: it has room for one frame of signals and as much beside it as 8 KiB leave where the processor
// has AVX-512. Beneath lies a page that nobody may touch. DEVICE is the UIO device of an axil_timer, which interrupts
// what waits. One child for each.
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"
#include "raw.h"
#include "signal_frame.h"

enum {
    BESIDE = 5120,
    PAGE = 4096,
    CONTROL = 0x00,
    STATUS = 0x04,
    COUNT = 0x08,
    COMPARE = 0x0c,
    RUN = 1,
    INTERRUPT_ENABLE = 2
};

static const char *path;
static int device;
static char text[4096];
static const struct timespec moment = {0, 1000000};

static long do_epoll(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, device, &event);
    return raw(SYS_epoll_wait, epoll, (long)&event, 1, -1, 0, 0);
}
static long do_epoll_for_a_moment(void)
{
    struct epoll_event event;
    return raw(SYS_epoll_wait, epoll_create1(0), (long)&event, 1, 1, 0, 0);
}
static long do_poll(void)
{
    struct pollfd item = {.fd = device, .events = POLLIN};
    return raw(SYS_poll, (long)&item, 1, -1, 0, 0, 0);
}
static long do_select(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(device, &set);
    return raw(SYS_pselect6, device + 1, (long)&set, 0, 0, 0, 0);
}
static long do_read(void)
{
    return raw(SYS_read, device, (long)text, 4, 0, 0, 0);
}
static long do_nanosleep(void)
{
    return raw(SYS_nanosleep, (long)&moment, 0, 0, 0, 0, 0);
}
static long do_futex(void)
{
    uint32_t word = 0;
    return raw(SYS_futex, (long)&word, FUTEX_WAIT_PRIVATE, 0, (long)&moment, 0, 0) == -ETIMEDOUT ? 0 : -1;
}
static long do_open(void)
{
    return raw(SYS_openat, AT_FDCWD, (long)path, O_RDWR, 0, 0, 0);
}
static long do_open_other(void)
{
    return raw(SYS_openat, AT_FDCWD, (long)"/etc/../etc/passwd", O_RDONLY, 0, 0, 0);
}
static long do_open_link(void)
{
    return raw(SYS_openat, AT_FDCWD, (long)"/proc/self/exe", O_RDONLY, 0, 0, 0);
}
static long do_stat(void)
{
    return raw(SYS_newfstatat, AT_FDCWD, (long)path, (long)text, 0, 0, 0);
}
static long do_readlink(void)
{
    return raw(SYS_readlink, (long)"/proc/self/exe", (long)text, sizeof text, 0, 0, 0);
}
static long do_directory(void)
{
    int directory = open("/sys/class/uio", O_RDONLY | O_DIRECTORY);
    return raw(SYS_getdents64, directory, (long)text, sizeof text, 0, 0, 0);
}
static long do_mask(void)
{
    return raw(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)text, 8, 0, 0);
}

static const struct {
    const char *name;
    long (*call)(void);
} calls[] = {
    {"epoll_wait", do_epoll},
    {"epoll_wait for a moment", do_epoll_for_a_moment},
    {"poll", do_poll},
    {"pselect6", do_select},
    {"read", do_read},
    {"nanosleep", do_nanosleep},
    {"futex", do_futex},
    {"openat", do_open},
    {"openat of another file", do_open_other},
    {"openat of a link", do_open_link},
    {"newfstatat", do_stat},
    {"readlink", do_readlink},
    {"getdents64", do_directory},
    {"rt_sigprocmask", do_mask},
};

static void work(long (*call)(void))
{
    size_t bytes = signal_frame_bytes() + BESIDE, whole = (bytes + PAGE - 1) / PAGE * PAGE;
    char *room = mmap(NULL, whole + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(room + PAGE, whole, PROT_READ | PROT_WRITE);
    stack_t stack = {.ss_sp = room + PAGE, .ss_size = bytes};
    device = open(path, O_RDWR);
    volatile uint8_t *timer = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
    device_write32(timer, CONTROL, 0);
    device_write32(timer, STATUS, 1);
    while (write(device, &(uint32_t){1}, 4) != 4)
        continue;
    sigaltstack(&stack, NULL);
    device_write32(timer, COUNT, 0);
    device_write32(timer, COMPARE, 1000);
    device_write32(timer, CONTROL, RUN | INTERRUPT_ENABLE);
    _exit(call() < 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    path = argv[1];
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        int how;
        fflush(stdout);
        if (fork() == 0)
            work(calls[i].call);
        wait(&how);
        printf("%s: %s\n", calls[i].name, WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : how == 0 ? "well" : "failed");
    }
    return 0;
}
