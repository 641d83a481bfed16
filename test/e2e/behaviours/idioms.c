// SPDX-License-Identifier: Apache-2.0
// What drivers and their compilers do with registers, and what else a process does with SIGBUS and SIGSEGV meanwhile.
#include "faults.h"

#include <sys/time.h>

static volatile uint8_t *device;

typedef union {
    uint32_t raw;
    struct {
        uint32_t enable : 1, mode : 3, unused : 4, divider : 8, priority : 8, length : 7, go : 1;
    } field;
} control;
enum { CHANNELS = 16 };

static uint32_t expected(uint32_t i)
{
    return (i & 1) | (i & 7) << 1 | (i + 1) << 8 | (0x80 | i) << 16 | i << 24 | (i >> 1 & 1) << 31;
}

static void fields(void)
{
    volatile control *channels = (volatile control *)map_device();
    for (uint32_t i = 0; i < CHANNELS; i++) {
        channels[i].raw = 0;
        channels[i].field.enable = i & 1;
        channels[i].field.mode = i & 7;
        channels[i].field.divider = (i + 1) & 0xff;
        channels[i].field.priority = (0x80 | i) & 0xff;
        channels[i].field.length = i & 0x7f;
        channels[i].field.go = i >> 1 & 1;
    }
    for (uint32_t i = 0; i < CHANNELS; i++)
        REQUIRE(channels[i].raw == expected(i));
    struct {
        control channels[CHANNELS];
    } copy = *(__typeof__(copy) *)(uintptr_t)channels;
    for (uint32_t i = 0; i < CHANNELS; i++)
        REQUIRE(copy.channels[i].field.divider == i + 1 && copy.channels[i].raw == expected(i));
}

// Of registers that nobody called volatile, the compiler makes vectors.
#define VECTORISED __attribute__((noipa, optimize("O3")))

VECTORISED static void invert(uint32_t *restrict to, const uint32_t *restrict from, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = from[i] ^ 0xff;
}
VECTORISED static uint32_t sum_of_every_other(const uint32_t *from, int count)
{
    uint32_t sum = 0;
    for (int i = 0; i < count; i += 2)
        sum += from[i];
    return sum;
}
VECTORISED static void keep_odd(uint32_t *restrict to, const uint32_t *restrict from, int count)
{
    for (int i = 0; i < count; i++)
        if (from[i] & 1)
            to[i] = from[i] + 1;
}
VECTORISED static void reverse(uint8_t *restrict to, const uint8_t *restrict from, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = from[count - 1 - i];
}
VECTORISED static void widen(double *restrict to, const uint32_t *restrict from, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = from[i];
}

enum { MOST = 40 };

static void require_loops(uint32_t *registers, int count)
{
    uint32_t source[MOST] = {0}, back[MOST], kept[MOST], sum = 0;
    uint8_t bytes[MOST * 4];
    double wide[MOST];
    for (int i = 0; i < count; i++)
        source[i] = (uint32_t)i * 0x01010101u + (uint32_t)count;
    invert(registers, source, count);
    for (int i = 0; i < count; i++) {
        back[i] = ((volatile uint32_t *)registers)[i];
        kept[i] = back[i];
        sum += i % 2 == 0 ? back[i] : 0;
        REQUIRE(back[i] == (source[i] ^ 0xff));
    }
    REQUIRE(sum_of_every_other(registers, count) == sum);
    keep_odd(kept, registers, count);
    reverse(bytes, (uint8_t *)registers, count * 4);
    widen(wide, registers, count);
    for (int i = 0; i < count; i++) {
        REQUIRE(kept[i] == (back[i] & 1 ? back[i] + 1 : back[i]) && wide[i] == (double)back[i]);
        REQUIRE(bytes[i * 4] == (uint8_t)(back[count - 1 - i] >> 24));
    }
    memmove(registers + 1, registers, (size_t)count * 4);
    for (int i = 0; i < count; i++)
        REQUIRE(((volatile uint32_t *)registers)[i + 1] == back[i]);
}

static void loops(void)
{
    uint32_t *registers = (uint32_t *)(uintptr_t)map_device();
    for (int count = 1; count <= MOST; count += count < 20 ? 1 : 7)
        require_loops(registers + 16, count);
}

static jmp_buf plain_escape;
static void escape_plainly(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
    longjmp(plain_escape, 1);
}

