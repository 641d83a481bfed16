// SPDX-License-Identifier: Apache-2.0
// A private mapping: what is stored there goes to a copy of the page, and never to the device.
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "faults.h"

static volatile uint8_t *map_private(void)
{
    return map(NULL, PAGE, BOTH, MAP_PRIVATE);
}

// Fills the device with values of this row's own.
static volatile uint8_t *fill(uint32_t value)
{
    volatile uint8_t *device = map_device();
    for (uint64_t at = 0; at < PAGE; at += 4)
        device_write32(device, at, value + (uint32_t)at);
    return device;
}

static void require_filled(volatile uint8_t *mapped, uint32_t value, uint64_t but)
{
    for (uint64_t at = 0; at < PAGE; at += 4)
        REQUIRE(at == but || device_read32(mapped, at) == value + (uint32_t)at);
}

static void loads(void)
{
    volatile uint8_t *device = fill(0x100), *mapped = map_private();
    device_write32(device, 8, 5);
    REQUIRE(device_read32(mapped, 8) == 5);
    device_write32(device, 8, 6);
    REQUIRE(device_read32(mapped, 8) == 6);
}

static void store(void)
{
    volatile uint8_t *device = fill(0x20000), *mapped = map_private();
    device_write32(mapped, 16, 7);
    REQUIRE(device_read32(mapped, 16) == 7);
    require_filled(mapped, 0x20000, 16);
    require_filled(device, 0x20000, PAGE);
    device_write32(device, 20, 9);
    REQUIRE(device_read32(mapped, 20) == 0x20000 + 20);
    use_device(mapped, 24);
    require_filled(device, 0x20000, 20);
}

static void opened_for_reading(void)
{
    volatile uint8_t *device = fill(0x300);
    volatile uint8_t *mapped = mmap(NULL, PAGE, BOTH, MAP_PRIVATE, open_device(O_RDONLY), device_base);
    REQUIRE(mapped != MAP_FAILED);
    device_write32(mapped, 0, 1);
    require_filled(device, 0x300, PAGE);
}

static void read_modify_write(void)
{
    volatile uint8_t *device = fill(0x1000), *mapped = map_private();
    volatile uint32_t *word = (volatile uint32_t *)(mapped + 0x40);
    __asm__ volatile("addl $2, %0" : "+m"(*word));
    REQUIRE(*word == 0x1042);
    mapped = map_private();
    REQUIRE(atomic_fetch_add((_Atomic uint32_t *)(mapped + 0x44), 5) == 0x1044);
    REQUIRE(device_read32(mapped, 0x44) == 0x1049);
    mapped = map_private();
    uint32_t value = 99;
    __asm__ volatile("xchgl %0, %1" : "+r"(value), "+m"(*(volatile uint32_t *)(mapped + 0x48)));
    REQUIRE(value == 0x1048 && device_read32(mapped, 0x48) == 99);
    mapped = map_private();
    __asm__ volatile("btsl %1, %0" : "+m"(*(volatile uint32_t *)mapped) : "r"(8 * 0x50) : "memory");
    REQUIRE(device_read32(mapped, 0x50) == (0x1050 | 1));
    require_filled(device, 0x1000, PAGE);
}

static void blocks(void)
{
    volatile uint8_t *device = fill(0x40), *mapped = map_private();
    uint8_t bytes[200];
    memset(bytes, 0xa5, sizeof bytes);
    memcpy((void *)(mapped + 3), bytes, sizeof bytes);
    REQUIRE(memcmp((void *)(mapped + 3), bytes, sizeof bytes) == 0);
    REQUIRE(device_read32(mapped, 204) == 0x40 + 204);
    mapped = map_private();
    void *to = (void *)mapped;
    size_t count = PAGE / 4;
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(count) : "a"(0x11111111) : "memory");
    for (uint64_t at = 0; at < PAGE; at += 4)
        REQUIRE(device_read32(mapped, at) == 0x11111111);
    mapped = map_private();
    volatile uint8_t *other = map_private();
    const void *from = (const void *)other;
    to = (void *)(mapped + 0x80);
    count = 0x100;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    for (uint64_t at = 0; at < 0x100; at += 4)
        REQUIRE(device_read32(mapped, 0x80 + at) == 0x40 + (uint32_t)at);
    require_filled(device, 0x40, PAGE);
}

