// SPDX-License-Identifier: Apache-2.0
// time_stamp_signals WHAT: asks for the time-stamp counter to raise SIGSEGV, or meets it where that must not happen.
// Prints what it saw.
#include <aio.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <x86intrin.h>

#include "device.h"

static sigjmp_buf back;
static siginfo_t came;
static uint64_t came_at;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number;
    came = *info;
    came_at = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    siglongjmp(back, 1);
}

static void handle(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
}

static void try_counter(const char *when)
{
    int mode = 0;
    prctl(PR_GET_TSC, &mode);
    if (sigsetjmp(back, 1) == 0) {
        __rdtsc();
        printf("%s: mode %d, counts\n", when, mode);
    } else {
        printf("%s: mode %d, code %d, address %p\n", when, mode, came.si_code, came.si_addr);
    }
}

static void *try_in_thread(void *when)
{
    try_counter(when);
    return NULL;
}

static int print_settings(void)
{
    pthread_t thread;
    handle();
    try_counter("at first");
    prctl(PR_SET_TSC, PR_TSC_SIGSEGV);
    try_counter("asked for the signal");
    pthread_create(&thread, NULL, try_in_thread, "in a thread of its");
    pthread_join(thread, NULL);
    prctl(PR_SET_TSC, PR_TSC_ENABLE);
    try_counter("asked for the counter");
    syscall(SYS_prctl, PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0);
    try_counter("asked by number");
    syscall(SYS_prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
    int result = prctl(PR_SET_TSC, 7), error = errno;
    printf("asked for nonsense: %d, %s\n", result, strerror(error));
    result = prctl(PR_GET_TSC, (int *)16), error = errno;
    printf("asked for nowhere: %d, %s\n", result, strerror(error));
    result = prctl(PR_GET_DUMPABLE);
    printf("asked for something else: %d\n", result);
    return 0;
}

// Faults of the same kind that have nothing to do with it.
static int print_faults(void)
{
    extern char halt_here[], far_here[];
    handle();
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("halt_here: hlt");
    else
        printf("hlt: code %d, address %p, %s\n", came.si_code, came.si_addr,
               came_at == (uint64_t)halt_here ? "there" : "elsewhere");
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("far_here: movl (%0), %%eax" : : "r"((uint64_t)1 << 62) : "rax");
    else
        printf("far: code %d, address %p, %s\n", came.si_code, came.si_addr,
               came_at == (uint64_t)far_here ? "there" : "elsewhere");
    return 0;
}

// libc's own threads, in which all signals are blocked, look at real clocks.
static int print_helpers(void)
{
    char byte = 0;
    int pipes[2];
    if (pipe(pipes) != 0 || write(pipes[1], "x", 1) != 1)
        return 2;
    struct aiocb block = {.aio_fildes = pipes[0], .aio_buf = &byte, .aio_nbytes = 1};
    const struct aiocb *list[] = {&block};
    if (aio_read(&block) != 0)
        return 2;
    while (aio_error(&block) == EINPROGRESS)
        aio_suspend(list, 1, NULL);
    usleep(1000);
    printf("aio: %zd byte '%c'\n", aio_return(&block), byte);
    return 0;
}

static uint64_t kernel_ns(void)
{
    struct timespec now;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(SYS_clock_gettime), "D"(CLOCK_MONOTONIC), "S"(&now)
                     : "rcx", "r11", "memory");
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// The kernel's code in every process, which libc's own functions go by, reckons real time from the counter.
static int print_vdso(void)
{
    int (*of_libc)(clockid_t, struct timespec *);
    *(void **)&of_libc = dlsym(dlopen("libc.so.6", RTLD_LAZY), "clock_gettime");
    for (int i = 0; i < 1000; i++) {
        struct timespec now;
        uint64_t before = kernel_ns();
        of_libc(CLOCK_MONOTONIC, &now);
        uint64_t between = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
        if (between < before || between > kernel_ns())
            return 1;
    }
    puts("vdso: as the kernel");
    return 0;
}

static const struct {
    const char *name;
    int (*print)(void);
} all[] = {{"settings", print_settings}, {"faults", print_faults}, {"helpers", print_helpers}, {"vdso", print_vdso}};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, argv[1]) == 0)
            return all[i].print();
    return 2;
}
