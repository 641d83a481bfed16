// SPDX-License-Identifier: Apache-2.0
// waits PATH UNIT_MS EVENT WAY…: waits in each of those ways, for 5 units where the call has a timeout and for ever
// where it has none, while an axil_timer behind a UIO device counts cycles of a microsecond. EVENT is what may end it:
// `timer`, of the process after 3 units; `interrupt`, of the device after 2 units; or `neither`. Prints for each way
// what ended it, how often the handler ran, and how many milliseconds of the device have passed.
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>

#include "device.h"
#include "raw.h"

enum { CONTROL = 0x00, STATUS = 0x04, COUNT = 0x08, COMPARE = 0x0c, RUN = 1, INTERRUPT_ENABLE = 2 };

static int device;
static volatile uint8_t *timer;
static volatile sig_atomic_t alarms;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static sigset_t alarm_only;

static void on_alarm(int signal)
{
    (void)signal;
    alarms++;
}

// Of the wait, and of the timer.
static struct timespec duration, expiry;
static int wait_ms;
static uint32_t interrupt_cycles;

static struct timespec from_ms(uint64_t ms)
{
    return (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000 * 1000000)};
}
static struct timeval to_timeval(struct timespec time)
{
    return (struct timeval){time.tv_sec, time.tv_nsec / 1000};
}

static struct timespec deadline(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += duration.tv_nsec;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

// Error numbers become those of calls that set errno.
static int by_number(int error)
{
    errno = error;
    return error == 0 ? 0 : -1;
}

static int by_nanosleep(void)
{
    return nanosleep(&duration, NULL);
}
static int by_usleep(void)
{
    return usleep((useconds_t)wait_ms * 1000);
}
static int by_thrd_sleep(void)
{
    return thrd_sleep(&duration, NULL) == -1 ? by_number(EINTR) : 0;
}

static int by_deadline(void)
{
    struct timespec until = deadline(CLOCK_MONOTONIC);
    return by_number(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
}

static int by_poll(void)
{
    return poll(&(struct pollfd){.fd = device, .events = POLLIN}, 1, wait_ms);
}
static int by_poll_forever(void)
{
    return poll(&(struct pollfd){.fd = device, .events = POLLIN}, 1, -1);
}
static int by_poll_nothing(void)
{
    return poll(NULL, 0, wait_ms);
}
static int by_ppoll(void)
{
    return ppoll(&(struct pollfd){.fd = device, .events = POLLIN}, 1, &duration, NULL);
}

static int by_select(void)
{
    struct timeval wait = to_timeval(duration);
    fd_set set;
    FD_ZERO(&set);
    FD_SET(device, &set);
    return select(device + 1, &set, NULL, NULL, &wait);
}

static int by_select_nothing(void)
{
    struct timeval wait = to_timeval(duration);
    return select(0, NULL, NULL, NULL, &wait);
}

static int by_pselect(void)
{
    fd_set set;
    FD_ZERO(&set);
    FD_SET(device, &set);
    return pselect(device + 1, &set, NULL, NULL, NULL, NULL);
}

static int by_epoll(void)
{
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, device, &event);
    int found = epoll_wait(epoll, &event, 1, wait_ms), error = errno;
    close(epoll);
    errno = error;
    return found;
}

static int by_read(void)
{
    uint32_t count;
    return read(device, &count, sizeof count) == sizeof count ? 1 : -1;
}

// A timer after one unit, whose handler lets the read go on.
static int by_restarted_read(void)
{
    const struct itimerval once = {{0, 0}, to_timeval(from_ms((uint64_t)wait_ms / 5))};
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm, .sa_flags = SA_RESTART}, NULL);
    setitimer(ITIMER_REAL, &once, NULL);
    int result = by_read(), error = errno;
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL);
    errno = error;
    return result;
}

static void post(union sigval value)
{
    sem_post(value.sival_ptr);
}

// A timer after three units that starts a thread, which ends the wait.
static int by_thread(void)
{
    struct sigevent event = {
        .sigev_notify = SIGEV_THREAD, .sigev_notify_function = post, .sigev_value.sival_ptr = &semaphore};
    timer_t made;
    timer_create(CLOCK_MONOTONIC, &event, &made);
    timer_settime(made, 0, &(struct itimerspec){.it_value = expiry}, NULL);
    struct timespec until = deadline(CLOCK_REALTIME);
    int result = sem_timedwait(&semaphore, &until), error = errno;
    timer_delete(made);
    errno = error;
    return result;
}

static int by_pipe(void)
{
    static int ends[2];
    char byte;
    if (ends[1] == 0 && pipe(ends) != 0)
        return -1;
    return (int)read(ends[0], &byte, 1);
}

static int by_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    int result = (int)waitpid(child, NULL, 0), error = errno;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    errno = error;
    return result;
}

static int by_sigsuspend(void)
{
    sigset_t none;
    sigemptyset(&none);
    return sigsuspend(&none);
}

static int by_sigtimedwait(void)
{
    sigprocmask(SIG_BLOCK, &alarm_only, NULL);
    int taken = sigtimedwait(&alarm_only, NULL, &duration), error = errno;
    sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
    errno = error;
    return taken;
}

static int by_timerfd(void)
{
    uint64_t times;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(fd, 0, &(struct itimerspec){.it_value = duration}, NULL);
    int result = read(fd, &times, sizeof times) == sizeof times ? 0 : -1, error = errno;
    close(fd);
    errno = error;
    return result;
}