static void by_the_kernel(void)
{
    volatile uint8_t *device = fill(0x60), *mapped = map_private();
    int pipes[2];
    REQUIRE(pipe(pipes) == 0 && write(pipes[1], "12345678", 8) == 8);
    REQUIRE(write(pipes[1], (void *)(mapped + 8), 4) == 4);
    REQUIRE(read(pipes[0], (void *)(mapped + 32), 8) == 8);
    REQUIRE(memcmp((void *)(mapped + 32), "12345678", 8) == 0);
    uint32_t value = 0;
    REQUIRE(read(pipes[0], &value, 4) == 4 && value == 0x68);
    require_filled(device, 0x60, PAGE);
}

static void protections(void)
{
    volatile uint8_t *device = fill(0x70);
    volatile uint8_t *mapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, open_device(O_RDWR), device_base);
    require_fault(mapped + 8, true, SIGSEGV, SEGV_ACCERR);
    REQUIRE(device_read32(mapped, 8) == 0x78);
    REQUIRE(mprotect((void *)mapped, PAGE, BOTH) == 0);
    device_write32(mapped, 8, 1);
    REQUIRE(mprotect((void *)mapped, PAGE, PROT_READ) == 0);
    require_fault(mapped + 8, true, SIGSEGV, SEGV_ACCERR);
    REQUIRE(device_read32(mapped, 8) == 1);
    REQUIRE(munmap((void *)mapped, PAGE) == 0);
    require_fault(mapped + 8, false, SIGSEGV, SEGV_MAPERR);
    require_filled(device, 0x70, PAGE);
}

static void in_a_child(void)
{
    volatile uint8_t *device = fill(0x80), *mapped = map_private(), *later = map_private();
    device_write32(mapped, 0, 1);
    pid_t child = fork();
    if (child == 0) {
        REQUIRE(device_read32(mapped, 0) == 1);
        device_write32(mapped, 0, 2);
        device_write32(later, 0, 3);
        _exit(0);
    }
    require_success(child);
    REQUIRE(device_read32(mapped, 0) == 1);
    REQUIRE(device_read32(later, 0) == 0x80);
    device_write32(device, 4, 4);
    REQUIRE(device_read32(later, 4) == 4);
}

// The second page can't be read.
static void refused_page(void)
{
    volatile uint8_t *device = fill(0x90), *mapped = map(NULL, 2 * PAGE, BOTH, MAP_PRIVATE);
    require_fault(mapped + PAGE + 12, true, SIGBUS, BUS_ADRERR);
    device_write32(mapped, 8, 1);
    require_fault(mapped + PAGE, true, SIGBUS, BUS_ADRERR);
    REQUIRE(device_read32(mapped, 8) == 1 && device_read32(device, 8) == 0x98);
}

static void moved(void)
{
    volatile uint8_t *device = fill(0xa0), *mapped = map(NULL, 2 * PAGE, BOTH, MAP_PRIVATE);
    uint8_t *area = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    device_write32(mapped, 0, 1);
    REQUIRE(mremap((void *)mapped, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area) == area);
    REQUIRE(device_read32(area, 0) == 1 && device_read32(area, 4) == 0xa4);
    require_fault(mapped, false, SIGSEGV, SEGV_MAPERR);
    require_fault(mapped + PAGE, false, SIGBUS, BUS_ADRERR);
    require_filled(device, 0xa0, PAGE);
}

static void moved_in_one(void)
{
    volatile uint8_t *device = fill(0xb0), *mapped = map(NULL, 2 * PAGE, BOTH, MAP_PRIVATE);
    uint8_t *area = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    device_write32(mapped, 0, 1);
    REQUIRE(mremap((void *)mapped, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area) == area);
    REQUIRE(device_read32(area, 0) == 1 && device_read32(area, 4) == 0xb4);
    require_fault(mapped, false, SIGSEGV, SEGV_MAPERR);
    require_fault(area + PAGE + 4, false, SIGBUS, BUS_ADRERR);
    REQUIRE(mremap(area, 2 * PAGE, PAGE, 0) == area);
    REQUIRE(device_read32(area, 0) == 1);
    require_fault(area + PAGE + 4, false, SIGSEGV, SEGV_MAPERR);
    require_filled(device, 0xb0, PAGE);
}