// The first page answers, the next one does not; the program looks at each word beside the boundary.
static void probe(bool is_plain)
{
    device = map(NULL, 2 * PAGE, BOTH, MAP_SHARED);
    // What nobody has written is X in a simulator with four states, and no answer.
    for (uint64_t offset = PAGE - 32; offset < PAGE; offset += 4)
        device_write32(device, offset, 1);
    for (volatile int offset = PAGE - 32; offset < PAGE + 32; offset += 4) {
        calls = 0;
        if ((is_plain ? setjmp(plain_escape) : sigsetjmp(escape, 1)) == 0)
            device_read32(device, (uint64_t)offset);
        REQUIRE(calls == (offset >= PAGE));
        REQUIRE(calls == 0 ||
                (seen.si_signo == SIGBUS && seen.si_code == BUS_ADRERR && seen.si_addr == device + offset));
    }
}

static void probe_by_siglongjmp(void)
{
    handle(SIGBUS, escape_with_info, 0);
    probe(false);
}
static void probe_by_longjmp(void)
{
    handle(SIGBUS, escape_plainly, SA_NODEFER);
    probe(true);
}
static void use_alternate_stack(void)
{
    static char memory[65536];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory};
    REQUIRE(sigaltstack(&stack, NULL) == 0);
}
static void probe_on_another_stack(void)
{
    use_alternate_stack();
    handle(SIGBUS, escape_with_info, SA_ONSTACK);
    probe(false);
}
static void tick(int signal)
{
    (void)signal;
}
static void probe_among_signals(void)
{
    struct itimerval often = {{0, 200}, {0, 200}};
    signal(SIGALRM, tick);
    handle(SIGBUS, escape_with_info, 0);
    REQUIRE(setitimer(ITIMER_REAL, &often, NULL) == 0);
    probe(false);
}
// Left without the mask, SIGBUS stays blocked: the second one ends the program.
static void probe_with_the_signal_blocked(void)
{
    handle(SIGBUS, escape_plainly, 0);
    probe(true);
}

static void report_crash(int number, siginfo_t *info, void *context)
{
    note(info, context);
    use_device(device, 16);
    signal(number, SIG_DFL);
    raise(number);
}
static void crash_reporter(void)
{
    use_alternate_stack();
    device = map_device();
    handle(SIGSEGV, report_crash, SA_ONSTACK | (int)SA_RESETHAND | SA_NODEFER);
    use_device(device, 8);
    load_badly();
}

// A garbage collector's barrier: pages are closed to see who touches them first.
static uint8_t *volatile heap;
static void open_page(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    note(info, context);
    device_write32(device, 0, device_read32(device, 0) + 1);
    mprotect((void *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1)), PAGE, BOTH);
}
static void barrier(void)
{
    heap = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    device = map_device();
    handle(SIGSEGV, open_page, 0);
    for (uint32_t i = 0; i < 4; i++)
        device_write32(device, 64 + 4 * i, 0xa0 + i);
    device_write32(device, 0, 0);
    heap[10] = 1;
    // The copy stops at the closed page, and goes on where it was.
    void *to = heap + PAGE - 8;
    const void *from = (const void *)(device + 64);
    size_t count = 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count)::"memory");
    REQUIRE(count == 0 && calls == 2 && device_read32(device, 0) == 2);
    for (uint32_t i = 0; i < 4; i++)
        REQUIRE(device_read32(heap, PAGE - 8 + 4 * i) == 0xa0 + i);
    REQUIRE(mprotect(heap, 2 * PAGE, PROT_NONE) == 0);
    device_write32(device, 68, device_read32(heap, PAGE));
    REQUIRE(calls == 3 && device_read32(device, 68) == 0xa2);
    REQUIRE(read(open("/dev/zero", O_RDONLY), heap, 8) == -1 && errno == EFAULT && calls == 3);
}

const struct behaviour behaviours[] = {
    {.name = "bit-fields of registers, one by one and copied", .show = fields},
    {.name = "loops that the compiler makes vectors of", .show = loops},
    {.name = "probing, left by siglongjmp", .show = probe_by_siglongjmp},
    {.name = "probing, left by longjmp", .show = probe_by_longjmp},
    {.name = "probing, on an alternate stack", .show = probe_on_another_stack},
    {.name = "probing, while SIGALRM comes", .show = probe_among_signals},
    {.name = "probing, with SIGBUS left blocked", .show = probe_with_the_signal_blocked, .ends_by = SIGBUS},
    {.name = "a crash reporter that reads registers", .show = crash_reporter, .ends_by = SIGSEGV},
    {.name = "a write barrier that uses registers", .show = barrier},
    {.name = NULL},
};
