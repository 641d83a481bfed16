// SPDX-License-Identifier: Apache-2.0
// Threads made in every way, and ended in the middle of others' accesses; signals that come during accesses.
#include "behaviour.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { THREADS = 8, COUNTER = 0, PRIVATE = 64, PRIVATE_SIZE = 64 };

static volatile uint8_t *device;
static atomic_int started, finished;
static atomic_bool stop;

// How many rounds each thread makes where many are wanted, and by what signals are counted; BEHAVIOUR_ROUNDS changes
// it.
static uint64_t rounds(void)
{
    const char *text = getenv("BEHAVIOUR_ROUNDS");
    return text == NULL ? 250 : number(text);
}

static void start_thread(pthread_t *thread, void *(*work)(void *), void *argument)
{
    REQUIRE(pthread_create(thread, NULL, work, argument) == 0);
}

static void *use_once(void *argument)
{
    use_device(device, (uint64_t)(uintptr_t)argument);
    return argument;
}

static void with_smallest_stack(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *result;
    device = map_device();
    pthread_attr_init(&attributes);
    REQUIRE(pthread_attr_setstacksize(&attributes, (size_t)sysconf(_SC_THREAD_STACK_MIN)) == 0);
    REQUIRE(pthread_create(&thread, &attributes, use_once, (void *)8) == 0);
    REQUIRE(pthread_join(thread, &result) == 0 && result == (void *)8);
}

// Neither libc nor its thread register know of it: only instructions and raw system calls.
static int clone_body(void *argument)
{
    volatile uint32_t *word = (volatile uint32_t *)(device + (uintptr_t)argument);
    *word = 0xc1000000;
    return *word == 0xc1000000 ? 0 : 1;
}

static char clone_stack[16384];

static void by_clone(void)
{
    static volatile pid_t tid = 1;
    device = map_device();
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;
    REQUIRE(clone(clone_body, clone_stack + sizeof clone_stack, flags, (void *)8, NULL, NULL, &tid) > 0);
    while (tid != 0)
        syscall(SYS_futex, &tid, FUTEX_WAIT, 1, NULL);
    REQUIRE(device_read32(device, 8) == 0xc1000000);
    use_device(device, 0);
}

static void by_clone_as_process(void)
{
    int status;
    device = map_device();
    pid_t child = clone(clone_body, clone_stack + sizeof clone_stack, CLONE_VM | SIGCHLD, (void *)8);
    REQUIRE(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    REQUIRE(device_read32(device, 8) == 0xc1000000);
    use_device(device, 0);
}

// Stores and loads of every width on words of its own, and a locked addition to the counter of all.
static void *mix(void *argument)
{
    uint64_t self = (uint64_t)(uintptr_t)argument;
    volatile uint8_t *own = device + PRIVATE + self * PRIVATE_SIZE;
    for (uint64_t i = 0; i < rounds(); i++) {
        uint64_t value = (self + 1) * 0x0101010101010101 + i;
        *(volatile uint64_t *)own = value;
        *(volatile uint16_t *)(own + 12) = (uint16_t)value;
        own[15] = (uint8_t)value;
        __atomic_fetch_add((volatile uint32_t *)(device + COUNTER), 1, __ATOMIC_SEQ_CST);
        REQUIRE(*(volatile uint64_t *)own == value);
        REQUIRE(*(volatile uint16_t *)(own + 12) == (uint16_t)value);
        REQUIRE(own[15] == (uint8_t)value);
    }
    return NULL;
}

static void start_mixing(pthread_t threads[THREADS])
{
    device = map_device();
    device_write32(device, COUNTER, 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        start_thread(&threads[i], mix, (void *)i);
}

static void finish_mixing(pthread_t threads[THREADS])
{
    for (int i = 0; i < THREADS; i++)
        REQUIRE(pthread_join(threads[i], NULL) == 0);
    REQUIRE(device_read32(device, COUNTER) == THREADS * rounds());
}

static void shared_and_private(void)
{
    pthread_t threads[THREADS];
    start_mixing(threads);
    finish_mixing(threads);
}

// Every child accesses too; its words are beyond those of the threads.
static void while_forking(void)
{
    enum { FORKS = 100, CHILD_WORD = 2048 };
    pthread_t threads[THREADS];
    start_mixing(threads);
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0) {
            use_device(device, CHILD_WORD);
            _exit(0);
        }
        require_success(child);
    }
    finish_mixing(threads);
}

static void *use_until_stopped(void *argument)
{
    atomic_fetch_add(&started, 1);
    while (!stop)
        use_once(argument);
    atomic_fetch_add(&finished, 1);
    return NULL;
}

static void start_users(pthread_t *threads, int count)
{
    device = map_device();
    for (uintptr_t i = 0; i < (uintptr_t)count; i++)
        start_thread(&threads[i], use_until_stopped, (void *)(PRIVATE + i * 8));
    while (started != count)
        sched_yield();
}

