// SPDX-License-Identifier: Apache-2.0
// signal_ways [PATH BASE]   what the calls for signals say of those that the agent keeps, and of others; each in a
// child With PATH and BASE a device is mapped and read first, so that the agent's handlers are there. The lines are the
// same.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"

static volatile int seen, seen_code;
static sigjmp_buf escape;
static char *stack_start;
static volatile int *volatile nowhere = (int *)16;
enum { ALTERNATE = 65536 };

static void note(int signal, siginfo_t *info, void *context)
{
    (void)context;
    seen = signal;
    seen_code = info->si_code;
}

static void jump(int signal)
{
    seen = signal;
    siglongjmp(escape, 1);
}

static sigset_t only(int signal)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

static void print_mask(void)
{
    sigset_t set;
    sigprocmask(SIG_BLOCK, NULL, &set);
    printf("mask:");
    for (int signal = 1; signal < 65; signal++)
        if (sigismember(&set, signal) == 1)
            printf(" %d", signal);
    printf("\n");
}

static void block(int signal)
{
    sigset_t set = only(signal);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

static void handle(int signal, int flags)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | flags};
    sigaction(signal, &action, NULL);
}

static void pending(int signal)
{
    sigset_t found;
    block(signal);
    kill(getpid(), signal);
    sigpending(&found);
    for (int other = 1; other < 65; other++)
        if (sigismember(&found, other) == 1)
            printf("%d is pending\n", other);
    print_mask();
}

static void waited_for(int signal)
{
    sigset_t set = only(signal);
    siginfo_t info;
    struct timespec limit = {1, 0};
    block(signal);
    kill(getpid(), signal);
    int taken = sigtimedwait(&set, &info, &limit);
    printf("%d, code %d\n", taken, info.si_code);
}

static void by_descriptor(int signal)
{
    sigset_t set = only(signal);
    struct signalfd_siginfo info = {0};
    block(signal);
    int descriptor = signalfd(-1, &set, SFD_NONBLOCK);
    kill(getpid(), signal);
    ssize_t length = read(descriptor, &info, sizeof info);
    printf("%zd bytes, signal %u, errno %d\n", length, info.ssi_signo, info.ssi_errno);
}

static void unblocked(int signal)
{
    sigset_t set = only(signal);
    handle(signal, 0);
    block(signal);
    kill(getpid(), signal);
    printf("%d before, ", seen);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("%d after, code %d\n", seen, seen_code);
}

static void suspended(int signal)
{
    sigset_t none;
    sigemptyset(&none);
    handle(signal, 0);
    block(signal);
    kill(getpid(), signal);
    alarm(3);
    int result = sigsuspend(&none);
    printf("%d, seen %d\n", result, seen);
    print_mask();
}

static void whole_mask(int signal)
{
    sigset_t set;
    (void)signal;
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    print_mask();
    sigdelset(&set, SIGSTKFLT);
    sigprocmask(SIG_SETMASK, &set, NULL);
    print_mask();
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    print_mask();
}

static void action_of(int signal)
{
    struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO}, found;
    sigfillset(&action.sa_mask);
    sigaction(signal, &action, NULL);
    sigaction(signal, NULL, &found);
    printf("flags %x, restorer %d, mask", found.sa_flags, found.sa_restorer != NULL);
    for (int other = 1; other < 65; other++)
        if (sigismember(&found.sa_mask, other) == 0)
            printf(" -%d", other);
    printf("\n");
}

static void ignored_over_exec(int signal)
{
    handle(SIGUSR1, 0);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(signal, &ignore, NULL);
    execl("/no/such", "program", NULL);
    kill(getpid(), signal);
    printf("still ignored\n");
    fflush(stdout);
    execl("/bin/grep", "grep", "-E", "SigBlk|SigIgn", "/proc/self/status", NULL);
}

static void on_its_stack(int signal)
{
    char here;
    printf("on the alternate stack: %s\n", &here >= stack_start && &here < stack_start + ALTERNATE ? "yes" : "no");
    fflush(stdout);
    siglongjmp(escape, signal);
}

static void stack_of(int flags)
{
    stack_start = malloc(ALTERNATE);
    stack_t stack = {.ss_sp = stack_start, .ss_size = ALTERNATE};
    struct sigaction action = {.sa_handler = on_its_stack, .sa_flags = flags};
    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(escape, 1) == 0)
        *nowhere = 1;
}

static void faulted(int signal)
{
    struct sigaction action = {.sa_handler = jump};
    sigaction(signal, &action, NULL);
    if (sigsetjmp(escape, 1) == 0)
        *nowhere = 1;
    printf("seen %d\n", seen);
    print_mask();
}

static void killed(int signal)
{
    kill(getpid(), signal);
}

static const struct {
    const char *name;
    void (*run)(int);
    int signals[4];
} cases[] = {
    {"pending", pending, {SIGSEGV, SIGFPE, SIGSTKFLT, 64}},
    {"sigtimedwait", waited_for, {SIGSEGV, SIGFPE, 64}},
    {"signalfd", by_descriptor, {SIGSEGV, SIGFPE, SIGUSR1, 64}},
    {"unblocked", unblocked, {SIGSEGV, SIGFPE, SIGSTKFLT, 64}},
    {"sigsuspend", suspended, {SIGSEGV, SIGFPE, SIGUSR1, 64}},
    {"whole mask", whole_mask, {SIGSEGV}},
    {"sigaction", action_of, {SIGSEGV, SIGFPE, SIGUSR1, 64}},
    {"ignored over exec", ignored_over_exec, {SIGSEGV, SIGFPE, SIGUSR1, 64}},
    {"SA_ONSTACK", stack_of, {SA_ONSTACK, SA_ONSTACK | SA_NODEFER, SA_NODEFER}},
    {"fault", faulted, {SIGSEGV}},
    {"killed", killed, {SIGSEGV, SIGFPE, SIGSTKFLT, 64}},
};

static void run(const char *name, void (*way)(int), int signal)
{
    int how;
    printf("%s of %d\n", name, signal);
    fflush(stdout);
    if (fork() == 0) {
        way(signal);
        fflush(stdout);
        _exit(0);
    }
    wait(&how);
    if (how != 0)
        printf("%s\n", WIFSIGNALED(how) ? strsignal(WTERMSIG(how)) : "not well");
}

int main(int argc, char **argv)
{
    if (argc == 3)
        device_read32(device_map(argv[1], number(argv[2]), 4096), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int j = 0; j < 4 && cases[i].signals[j] != 0; j++)
            run(cases[i].name, cases[i].run, cases[i].signals[j]);
    return 0;
}
