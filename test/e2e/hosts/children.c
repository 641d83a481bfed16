// SPDX-License-Identifier: Apache-2.0
// children WAY PATH BASE: what a program keeps, and its children get, when they are made at a bad moment.
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

#include "device.h"

enum { CHILDREN = 20, LOOKS = 24000 };

static volatile uint8_t *device;
static atomic_bool is_over;

static void *arm_again(void *unused)
{
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    const struct itimerspec soon = {.it_value = {.tv_nsec = 50000000}};
    while (!is_over) {
        timerfd_settime(timer, 0, &soon, NULL);
        usleep(200);
    }
    return unused;
}

// Looks for two minutes; one that hangs may take no other signal.
static bool ends_well(pid_t pid)
{
    int status;
    for (int i = 0; i < LOOKS; i++) {
        if (waitpid(pid, &status, WNOHANG) == pid)
            return status == 0;
        nanosleep(&(struct timespec){0, 5000000}, NULL);
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return false;
}

// Forks while another thread arms a timer.
static int way_timers(void)
{
    pthread_t thread;
    int well = 0;
    device_read32(device, 0);
    pthread_create(&thread, NULL, arm_again, NULL);
    for (int i = 0; i < CHILDREN; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            usleep(1000);
            _exit(0);
        }
        well += ends_well(pid);
    }
    is_over = true;
    pthread_join(thread, NULL);
    printf("%d of %d children well\n", well, CHILDREN);
    return well != CHILDREN;
}

static void on_fault(int signal)
{
    printf("handled %s\n", signal == SIGSEGV ? "SIGSEGV" : "another signal");
    fflush(stdout);
    _exit(0);
}

// A child that borrows our memory resets all handlers before it becomes another program.
static int way_handlers(void)
{
    signal(SIGSEGV, on_fault);
    signal(SIGFPE, on_fault);
    device_read32(device, 0);
    const struct sigaction plain = {.sa_handler = SIG_DFL};
    pid_t pid = vfork();
    if (pid == 0) {
        for (int i = 1; i < SIGRTMIN; i++)
            sigaction(i, &plain, NULL);
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    waitpid(pid, NULL, 0);
    int *volatile nowhere = NULL;
    return *nowhere;
}

static void on_alarm(int signal)
{
    (void)signal;
}

static int way_far(void)
{
    // Again and again, for the first one may come before the sleep.
    const struct itimerval soon = {{.tv_usec = 200000}, {.tv_usec = 200000}};
    const struct timespec far = {.tv_sec = INT64_MAX};
    signal(SIGALRM, on_alarm);
    device_read32(device, 0);
    setitimer(ITIMER_REAL, &soon, NULL);
    int slept = nanosleep(&far, NULL);
    printf("nanosleep: %d, %s\n", slept, slept == 0 ? "over" : strerror(errno));
    return slept == 0;
}

// What closes all descriptors there might be closes no timer of signals.
static int way_alarm(void)
{
    signal(SIGALRM, on_alarm);
    device_read32(device, 0);
    alarm(1);
    close(-1);
    printf("%u s were left to sleep\n", sleep(3));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } ways[] = {{"timers", way_timers}, {"handlers", way_handlers}, {"far", way_far}, {"alarm", way_alarm}};
    if (argc != 4)
        return 2;
    device = device_map(argv[2], number(argv[3]), 4096);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(argv[1], ways[i].name) == 0)
            return ways[i].run();
    return 2;
}