static int by_condition(void)
{
    struct timespec until = deadline(CLOCK_REALTIME);
    pthread_mutex_lock(&mutex);
    int error = pthread_cond_timedwait(&condition, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    return by_number(error);
}

static int by_mutex(void)
{
    struct timespec until = deadline(CLOCK_REALTIME);
    pthread_mutex_lock(&mutex);
    int error = pthread_mutex_timedlock(&mutex, &until);
    pthread_mutex_unlock(&mutex);
    return by_number(error);
}

static int by_rwlock(void)
{
    struct timespec until = deadline(CLOCK_REALTIME);
    pthread_rwlock_rdlock(&rwlock);
    int error = pthread_rwlock_timedwrlock(&rwlock, &until);
    pthread_rwlock_unlock(&rwlock);
    return by_number(error);
}

static int by_semaphore(void)
{
    struct timespec until = deadline(CLOCK_REALTIME);
    return sem_timedwait(&semaphore, &until);
}

static int by_futex(void)
{
    static uint32_t word;
    return (int)syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &duration, NULL, 0);
}

static int by_result(long result)
{
    return by_number(result < 0 ? (int)-result : 0);
}

static int by_own_futex(void)
{
    uint32_t word = 0;
    return by_result(raw(SYS_futex, (long)&word, FUTEX_WAIT_PRIVATE, 0, (long)&duration, 0, 0));
}

static int by_own_nanosleep(void)
{
    return by_result(raw(SYS_nanosleep, (long)&duration, 0, 0, 0, 0, 0));
}

static int by_own_poll(void)
{
    struct pollfd item = {.fd = device, .events = POLLIN};
    long result = raw(SYS_poll, (long)&item, 1, wait_ms, 0, 0, 0);
    return result == 1 ? 1 : by_result(result);
}

static int by_cnd(void)
{
    struct timespec until;
    static cnd_t own;
    static mtx_t lock;
    timespec_get(&until, TIME_UTC);
    until.tv_nsec += duration.tv_nsec;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    cnd_init(&own);
    mtx_init(&lock, mtx_timed);
    mtx_lock(&lock);
    int result = cnd_timedwait(&own, &lock, &until);
    mtx_unlock(&lock);
    return result == thrd_timedout ? by_number(ETIMEDOUT) : result;
}

static const struct {
    const char *name;
    int (*wait)(void);
} ways[] = {
    {"nanosleep", by_nanosleep},
    {"usleep", by_usleep},
    {"thrd_sleep", by_thrd_sleep},
    {"clock_nanosleep", by_deadline},
    {"poll", by_poll},
    {"poll for ever", by_poll_forever},
    {"poll nothing", by_poll_nothing},
    {"ppoll", by_ppoll},
    {"select", by_select},
    {"select nothing", by_select_nothing},
    {"pselect for ever", by_pselect},
    {"epoll", by_epoll},
    {"read", by_read},
    {"restarted read", by_restarted_read},
    {"thread of a timer", by_thread},
    {"read a pipe", by_pipe},
    {"wait for a child", by_child},
    {"pause", pause},
    {"sigsuspend", by_sigsuspend},
    {"sigtimedwait", by_sigtimedwait},
    {"timerfd", by_timerfd},
    {"condition", by_condition},
    {"mutex", by_mutex},
    {"rwlock", by_rwlock},
    {"semaphore", by_semaphore},
    {"futex", by_futex},
    {"own futex", by_own_futex},
    {"own nanosleep", by_own_nanosleep},
    {"own poll", by_own_poll},
    {"cnd", by_cnd},
};

static void arm(const char *event)
{
    const struct itimerval once = {{0, 0}, to_timeval(expiry)};
    int is_interrupt = strcmp(event, "interrupt") == 0;
    alarms = 0;
    device_write32(timer, CONTROL, 0);
    device_write32(timer, STATUS, 1);
    device_write32(timer, COUNT, 0);
    device_write32(timer, COMPARE, is_interrupt ? interrupt_cycles : UINT32_MAX);
    device_write32(timer, CONTROL, RUN | (is_interrupt ? INTERRUPT_ENABLE : 0));
    if (strcmp(event, "timer") == 0)
        setitimer(ITIMER_REAL, &once, NULL);
}

static void disarm(void)
{
    const struct itimerval never = {{0, 0}, {0, 0}};
    uint32_t one = 1, count;
    setitimer(ITIMER_REAL, &never, NULL);
    device_write32(timer, STATUS, 1);
    while (write(device, &one, sizeof one) != sizeof one) {
    }
    struct pollfd item = {.fd = device, .events = POLLIN};
    while (poll(&item, 1, 0) == 1 && read(device, &count, sizeof count) == sizeof count) {
    }
}

static void run(const char *name, int (*wait)(void), const char *event)
{
    arm(event);
    int result = wait(), error = errno;
    uint32_t cycles = device_read32(timer, COUNT);
    disarm();
    const char *ended = result > 0 ? "something came" : result == 0 ? "time over" : strerrorname_np(error);
    printf("%s: %s, %d handled, %u ms\n", name, ended, (int)alarms, (cycles + 500) / 1000);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    uint64_t unit_ms = number(argv[2]);
    wait_ms = (int)(5 * unit_ms);
    duration = from_ms(5 * unit_ms);
    expiry = from_ms(3 * unit_ms);
    interrupt_cycles = (uint32_t)(2 * unit_ms * 1000);
    device = open(argv[1], O_RDWR);
    timer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
    sem_init(&semaphore, 0, 0);
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL);
    for (int way = 4; way < argc; way++)
        for (unsigned i = 0; i < sizeof ways / sizeof ways[0]; i++)
            if (strcmp(ways[i].name, argv[way]) == 0)
                run(ways[i].name, ways[i].wait, argv[3]);
    return 0;
}