static void thread_exit_meanwhile(void)
{
    enum { USERS = 2, SHORT_LIVED = 50 };
    pthread_t users[USERS], short_lived;
    start_users(users, USERS);
    for (int i = 0; i < SHORT_LIVED; i++) {
        start_thread(&short_lived, use_once, (void *)8);
        REQUIRE(pthread_join(short_lived, NULL) == 0);
    }
    stop = true;
    for (int i = 0; i < USERS; i++)
        REQUIRE(pthread_join(users[i], NULL) == 0);
}

static void *use_for_ever(void *argument)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    atomic_fetch_add(&started, 1);
    for (;;)
        device_write32(device, (uint64_t)(uintptr_t)argument, 1);
    return NULL;
}

static void cancelled_meanwhile(void)
{
    enum { ROUNDS = 20 };
    device = map_device();
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t thread;
        void *result;
        int before = started;
        start_thread(&thread, use_for_ever, (void *)8);
        while (started == before)
            sched_yield();
        use_device(device, 0);
        REQUIRE(pthread_cancel(thread) == 0 && pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
        use_device(device, 0);
    }
}

static void process_exit_meanwhile(void)
{
    pthread_t users[4];
    start_users(users, 4);
    use_device(device, 0);
    exit(0);
}

static void process_kill_meanwhile(void)
{
    pthread_t users[4];
    start_users(users, 4);
    use_device(device, 0);
    kill(getpid(), SIGTERM);
    pause();
}

static void exec_meanwhile(void)
{
    pthread_t users[4];
    start_users(users, 4);
    use_device(device, 0);
    execv("/proc/self/exe", step_arguments("executed"));
}

static void executed(void)
{
    device = map_device();
    use_device(device, 0);
}

static volatile sig_atomic_t signals;

static void use_in_handler(int signal)
{
    (void)signal;
    int saved = errno;
    use_device(device, 8);
    signals++;
    errno = saved;
}

static void handle_by(void (*handler)(int), int signal)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    REQUIRE(sigaction(signal, &action, NULL) == 0);
}

// Each comes 300 µs after the one before has been handled. A timer with that period would leave no time for the
// program where an access takes longer than that.
static void set_off_next(void)
{
    struct itimerval soon = {.it_value = {0, 300}};
    REQUIRE(setitimer(ITIMER_REAL, &soon, NULL) == 0);
}

static void use_and_set_off_next(int signal)
{
    use_in_handler(signal);
    set_off_next();
}

static void signal_storm(void)
{
    sig_atomic_t most = (sig_atomic_t)(8 * rounds());
    uint32_t value = 0;
    device = map_device();
    device_write32(device, 0, value);
    handle_by(use_and_set_off_next, SIGALRM);
    set_off_next();
    while (signals < most) {
        device_write32(device, 0, ++value);
        REQUIRE(device_read32(device, 0) == value);
    }
}

static void *send_signals(void *argument)
{
    for (uint64_t i = 0; i < 2 * rounds(); i++) {
        sig_atomic_t before = signals;
        pthread_kill(*(pthread_t *)argument, SIGUSR1);
        while (signals == before)
            sched_yield();
    }
    stop = true;
    return NULL;
}

static void signals_from_a_thread(void)
{
    pthread_t self = pthread_self(), sender;
    device = map_device();
    handle_by(use_in_handler, SIGUSR1);
    start_thread(&sender, send_signals, &self);
    while (!stop)
        use_device(device, 0);
    REQUIRE(pthread_join(sender, NULL) == 0);
}

const struct behaviour behaviours[] = {
    {.name = "a thread with the smallest stack", .show = with_smallest_stack},
    {.name = "a thread made by clone()", .show = by_clone},
    {.name = "a process made by clone(CLONE_VM)", .show = by_clone_as_process},
    {.name = "8 threads on shared and private registers", .show = shared_and_private},
    {.name = "8 threads, while another one forks 100 times", .show = while_forking},
    {.name = "threads that come and go meanwhile", .show = thread_exit_meanwhile},
    {.name = "threads cancelled in the middle of accesses", .show = cancelled_meanwhile},
    {.name = "process exit in the middle of accesses", .show = process_exit_meanwhile},
    {.name = "SIGTERM in the middle of accesses", .show = process_kill_meanwhile, .ends_by = SIGTERM},
    {.name = "exec in the middle of accesses", .show = exec_meanwhile},
    {.name = "executed", .show = executed, .is_step = true},
    {.name = "SIGALRM all the time, whose handler accesses too", .show = signal_storm},
    {.name = "SIGUSR1 from another thread, its handler accesses too", .show = signals_from_a_thread},
    {.name = NULL},
};
