// SPDX-License-Identifier: Apache-2.0
// Alternate signal stacks: for accesses in handlers, for the overflow of the usual stack, for threads.
#include "behaviour.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>

static volatile uint8_t *device;
static volatile sig_atomic_t calls;
static stack_t alternate;
static sigjmp_buf escape;
static volatile uintptr_t seen_stack;

// Beneath lies a page that nobody may touch.
static void use_alternate(size_t size)
{
    enum { PAGE = 4096 };
    stack_t now;
    size_t whole = (size + PAGE - 1) / PAGE * PAGE;
    char *room = mmap(NULL, PAGE + whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(room != MAP_FAILED && mprotect(room + PAGE, whole, PROT_READ | PROT_WRITE) == 0);
    alternate = (stack_t){.ss_sp = room + PAGE, .ss_size = size};
    REQUIRE(sigaltstack(&alternate, NULL) == 0);
    REQUIRE(sigaltstack(NULL, &now) == 0 && now.ss_sp == alternate.ss_sp && now.ss_size == size && now.ss_flags == 0);
}

static bool is_alternate(uintptr_t address)
{
    return address - (uintptr_t)alternate.ss_sp < alternate.ss_size;
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    REQUIRE(sigaction(signal, &action, NULL) == 0);
}

static void use_here(int signal)
{
    (void)signal;
    seen_stack = (uintptr_t)__builtin_frame_address(0);
    use_device(device, 8);
    calls++;
}

static void use_in_handlers(size_t size)
{
    use_alternate(size);
    handle(SIGUSR1, use_here, SA_ONSTACK);
    device = map_device();
    for (int i = 1; i <= 3; i++) {
        use_device(device, 0);
        raise(SIGUSR1);
        REQUIRE(calls == i && is_alternate(seen_stack));
    }
}

static void of_usual_size(void)
{
    use_in_handlers((size_t)sysconf(_SC_SIGSTKSZ));
}

// The frames of the signal and of an access in its handler, and what a small handler needs.
static void of_smallest_size(void)
{
    use_in_handlers(2 * (size_t)sysconf(_SC_MINSIGSTKSZ) + 1024);
}

static void in_a_fault_handler(void)
{
    use_alternate(65536);
    device = map_device();
    handle(SIGBUS, use_here, SA_ONSTACK);
    use_device(device, 0);
    raise(SIGBUS);
    REQUIRE(calls == 1 && is_alternate(seen_stack));
}

static void escape_from_overflow(int signal)
{
    use_here(signal);
    siglongjmp(escape, 1);
}

__attribute__((noipa)) static int overflow(volatile char *outer)
{
    volatile char here[1024];
    here[0] = outer != NULL;
    use_device(device, 0);
    if (calls > 2)
        return 0;
    return overflow(here) + here[0];
}

// The device is accessed all the way down, up to the last bytes of the stack.
static void overflow_caught(void)
{
    struct rlimit small = {256 * 1024, RLIM_INFINITY};
    REQUIRE(setrlimit(RLIMIT_STACK, &small) == 0);
    use_alternate(65536);
    handle(SIGSEGV, escape_from_overflow, SA_ONSTACK);
    device = map_device();
    for (int i = 1; i <= 2; i++) {
        if (sigsetjmp(escape, 1) == 0)
            overflow(NULL);
        REQUIRE(calls == i && is_alternate(seen_stack));
        use_device(device, 0);
    }
}

static void overflow_uncaught(void)
{
    struct rlimit small = {256 * 1024, RLIM_INFINITY};
    setrlimit(RLIMIT_STACK, &small);
    device = map_device();
    overflow(NULL);
}

static void *use_in_thread(void *argument)
{
    use_in_handlers(16384);
    return argument;
}

static void in_a_thread(void)
{
    pthread_t thread;
    void *result;
    REQUIRE(pthread_create(&thread, NULL, use_in_thread, (void *)1) == 0);
    REQUIRE(pthread_join(thread, &result) == 0 && result == (void *)1);
}

const struct behaviour behaviours[] = {
    {.name = "accesses on an alternate stack", .show = of_usual_size},
    {.name = "accesses on a small alternate stack", .show = of_smallest_size},
    {.name = "accesses in a SIGBUS handler on an alternate stack", .show = in_a_fault_handler},
    {.name = "accesses on a thread's alternate stack", .show = in_a_thread},
    {.name = "stack overflow among accesses, caught", .show = overflow_caught},
    {.name = "stack overflow among accesses, not caught", .show = overflow_uncaught, .ends_by = SIGSEGV},
    {.name = NULL},
};