enum { THREADS = 4, TIMES = 20000 };
static volatile uint8_t *together;
static pthread_barrier_t barrier;

static void *add(void *argument)
{
    (void)argument;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < TIMES; i++)
        atomic_fetch_add((_Atomic uint32_t *)(together + 0x10), 1);
    return NULL;
}

static void by_threads(void)
{
    volatile uint8_t *device = fill(0);
    for (int round = 0; round < 10; round++) {
        pthread_t threads[THREADS];
        together = map_private();
        pthread_barrier_init(&barrier, NULL, THREADS);
        for (int i = 0; i < THREADS; i++)
            pthread_create(&threads[i], NULL, add, NULL);
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        REQUIRE(device_read32(together, 0x10) == 0x10 + THREADS * TIMES);
    }
    require_filled(device, 0, PAGE);
}

// Ends of pipes: what the tracer hears, and what it tells the thread that loads and the one that stores.
static int heard[2], to_load[2], to_store[2];

static void *load_late(void *mapped)
{
    pid_t self = (pid_t)syscall(SYS_gettid);
    char go;
    REQUIRE(write(heard[1], &self, sizeof self) == sizeof self && read(to_load[0], &go, 1) == 1);
    REQUIRE(device_read32(mapped, 4) == 0xc4);
    return NULL;
}

static void load_and_store(void)
{
    volatile uint8_t *mapped = map_private();
    pthread_t thread;
    char go;
    pthread_create(&thread, NULL, load_late, (void *)mapped);
    REQUIRE(read(to_store[0], &go, 1) == 1);
    device_write32(mapped, 0, 1);
    REQUIRE(write(heard[1], &go, 1) == 1);
    pthread_join(thread, NULL);
    _exit(0);
}

// A debugger that keeps a thread at its fault, if it has one, while another stores.
static void load_meanwhile(void)
{
    pid_t thread;
    char word = 0;
    int status, told = 0;
    fill(0xc0);
    REQUIRE(pipe(heard) == 0 && pipe(to_load) == 0 && pipe(to_store) == 0);
    pid_t child = fork();
    if (child == 0)
        load_and_store();
    REQUIRE(read(heard[0], &thread, sizeof thread) == sizeof thread);
    REQUIRE(ptrace(PTRACE_SEIZE, thread, 0, 0) == 0 && write(to_load[1], &word, 1) == 1);
    while (waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status)) {
        if (WSTOPSIG(status) == SIGSEGV && told++ == 0)
            REQUIRE(write(to_store[1], &word, 1) == 1 && read(heard[0], &word, 1) == 1);
        REQUIRE(ptrace(PTRACE_CONT, thread, 0, WSTOPSIG(status)) == 0);
    }
    REQUIRE(WIFEXITED(status) && (told > 0 || write(to_store[1], &word, 1) == 1));
    require_success(child);
}

const struct behaviour behaviours[] = {
    {.name = "loads see the device", .show = loads},
    {.name = "a store makes a copy of its page", .show = store},
    {.name = "of a device opened for reading", .show = opened_for_reading},
    {.name = "read-modify-writes", .show = read_modify_write},
    {.name = "stores of blocks", .show = blocks},
    {.name = "stores by the kernel", .show = by_the_kernel},
    {.name = "mprotect and munmap", .show = protections},
    {.name = "a child has its own", .show = in_a_child},
    {.name = "a page that can't be read", .show = refused_page},
    {.name = "mremap of a page", .show = moved},
    {.name = "mremap of pages with and without a copy", .show = moved_in_one},
    {.name = "a load while another thread stores first", .show = load_meanwhile},
    {.name = "first stores of four threads", .show = by_threads},
    {.name = NULL},
};
