// SPDX-License-Identifier: Apache-2.0
// posted PATH BASE WHAT [NUMBER]
// Writes to a device whose writes are posted, one way after the other; see `ways` at the end. Words of the device are
// memory from offset 0 on, but for those that the caller knows to be none.
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"

enum { WORDS = 1024 };

static volatile uint8_t *device;
static volatile int seen_signal, seen_code;
static void *volatile seen_address;

static uint32_t value_of(uint64_t i)
{
    return (uint32_t)(i * 2654435761u + 1);
}

static void fill(uint64_t from, uint64_t count, uint32_t salt)
{
    for (uint64_t i = from; i < from + count; i++)
        device_write32(device, 4 * (i % WORDS), value_of(i) ^ salt);
}

static uint64_t count_good(uint64_t from, uint64_t count, uint32_t salt)
{
    uint64_t good = 0;
    for (uint64_t i = from; i < from + count; i++)
        good += device_read32(device, 4 * (i % WORDS)) == (value_of(i) ^ salt);
    return good;
}

// The last `count` words of what was written stay.
static int way_words(uint64_t count)
{
    fill(0, count, 0);
    uint64_t last = count < WORDS ? count : WORDS;
    printf("%llu of %llu\n", (unsigned long long)count_good(count - last, last, 0), (unsigned long long)last);
    return 0;
}

static int way_leave(uint64_t count)
{
    fill(0, count, 0);
    _exit(0);
}

static int way_kill(uint64_t count)
{
    fill(0, count, 0);
    return kill(getpid(), SIGKILL);
}

static int way_exec(uint64_t count)
{
    fill(0, count, 0);
    return execl("/bin/echo", "echo", "another program", NULL);
}

static int way_for_ever(uint64_t unused)
{
    (void)unused;
    fill(0, WORDS, 0);
    puts("begun");
    fflush(stdout);
    for (uint64_t i = 0; i < UINT64_MAX; i += WORDS)
        fill(i, WORDS, 0);
    return 1;
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
    (void)context;
    seen_signal = number;
    seen_code = info->si_code;
    seen_address = info->si_addr;
}

__attribute__((noinline)) static void put(uint64_t offset, uint32_t value)
{
    *(volatile uint32_t *)(device + offset) = value;
}

__attribute__((noinline)) static uint32_t get(uint64_t offset)
{
    return device_read32(device, offset);
}

// Offset 0 is memory, a write of `offset` is refused. Then a read, whose handler returns to it.
static int way_bad(uint64_t offset)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    put(0, 1); // the bridge sees the first access of each instruction, whatever the lane
    get(0);
    put(0, 2);
    put(offset, 0xbad);
    put(0, 3);
    printf("signal %d; ", seen_signal);
    uint32_t value = get(0);
    printf("then %d, code %d, at +0x%llx; read %u\n", seen_signal, seen_code,
           (unsigned long long)((uint64_t)seen_address - (uint64_t)device), value);
    seen_signal = 0;
    value = get(0);
    printf("then %d, read %u\n", seen_signal, value);
    return 0;
}

static int way_bad_then_leave(uint64_t offset)
{
    put(0, 1);
    put(offset, 0xbad);
    return 0;
}

static void *half(void *argument)
{
    uint64_t from = (uint64_t)argument;
    for (uint32_t salt = 0; salt < 20; salt++)
        fill(from, WORDS / 4, salt);
    return (void *)count_good(from, WORDS / 4, 19);
}

static int way_threads(uint64_t unused)
{
    (void)unused;
    pthread_t other;
    void *good;
    pthread_create(&other, NULL, half, (void *)(uint64_t)(WORDS / 2));
    uint64_t own = (uint64_t)half((void *)0);
    pthread_join(other, &good);
    printf("%llu and %llu of %d\n", (unsigned long long)own, (unsigned long long)(uint64_t)good, WORDS / 4);
    return 0;
}

// The child sees what its parent has posted before, and the parent what the child has.
static int way_fork(uint64_t count)
{
    fill(0, count, 0);
    pid_t child = fork();
    if (child == 0) {
        uint64_t good = count_good(0, count, 0);
        fill(0, count, 5);
        _exit(good == count ? 0 : 1);
    }
    int status = -1;
    waitpid(child, &status, 0);
    printf("child %d, parent %llu\n", status, (unsigned long long)count_good(0, count, 5));
    return 0;
}

static int way_sleep(uint64_t count)
{
    fill(0, count, 0);
    struct timespec now = {0, 1000};
    nanosleep(&now, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("%lld.%09ld\n", (long long)now.tv_sec, now.tv_nsec);
    return 0;
}

static int way_copy(uint64_t bytes)
{
    uint8_t *from = aligned_alloc(4096, bytes), *back = aligned_alloc(4096, bytes); // pieces end with pages
    for (uint64_t i = 0; i < bytes; i++)
        from[i] = (uint8_t)(i * 7 + i / 251);
    uint8_t *to = (uint8_t *)device;
    uint64_t count = bytes;
    const uint8_t *source = from;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(source), "+c"(count) : : "memory");
    uint8_t *target = back;
    source = (const uint8_t *)device;
    count = bytes;
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(count) : : "memory");
    puts(memcmp(from, back, bytes) == 0 ? "alike" : "different");
    return 0;
}

static int way_rate(uint64_t count)
{
    struct timespec begin, end;
    fill(0, 8, 0);
    device_read32(device, 0);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    fill(0, count, 0);
    device_read32(device, 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec);
    printf("%.0f writes/s\n", (double)count / seconds);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(uint64_t number);
} ways[] = {
    {"words", way_words},       {"leave", way_leave}, {"kill", way_kill},       {"exec", way_exec},
    {"for_ever", way_for_ever}, {"bad", way_bad},     {"threads", way_threads}, {"bad_then_leave", way_bad_then_leave},
    {"fork", way_fork},         {"sleep", way_sleep}, {"copy", way_copy},       {"rate", way_rate}};

int main(int argc, char **argv)
{
    device = argc > 3 ? device_map(argv[1], number(argv[2]), argc > 5 ? number(argv[5]) : 4096) : NULL;
    for (size_t i = 0; device != NULL && i < sizeof ways / sizeof *ways; i++)
        if (strcmp(argv[3], ways[i].name) == 0)
            return ways[i].run(argc > 4 ? number(argv[4]) : 0);
    fputs("usage: posted PATH BASE WHAT [NUMBER [BYTES OF THE WINDOW]]\n", stderr);
    return 2;
}
