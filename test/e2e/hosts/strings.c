// SPDX-License-Identifier: Apache-2.0
// strings PATH BASE SIZE MOST KIND:WIDTH:DIRECTION:OFFSET:ELEMENTS…: repeated string instructions between memory and a
// device, each KIND `movs` (to the device), `stos` or `load` (movs from the device), DIRECTION `up` or `down`. OFFSET
// is that of the first element. At most MOST elements for each repetition, 0: all in one. Where the bus refuses an
// element, the line says how far the registers have come.
#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#include "device.h"

enum { ROOM = 8192, SKEW = 100 };

static uint8_t memory[3 * ROOM] __attribute__((aligned(4096)));
static volatile uint8_t *device;

static size_t left; // behind the repetition that is under way
static struct {
    uint64_t count, from, to, address;
} fault;
static sigjmp_buf back;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    const greg_t *general = ((ucontext_t *)context)->uc_mcontext.gregs;
    fault.count = (uint64_t)general[REG_RCX];
    fault.from = (uint64_t)general[REG_RSI];
    fault.to = (uint64_t)general[REG_RDI];
    fault.address = (uint64_t)info->si_addr;
    siglongjmp(back, 1);
}

struct way {
    int is_down;
    size_t most;
    volatile uint8_t *to;
    const volatile uint8_t *from;
    uint64_t accumulator;
};

// One instruction whatever the direction and the piece.
#define REPEAT(name, instruction)                                                                                      \
    static void name(struct way *way, size_t elements)                                                                 \
    {                                                                                                                  \
        for (left = elements; left > 0;) {                                                                             \
            size_t count = way->most != 0 && way->most < left ? way->most : left;                                      \
            left -= count;                                                                                             \
            __asm__ volatile("test %[down], %[down]\n\tjz 1f\n\tstd\n1:\trep " instruction "\n\tcld"                   \
                             : "+D"(way->to), "+S"(way->from), "+c"(count)                                             \
                             : "a"(way->accumulator), [down] "r"(way->is_down)                                         \
                             : "memory", "cc");                                                                        \
        }                                                                                                              \
    }
REPEAT(movs_1, "movsb")
REPEAT(movs_2, "movsw")
REPEAT(movs_4, "movsl")
REPEAT(movs_8, "movsq")
REPEAT(stos_1, "stosb")
REPEAT(stos_2, "stosw")
REPEAT(stos_4, "stosl")
REPEAT(stos_8, "stosq")

static void repeat(int is_stos, unsigned width, struct way *way, size_t elements)
{
    void (*const movs[])(struct way *, size_t) = {[1] = movs_1, [2] = movs_2, [4] = movs_4, [8] = movs_8};
    void (*const stos[])(struct way *, size_t) = {[1] = stos_1, [2] = stos_2, [4] = stos_4, [8] = stos_8};
    (is_stos ? stos : movs)[width](way, elements);
}

static unsigned hash(void)
{
    unsigned sum = 2166136261u;
    for (size_t i = 0; i < sizeof memory; i++)
        sum = (sum ^ memory[i]) * 16777619u;
    return sum;
}

static struct {
    const char *words;
    int is_load;
    volatile uint8_t *at;
    struct way way;
} job;

static void report(const volatile uint8_t *from, const volatile uint8_t *to)
{
    uint8_t *place = memory + ROOM + SKEW;
    printf("%s: source %td, destination %td, memory %08x\n", job.words, from - (job.is_load ? job.at : place),
           to - (job.is_load ? place : job.at), hash());
}

static void prepare(unsigned offset, const char *direction)
{
    uint8_t *place = memory + ROOM + SKEW;
    for (size_t i = 0; i < sizeof memory; i++)
        memory[i] = (uint8_t)(i * 7 + i / 256);
    job.at = device + offset;
    job.way.is_down = direction[0] == 'd';
    job.way.to = job.is_load ? place : job.at;
    job.way.from = job.is_load ? job.at : place;
    job.way.accumulator = 0x1122334455667788;
}

static void carry_out(const char *words)
{
    char kind[8], direction[8];
    unsigned width, offset, elements;
    if (sscanf(words, "%7[a-z]:%u:%7[a-z]:%u:%u", kind, &width, direction, &offset, &elements) != 5)
        exit(2);
    job.words = words;
    job.is_load = kind[0] == 'l';
    prepare(offset, direction);
    if (sigsetjmp(back, 1) == 0) {
        repeat(kind[0] == 's', width, &job.way, elements);
        return report(job.way.from, job.way.to);
    }
    __asm__ volatile("cld");
    printf("%zu left, SIGBUS at %td, ", left + fault.count, (uint8_t *)fault.address - device);
    report((uint8_t *)fault.from, (uint8_t *)fault.to);
}

int main(int argc, char **argv)
{
    if (argc < 6)
        return 2;
    setlinebuf(stdout);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    job.way.most = number(argv[4]);
    device = device_map(argv[1], number(argv[2]), number(argv[3]));
    for (int i = 5; i < argc; i++)
        carry_out(argv[i]);
    return 0;
}
