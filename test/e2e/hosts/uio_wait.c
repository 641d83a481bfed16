// SPDX-License-Identifier: Apache-2.0
// uio_wait PATH WAY COUNT: takes COUNT interrupts of an axil_timer behind a UIO device, each waited for by read, poll,
// select or epoll, and holds the device's own count to them.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "device.h"

enum { CONTROL = 0x00, STATUS = 0x04, COUNTER = 0x08, COMPARE = 0x0c, RUN = 1, INTERRUPT_ENABLE = 2, CYCLES = 300 };

static int wait_poll(int fd)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    return poll(&item, 1, -1) == 1 && item.revents == POLLIN;
}

static int wait_select(int fd)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fd, &set);
    return select(fd + 1, &set, NULL, NULL, NULL) == 1 && FD_ISSET(fd, &set);
}

static int wait_epoll(int fd)
{
    static int epoll = -1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll < 0 && ((epoll = epoll_create1(0)) < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0))
        return 0;
    return epoll_wait(epoll, &event, 1, -1) == 1 && event.data.fd == fd;
}

static int wait_read(int fd)
{
    return fd >= 0;
}

static const struct way {
    const char *name;
    int (*wait)(int fd);
} ways[] = {{"read", wait_read}, {"poll", wait_poll}, {"select", wait_select}, {"epoll", wait_epoll}};

int main(int argc, char **argv)
{
    const struct way *way = NULL;
    for (size_t i = 0; argc == 4 && i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, argv[2]) == 0)
            way = &ways[i];
    if (way == NULL)
        return 2;
    int fd = open(argv[1], O_RDWR);
    volatile uint8_t *timer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || timer == MAP_FAILED) {
        perror(argv[1]);
        return 2;
    }
    device_write32(timer, COMPARE, CYCLES);
    device_write32(timer, CONTROL, RUN | INTERRUPT_ENABLE);
    const uint32_t unmask = 1;
    uint32_t first = 0, count = 0;
    for (uint64_t i = 0; i < number(argv[3]); i++) {
        device_write32(timer, COUNTER, 0);
        if (!way->wait(fd) || read(fd, &count, sizeof count) != sizeof count || device_read32(timer, STATUS) != 1) {
            printf("interrupt %llu: %s\n", (unsigned long long)i, strerror(errno));
            return 1;
        }
        first = i == 0 ? count : first;
        device_write32(timer, STATUS, 1);
        if (write(fd, &unmask, sizeof unmask) != sizeof unmask)
            return 1;
    }
    printf("%s: interrupts %u to %u\n", way->name, first, count);
    return 0;
}
