// SPDX-License-Identifier: Apache-2.0
// deadline PATH WAY CYCLES LIMIT_MS ROUNDS: starts an axil_timer behind a UIO device that needs CYCLES, and waits for
// it for at most LIMIT_MS, as drivers do: `sleep` polls its status between sleeps of a millisecond, `clock` polls it
// with an eye on the clock, `counter` with one on the time-stamp counter, whose rate it has measured, `poll` waits for
// its interrupt with a timeout. Prints a line for each round.
#include <poll.h>
#include <time.h>
#include <x86intrin.h>

#include "device.h"

enum { CONTROL = 0x00, STATUS = 0x04, COUNT = 0x08, COMPARE = 0x0c, RUN = 1, INTERRUPT_ENABLE = 2 };

static volatile uint8_t *timer;
static int fd;
static unsigned polls;

static int is_ready(void)
{
    polls++;
    return device_read32(timer, STATUS) & 1;
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int by_sleep(int64_t limit_us)
{
    int64_t end = now_us() + limit_us;
    while (!is_ready()) {
        if (now_us() >= end)
            return 0;
        usleep(1000);
    }
    return 1;
}

static int by_clock(int64_t limit_us)
{
    int64_t end = now_us() + limit_us;
    while (!is_ready())
        if (now_us() >= end)
            return 0;
    return 1;
}

static int by_counter(int64_t limit_us)
{
    int64_t begin_us = now_us();
    uint64_t begin = __rdtsc();
    while (now_us() < begin_us + 100)
        continue;
    uint64_t per_us = (__rdtsc() - begin) / 100, end = begin + (uint64_t)limit_us * per_us;
    while (!is_ready())
        if (__rdtsc() >= end)
            return 0;
    return 1;
}

static int by_poll(int64_t limit_us)
{
    struct pollfd item = {.fd = fd, .events = POLLIN};
    return poll(&item, 1, (int)(limit_us / 1000)) == 1 && is_ready();
}

static const struct way {
    const char *name;
    int (*wait)(int64_t limit_us);
} ways[] = {{"sleep", by_sleep}, {"clock", by_clock}, {"counter", by_counter}, {"poll", by_poll}};

// Stopped, at 0, and with no interrupt on its way.
static void prepare(uint32_t cycles)
{
    uint32_t count, unmask = 1;
    device_write32(timer, CONTROL, 0);
    device_write32(timer, STATUS, 1);
    device_write32(timer, COUNT, 0);
    device_write32(timer, COMPARE, cycles);
    while (read(fd, &count, sizeof count) == sizeof count)
        continue;
    if (write(fd, &unmask, sizeof unmask) != sizeof unmask)
        exit(2);
    polls = 0;
}

int main(int argc, char **argv)
{
    const struct way *way = NULL;
    for (size_t i = 0; argc == 6 && i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, argv[2]) == 0)
            way = &ways[i];
    if (way == NULL)
        return 2;
    fd = open(argv[1], O_RDWR | O_NONBLOCK);
    timer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || timer == MAP_FAILED) {
        perror(argv[1]);
        return 2;
    }
    for (uint64_t round = number(argv[5]); round > 0; round--) {
        prepare((uint32_t)number(argv[3]));
        int64_t begin = now_us();
        device_write32(timer, CONTROL, RUN | INTERRUPT_ENABLE);
        int ready = way->wait((int64_t)number(argv[4]) * 1000);
        printf("%s after %lld us, %u polls\n", ready ? "ready" : "timeout", (long long)(now_us() - begin), polls);
    }
    return 0;
}
