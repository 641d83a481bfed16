// SPDX-License-Identifier: Apache-2.0
// timers: every way in which libc ends a wait by a timer. Prints for each what happened, and after how many
// milliseconds of the host's own clock.
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#include "device.h"

static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
    (void)signal;
    alarms++;
}

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static struct timespec in_ms(clockid_t clock, long ms)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += ms * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static void tell(const char *what, double begin)
{
    printf("%s after %.0f ms\n", what, now_ms() - begin);
}

// An interval of 2 ms, which breaks off sleeps.
static void by_itimer(void)
{
    const struct itimerval every = {{0, 2000}, {0, 2000}}, never = {0};
    double begin = now_ms();
    setitimer(ITIMER_REAL, &every, NULL);
    int broken = 0;
    while (broken < 5)
        broken += usleep(50000) == -1 && errno == EINTR;
    setitimer(ITIMER_REAL, &never, NULL);
    tell("itimer: five broken sleeps", begin);
    alarm(3);
    printf("alarm: %u s left\n", alarm(0));
}

static void by_posix_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    const struct itimerspec once = {{0, 0}, {0, 4000000}};
    timer_t timer;
    alarms = 0;
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    double begin = now_ms();
    timer_settime(timer, 0, &once, NULL);
    while (alarms == 0)
        now_ms();
    tell("timer", begin);
    timer_delete(timer);
}

static void by_descriptor(void)
{
    const struct itimerspec every = {{0, 5000000}, {0, 3000000}};
    uint64_t times = 0;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct pollfd item = {.fd = fd, .events = POLLIN};
    double begin = now_ms();
    timerfd_settime(fd, 0, &every, NULL);
    // By real clocks a busy machine may let it expire several times before the read returns.
    if (read(fd, &times, sizeof times) == sizeof times && times >= 1)
        tell("timerfd: read", begin);
    if (poll(&item, 1, 2) == 0)
        tell("timerfd: poll, too short", begin);
    if (poll(&item, 1, 20) == 1)
        tell("timerfd: poll", begin);
    usleep(10000);
    if (read(fd, &times, sizeof times) == sizeof times)
        printf("timerfd: %llu expiries\n", (unsigned long long)times);
    close(fd);
}

static void by_locks(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    pthread_mutex_lock(&mutex);
    double begin = now_ms();
    struct timespec deadline = in_ms(CLOCK_REALTIME, 5);
    if (pthread_cond_timedwait(&condition, &mutex, &deadline) == ETIMEDOUT)
        tell("condition", begin);
    begin = now_ms();
    deadline = in_ms(CLOCK_MONOTONIC, 5);
    if (pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &deadline) == ETIMEDOUT)
        tell("condition, monotonic", begin);
    begin = now_ms();
    deadline = in_ms(CLOCK_REALTIME, 5);
    if (pthread_mutex_timedlock(&mutex, &deadline) == ETIMEDOUT)
        tell("mutex", begin);
    begin = now_ms();
    deadline = in_ms(CLOCK_REALTIME, 5);
    if (sem_timedwait(&semaphore, &deadline) == -1 && errno == ETIMEDOUT)
        tell("semaphore", begin);
}

int main(void)
{
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL);
    by_itimer();
    by_posix_timer();
    by_descriptor();
    by_locks();
    return 0;
}
