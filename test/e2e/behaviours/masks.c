// SPDX-License-Identifier: Apache-2.0
// SIGSEGV blocked in every way, and accesses to the device meanwhile: on hardware an access raises no signal.
#include "behaviour.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

static volatile uint8_t *device;
static volatile sig_atomic_t calls;

static sigset_t set_of(int first, int second)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, first);
    sigaddset(&set, second);
    return set;
}

static bool is_blocked(int signal)
{
    sigset_t now;
    REQUIRE(pthread_sigmask(SIG_BLOCK, NULL, &now) == 0);
    return sigismember(&now, signal) == 1;
}

static void by_sigprocmask(void)
{
    sigset_t set = set_of(SIGSEGV, SIGUSR2), before;
    device = map_device();
    REQUIRE(sigprocmask(SIG_BLOCK, &set, &before) == 0);
    REQUIRE(sigismember(&before, SIGSEGV) == 0);
    use_device(device, 0);
    REQUIRE(sigprocmask(SIG_UNBLOCK, &set, &before) == 0);
    REQUIRE(sigismember(&before, SIGSEGV) == 1 && sigismember(&before, SIGUSR2) == 1);
    use_device(device, 0);
    REQUIRE(!is_blocked(SIGSEGV) && !is_blocked(SIGUSR2));
}

static void by_pthread_sigmask(void)
{
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    device = map_device();
    REQUIRE(pthread_sigmask(SIG_SETMASK, &all, NULL) == 0);
    use_device(device, 0);
    REQUIRE(is_blocked(SIGSEGV) && is_blocked(SIGBUS) && is_blocked(SIGTERM));
    REQUIRE(pthread_sigmask(SIG_SETMASK, &none, NULL) == 0);
    use_device(device, 0);
    REQUIRE(!is_blocked(SIGSEGV) && !is_blocked(SIGTERM));
}

static void before_mapping(void)
{
    sigset_t all;
    sigfillset(&all);
    REQUIRE(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
    device = map_device();
    use_device(device, 0);
    REQUIRE(is_blocked(SIGSEGV));
}

static void all_but_sigsegv(void)
{
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    device = map_device();
    REQUIRE(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
    use_device(device, 0);
    REQUIRE(!is_blocked(SIGSEGV) && is_blocked(SIGTERM));
}

static void by_number(void)
{
    uint64_t set = 1ull << (SIGSEGV - 1), before = ~0ull;
    device = map_device();
    REQUIRE(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &before, sizeof set) == 0);
    REQUIRE((before & set) == 0);
    use_device(device, 0);
    REQUIRE(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &before, sizeof set) == 0 && (before & set) == set);
}

static void by_the_older_calls(void)
{
    device = map_device();
    REQUIRE(sighold(SIGSEGV) == 0);
    use_device(device, 0);
    REQUIRE(is_blocked(SIGSEGV) && sigrelse(SIGSEGV) == 0 && !is_blocked(SIGSEGV));
    REQUIRE(sigblock(1 << (SIGSEGV - 1)) == 0);
    use_device(device, 0);
    REQUIRE(sigsetmask(0) == 1 << (SIGSEGV - 1) && !is_blocked(SIGSEGV));
    use_device(device, 0);
}

static void use_and_count(int signal)
{
    (void)signal;
    use_device(device, 16);
    calls++;
}

// SIGUSR1 is pending and blocked, so that its handler runs inside the call that waits with another mask.
static sigset_t prepare_waiting(void)
{
    static const struct sigaction action = {.sa_handler = use_and_count};
    sigset_t usr1 = set_of(SIGUSR1, SIGUSR1), waiting = set_of(SIGSEGV, SIGUSR2);
    device = map_device();
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    REQUIRE(calls == 0);
    return waiting;
}

static void require_one_call(int result)
{
    REQUIRE(result == -1 && errno == EINTR && calls == 1);
    use_device(device, 0);
    REQUIRE(!is_blocked(SIGSEGV) && is_blocked(SIGUSR1));
}

static const struct timespec some_time = {.tv_sec = 10};

static void in_ppoll(void)
{
    sigset_t waiting = prepare_waiting();
    require_one_call(ppoll(NULL, 0, &some_time, &waiting));
}

static void in_pselect(void)
{
    sigset_t waiting = prepare_waiting();
    require_one_call(pselect(0, NULL, NULL, NULL, &some_time, &waiting));
}

static void in_epoll_pwait(void)
{
    sigset_t waiting = prepare_waiting();
    struct epoll_event event;
    require_one_call(epoll_pwait(epoll_create1(0), &event, 1, 10000, &waiting));
}

static void in_epoll_pwait2(void)
{
    sigset_t waiting = prepare_waiting();
    struct epoll_event event;
    require_one_call(epoll_pwait2(epoll_create1(0), &event, 1, &some_time, &waiting));
}

static void in_sigsuspend(void)
{
    sigset_t waiting = prepare_waiting();
    require_one_call(sigsuspend(&waiting));
}

