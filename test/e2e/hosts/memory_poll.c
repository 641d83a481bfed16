// SPDX-License-Identifier: Apache-2.0
// Posts one descriptor to cores/descriptor_ring.sv and waits for its completion by looking at memory alone, in the way
// that is asked for. Prints the completion, and how many completions the device itself counts behind it.
//   memory_poll KIND DELAY     DELAY is in cycles of the device
#include <emmintrin.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"

enum { BASE = 0x00, DOORBELL = 0x04, DONE = 0x0c, DELAY = 0x10 };
enum { WORDS = 0x2000 / 4, COMPLETION = 0x200, NOTES = 0x300, LOCK = 0x400 };
static const uint32_t done_bit = 0x80000000;

static volatile uint8_t *device;
static volatile uint32_t *memory;

static volatile uint32_t *completion(void)
{
    return memory + COMPLETION;
}

static void spin_32(void)
{
    while (!(*completion() & done_bit))
        _mm_pause();
}

static void spin_8(void)
{
    while (!(((volatile uint8_t *)completion())[3] & 0x80))
        ;
}

static void spin_16(void)
{
    while (((volatile uint16_t *)completion())[1] == 0)
        ;
}

static void spin_64(void)
{
    while (*(volatile uint64_t *)completion() == 0)
        ;
}

static void spin_vector(void)
{
    const __m128i zero = _mm_setzero_si128();
    while (_mm_movemask_epi8(_mm_cmpeq_epi32(*(volatile __m128i *)completion(), zero)) == 0xffff)
        ;
}

static void spin_exchange(void)
{
    while (__atomic_exchange_n(completion(), 0, __ATOMIC_SEQ_CST) == 0)
        ;
    *completion() = 0x80001000;
}

static void spin_compare(void)
{
    while (!__sync_bool_compare_and_swap(completion(), 0x80001000, 0x80001000))
        ;
}

static void spin_add(void)
{
    while (__atomic_fetch_add(completion(), 0, __ATOMIC_SEQ_CST) == 0)
        ;
}

static void spin_string(void)
{
    uint64_t left = 4;
    const volatile void *at;
    do {
        at = completion();
        left = 4;
        __asm__ volatile("repe scasb" : "+D"(at), "+c"(left) : "a"(0) : "memory", "cc");
    } while (left == 0 && !(*completion() & done_bit));
}

// A driver that keeps its notes beside what it polls.
static void spin_with_notes(void)
{
    while (!(*completion() & done_bit))
        memory[NOTES]++;
}

// The whole ring in turn, as a driver of many queues does.
static void scan_ring(void)
{
    for (unsigned i = 0; !(memory[COMPLETION + i % 64] & done_bit); i++)
        ;
}

static void compare_block(void)
{
    static uint8_t zeros[64];
    while (memcmp((const void *)completion(), zeros, sizeof zeros) == 0)
        atomic_signal_fence(memory_order_seq_cst);
}

static void until_clock(void)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (*completion() & done_bit)
            return;
    } while (now.tv_sec - start.tv_sec < 100);
}

static void bounded(void)
{
    for (int i = 0; i < 1000 && !(*completion() & done_bit); i++)
        _mm_pause();
}

static void yielding(void)
{
    while (!(*completion() & done_bit))
        sched_yield();
}

static void sleeping(void)
{
    while (!(*completion() & done_bit))
        usleep(1);
}

static void *thread(void *argument)
{
    spin_32();
    return argument;
}

static void in_thread(void)
{
    pthread_t spinner;
    pthread_create(&spinner, NULL, thread, NULL);
    pthread_join(spinner, NULL);
}

static void in_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        spin_32();
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void with_registers(void)
{
    while (!(*completion() & done_bit))
        device_read32(device, BASE);
}

// The buffer is read and written by system calls while another thread makes accesses.
static int pipes[2];

static void *fill(void *argument)
{
    for (int i = 0; i < 50; i++)
        device_read32(device, BASE);
    return write(pipes[1], "from the pipe", 14) == 14 ? argument : NULL;
}

static void by_kernel(void)
{
    pthread_t filler;
    if (pipe(pipes) != 0)
        exit(1);
    pthread_create(&filler, NULL, fill, NULL);
    if (read(pipes[0], (void *)(memory + NOTES), 14) != 14 || strcmp((char *)(memory + NOTES), "from the pipe") != 0)
        exit(1);
    pthread_join(filler, NULL);
    spin_32();
}

// A lock beside it, held for a while by a thread that makes accesses.
static void *contend(void *lock)
{
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(lock);
        device_read32(device, BASE);
        memory[NOTES]++;
        pthread_mutex_unlock(lock);
    }
    return NULL;
}

static void with_mutex(void)
{
    pthread_t threads[2];
    pthread_mutex_t *lock = (pthread_mutex_t *)(memory + LOCK);
    pthread_mutex_init(lock, NULL);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, contend, lock);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    if (memory[NOTES] != 400)
        exit(1);
    spin_32();
}

// Works in its memory and computes, and looks at the completion only when the device says that it stands there.
static void work(void)
{
    uint32_t sum = 0;
    for (int round = 0; round < 300; round++)
        for (unsigned i = 0; i < 256; i++)
            memory[NOTES + i] = sum += memory[NOTES + i] + i;
    while (device_read32(device, DONE) == 0)
        ;
}

static void compute(int rounds)
{
    for (volatile int i = 0; i < rounds; i++)
        ;
}

static void never(void)
{
    while (memory[1] == 0)
        _mm_pause();
}

static void idle(void)
{
    compute(0);
    with_registers();
}

static void busy(void)
{
    compute(1000000000);
    with_registers();
}

static const struct {
    const char *name;
    void (*wait)(void);
} kinds[] = {
    {"spin_8", spin_8},
    {"spin_16", spin_16},
    {"spin_32", spin_32},
    {"spin_64", spin_64},
    {"vector", spin_vector},
    {"exchange", spin_exchange},
    {"compare", spin_compare},
    {"add", spin_add},
    {"string", spin_string},
    {"with_notes", spin_with_notes},
    {"scan", scan_ring},
    {"block", compare_block},
    {"clock", until_clock},
    {"bounded", bounded},
    {"yield", yielding},
    {"usleep", sleeping},
    {"thread", in_thread},
    {"child", in_child},
    {"registers", with_registers},
    {"kernel", by_kernel},
    {"mutex", with_mutex},
    {"work", work},
    {"idle", idle},
    {"busy", busy},
    {"never", never},
};

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    device = device_map("/dev/mem", 0x43c00000, 0x1000);
    memory = (volatile uint32_t *)device_map("/dev/mem", 0x10000000, WORDS * 4);
    memory[0] = 0x1000;
    device_write32(device, BASE, 0x10000000);
    device_write32(device, DELAY, (uint32_t)number(argv[2]));
    device_write32(device, DOORBELL, 0);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, argv[1]) == 0)
            kinds[i].wait();
    uint32_t seen = *completion();
    printf("%#x %u\n", seen, device_read32(device, DONE));
    return 0;
}
