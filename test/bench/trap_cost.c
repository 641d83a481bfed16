/* SPDX-License-Identifier: Apache-2.0
 *
 * What a trap costs without the bus: a bare SIGSEGV round trip, and trapped accesses that a lane inside this process
 * answers. All in one run, in turns, so that the ratio holds on a machine whose speed drifts.
 * trap_cost [ROUNDS]
 * Prints one line a kind and round: name, then nanoseconds per access as median, p99 and mean.
 * trap_cost KIND ACCESSES
 * Does that many accesses and prints nothing: for who counts instructions.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>

#include "device/device.h"
#include "ground/waits.h"
#include "instruction/execute.h"
#include "instruction/registers.h"
#include "lane/channel.h"
#include "memory/window.h"
#include "trap/signals.h"

#include "spread.h"

enum { ROUNDS = 21, ACCESSES = 20000 };

static uint8_t device_memory[4096];

/* The lane: plain memory stands for the device. */
static bool lane_start(void)
{
    return true;
}

static bool lane_transact(const trapline_v1_Access *access, trapline_v1_Completion *completion)
{
    uint8_t *at = device_memory + access->offset;
    completion->seq = access->seq;
    completion->status = trapline_v1_Status_STATUS_OKAY;
    completion->data.size = 0;
    if (access->operation == trapline_v1_Operation_OPERATION_WRITE) {
        memcpy(at, access->data.bytes, access->width_bytes);
    } else {
        completion->data.size = (pb_size_t)access->width_bytes;
        memcpy(completion->data.bytes, at, access->width_bytes);
    }
    return true;
}

static const char *lane_failure(void)
{
    return "";
}

static const struct channel_lane loopback = {lane_start, lane_transact, lane_failure, NULL, NULL, NULL, NULL, NULL};

/* The least that a handler can do: step over the two-byte load. */
static void bare_handler(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

/* Ends valgrind's block of instructions: of what lies inside one it does not tell the handler the right address. */
#define ALONE "jmp 1f\n1: "

static void load_general(volatile void *window)
{
    uint32_t value;
    __asm__ volatile(ALONE "mov (%1), %0" : "=a"(value) : "b"(window));
}

static void store_general(volatile void *window)
{
    __asm__ volatile(ALONE "mov %%eax, (%0)" : : "b"(window), "a"(1));
}

static void load_vector(volatile void *window)
{
    __asm__ volatile(ALONE "vmovdqu (%0), %%ymm0" : : "b"(window) : "xmm0");
}

static void add_general(volatile void *window)
{
    __asm__ volatile(ALONE "lock addl $1, (%0)" : : "b"(window) : "cc");
}

static void measure(const char *name, void (*access)(volatile void *), volatile void *window)
{
    static double ns[ACCESSES];
    for (unsigned i = 0; i < ACCESSES; i++) {
        const double start = ns_now();
        access(window);
        ns[i] = ns_now() - start;
    }
    spread_print(name, ns, ACCESSES);
}

struct kind {
    const char *name;
    void (*access)(volatile void *);
    bool is_bare;
};

static const struct kind kinds[] = {
    {.name = "bare-signal", .access = load_general, .is_bare = true},
    {.name = "trap-load", .access = load_general},
    {.name = "trap-store", .access = store_general},
    {.name = "trap-vector-load", .access = load_vector},
    {.name = "trap-locked-add", .access = add_general},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void make_window(void *page)
{
    struct device device = {.handle = 1, .size = sizeof device_memory, .on_error = DEVICE_SIGBUS, .name = "ram"};
    struct window window = {
        .start = (uint64_t)page, .end = (uint64_t)page + 4096, .protection = PROT_READ | PROT_WRITE};
    registers_init();
    device_add(&device);
    window_add(&window);
    if (!execute_init() || !channel_init(&loopback))
        exit(1);
}

static const struct kind *find_kind(const char *name)
{
    for (unsigned i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    fprintf(stderr, "trap_cost: there is no kind %s\n", name);
    exit(2);
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : ROUNDS;
    void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct sigaction bare = {.sa_sigaction = bare_handler, .sa_flags = SA_SIGINFO}, trapping;
    make_window(page);
    waits_init(clock_gettime);
    signals_install(sigaction);
    sigaction(SIGSEGV, NULL, &trapping);
    if (argc == 3) {
        const struct kind *kind = find_kind(argv[1]);
        sigaction(SIGSEGV, kind->is_bare ? &bare : &trapping, NULL);
        for (unsigned i = 0, accesses = (unsigned)atoi(argv[2]); i < accesses; i++)
            kind->access(page);
        return 0;
    }
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned i = 0; i < KINDS; i++) {
            sigaction(SIGSEGV, kinds[i].is_bare ? &bare : &trapping, NULL);
            measure(kinds[i].name, kinds[i].access, page);
        }
    return 0;
}