static bool blocked_inside;
static void use_and_look(int signal)
{
    use_and_count(signal);
    blocked_inside = is_blocked(SIGSEGV);
}

static void in_a_handler(void)
{
    struct sigaction action = {.sa_handler = use_and_look}, now;
    device = map_device();
    sigaddset(&action.sa_mask, SIGSEGV);
    REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
    REQUIRE(sigaction(SIGUSR1, NULL, &now) == 0);
    REQUIRE(sigismember(&now.sa_mask, SIGSEGV) == 1 && sigismember(&now.sa_mask, SIGUSR2) == 0);
    raise(SIGUSR1);
    REQUIRE(calls == 1 && blocked_inside && !is_blocked(SIGSEGV));
    use_device(device, 0);
}

static void *use_in_thread(void *argument)
{
    (void)argument;
    use_device(device, 0);
    return (void *)(intptr_t)is_blocked(SIGSEGV);
}

static void require_blocked_in_thread(const pthread_attr_t *attributes)
{
    pthread_t thread;
    void *blocked;
    REQUIRE(pthread_create(&thread, attributes, use_in_thread, NULL) == 0);
    REQUIRE(pthread_join(thread, &blocked) == 0 && blocked != NULL);
}

static void in_a_new_thread(void)
{
    sigset_t set = set_of(SIGSEGV, SIGUSR2);
    device = map_device();
    sigprocmask(SIG_BLOCK, &set, NULL);
    require_blocked_in_thread(NULL);
}

static void by_thread_attribute(void)
{
    sigset_t set = set_of(SIGSEGV, SIGUSR2);
    pthread_attr_t attributes;
    device = map_device();
    pthread_attr_init(&attributes);
    REQUIRE(pthread_attr_setsigmask_np(&attributes, &set) == 0);
    require_blocked_in_thread(&attributes);
    REQUIRE(!is_blocked(SIGSEGV));
}

static void in_a_child(void)
{
    sigset_t set = set_of(SIGSEGV, SIGUSR2);
    device = map_device();
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t child = fork();
    if (child == 0) {
        use_device(device, 0);
        REQUIRE(is_blocked(SIGSEGV));
        _exit(0);
    }
    require_success(child);
}

static void executed(void)
{
    device = map_device();
    REQUIRE(is_blocked(SIGSEGV) && is_blocked(SIGUSR2) && !is_blocked(SIGUSR1));
    use_device(device, 0);
    REQUIRE(is_blocked(SIGSEGV));
}

static void before_exec(void)
{
    sigset_t set = set_of(SIGSEGV, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    execv("/proc/self/exe", step_arguments("executed"));
}

static sigjmp_buf place;
static void through_siglongjmp(void)
{
    sigset_t set = set_of(SIGSEGV, SIGUSR2);
    device = map_device();
    if (sigsetjmp(place, 1) == 0) {
        sigprocmask(SIG_BLOCK, &set, NULL);
        REQUIRE(is_blocked(SIGSEGV));
        use_device(device, 0);
        siglongjmp(place, 1);
    }
    REQUIRE(!is_blocked(SIGSEGV) && !is_blocked(SIGUSR2));
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (sigsetjmp(place, 1) == 0) {
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        siglongjmp(place, 1);
    }
    REQUIRE(is_blocked(SIGSEGV) && is_blocked(SIGUSR2));
    use_device(device, 0);
}

static ucontext_t main_context, other_context;
static void run_other(void)
{
    use_device(device, 0);
    calls = is_blocked(SIGSEGV) ? 2 : 1;
}

static void in_another_context(void)
{
    static char stack[65536];
    device = map_device();
    getcontext(&other_context);
    other_context.uc_stack.ss_sp = stack;
    other_context.uc_stack.ss_size = sizeof stack;
    other_context.uc_link = &main_context;
    sigaddset(&other_context.uc_sigmask, SIGSEGV);
    makecontext(&other_context, run_other, 0);
    REQUIRE(swapcontext(&main_context, &other_context) == 0);
    REQUIRE(calls == 2 && !is_blocked(SIGSEGV));
    use_device(device, 0);
}

static bool is_pending(int signal)
{
    sigset_t pending;
    REQUIRE(sigpending(&pending) == 0);
    return sigismember(&pending, signal) == 1;
}

static void send_from_a_child(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(kill(getppid(), SIGSEGV) == 0 ? 0 : 1);
    require_success(child);
}

static void send_in(int way)
{
    if (way == 0)
        raise(SIGSEGV);
    else if (way == 1)
        kill(getpid(), SIGSEGV);
    else if (way == 2)
        pthread_kill(pthread_self(), SIGSEGV);
    else if (way == 3)
        sigqueue(getpid(), SIGSEGV, (union sigval){0});
    else
        send_from_a_child();
}

static void pending_until_unblocked(void)
{
    sigset_t set = set_of(SIGSEGV, SIGSEGV);
    device = map_device();
    signal(SIGSEGV, use_and_count);
    for (int way = 0; way < 5; way++) {
        calls = 0;
        sigprocmask(SIG_BLOCK, &set, NULL);
        REQUIRE(!is_pending(SIGSEGV));
        send_in(way);
        use_device(device, 0);
        REQUIRE(calls == 0 && is_pending(SIGSEGV));
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        REQUIRE(calls == 1 && !is_pending(SIGSEGV));
        use_device(device, 0);
    }
}

// The device comes when the signal waits already.
static void pending_before_mapping(void)
{
    sigset_t set = set_of(SIGSEGV, SIGSEGV);
    signal(SIGSEGV, use_and_count);
    for (int way = 0; way < 5; way++) {
        calls = 0;
        sigprocmask(SIG_BLOCK, &set, NULL);
        send_in(way);
        REQUIRE(calls == 0 && is_pending(SIGSEGV));
        device = map_device();
        use_device(device, 0);
        REQUIRE(calls == 0 && is_pending(SIGSEGV));
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        REQUIRE(calls == 1 && !is_pending(SIGSEGV));
    }
}

static void pending_until_waited_for(void)
{
    sigset_t set = set_of(SIGSEGV, SIGSEGV);
    struct timespec none = {0};
    siginfo_t info;
    int number = 0;
    device = map_device();
    sigprocmask(SIG_BLOCK, &set, NULL);
    REQUIRE(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN);
    sigqueue(getpid(), SIGSEGV, (union sigval){.sival_int = 7});
    use_device(device, 0);
    REQUIRE(sigwaitinfo(&set, &info) == SIGSEGV);
    REQUIRE(info.si_signo == SIGSEGV && info.si_errno == 0 && info.si_code == SI_QUEUE && info.si_value.sival_int == 7);
    kill(getpid(), SIGSEGV);
    REQUIRE(sigwait(&set, &number) == 0 && number == SIGSEGV && !is_pending(SIGSEGV));
    use_device(device, 0);
}

// Whoever has not blocked it takes it; here that is one thread of two.
static void *wait_until_called(void *unused)
{
    sigset_t set = set_of(SIGSEGV, SIGSEGV);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    while (calls == 0)
        sched_yield();
    return unused;
}

static void sent_to_whoever_takes_it(void)
{
    sigset_t set = set_of(SIGSEGV, SIGSEGV);
    pthread_t other;
    device = map_device();
    signal(SIGSEGV, use_and_count);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGSEGV);
    REQUIRE(calls == 0 && is_pending(SIGSEGV));
    REQUIRE(pthread_create(&other, NULL, wait_until_called, NULL) == 0 && pthread_join(other, NULL) == 0);
    REQUIRE(calls == 1 && !is_pending(SIGSEGV));
}

static void fault_while_blocked(void)
{
    sigset_t set = set_of(SIGSEGV, SIGSEGV);
    device = map_device();
    signal(SIGSEGV, use_and_count);
    sigprocmask(SIG_BLOCK, &set, NULL);
    use_device(device, 0);
    munmap((void *)device, PAGE);
    device_write32(device, 0, 0);
}

const struct behaviour behaviours[] = {
    {.name = "blocked by sigprocmask", .show = by_sigprocmask},
    {.name = "blocked by pthread_sigmask, with all others", .show = by_pthread_sigmask},
    {.name = "blocked before the device is mapped", .show = before_mapping},
    {.name = "all blocked but SIGSEGV", .show = all_but_sigsegv},
    {.name = "blocked by the raw system call", .show = by_number},
    {.name = "blocked by sighold, sigblock, sigsetmask", .show = by_the_older_calls},
    {.name = "blocked while ppoll waits", .show = in_ppoll},
    {.name = "blocked while pselect waits", .show = in_pselect},
    {.name = "blocked while epoll_pwait waits", .show = in_epoll_pwait},
    {.name = "blocked while epoll_pwait2 waits", .show = in_epoll_pwait2},
    {.name = "blocked while sigsuspend waits", .show = in_sigsuspend},
    {.name = "blocked by sa_mask of another signal", .show = in_a_handler},
    {.name = "blocked in a new thread, inherited", .show = in_a_new_thread},
    {.name = "blocked in a new thread, by attribute", .show = by_thread_attribute},
    {.name = "blocked in a forked child", .show = in_a_child},
    {.name = "blocked before exec", .show = before_exec},
    {.name = "blocked and restored by siglongjmp", .show = through_siglongjmp},
    {.name = "blocked in a context of makecontext", .show = in_another_context},
    {.name = "sent while blocked: it is pending", .show = pending_until_unblocked},
    {.name = "sent while blocked, before the device is mapped", .show = pending_before_mapping},
    {.name = "sent while blocked, and waited for", .show = pending_until_waited_for},
    {.name = "sent while this thread has it blocked", .show = sent_to_whoever_takes_it},
    {.name = "a fault while blocked ends the program", .show = fault_while_blocked, .ends_by = SIGSEGV},
    {.name = "executed", .show = executed, .is_step = true},
    {.name = NULL},
};
