// SPDX-License-Identifier: Apache-2.0
// own_libc PATH BASE: what a program's own libc keeps of its threads stays its own, whoever else is in the process:
// errno and thread-local variables, also in handlers that come in the middle of a call, threads that end by
// themselves, and threads that are cancelled.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "device.h"

enum { THREADS = 50, CALLS = 5, MARK = 7 };

static volatile uint8_t *registers;
static atomic_int left = THREADS, wrong;
static _Thread_local int mark = MARK;
static volatile int handled;

static int fails(const char *path, int failure)
{
    errno = 0;
    return open(path, O_RDONLY) == -1 && errno == failure;
}

static void *end_by_itself(void *unused)
{
    (void)device_read32(registers, 8);
    wrong += !fails("/nowhere", ENOENT) || mark != MARK;
    left--;
    return unused;
}

static void on_alarm(int number)
{
    int failure = errno;
    wrong += number != SIGALRM || mark != MARK || !fails("/dev/null/below", ENOTDIR);
    (void)device_read32(registers, 12);
    errno = failure;
    handled++;
}

static void *wait_for_ever(void *argument)
{
    char byte;
    int *channel = argument;
    return read(channel[0], &byte, 1) == 1 ? argument : NULL;
}

static void start_threads(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < THREADS; i++)
        wrong += pthread_create(&thread, &attributes, end_by_itself, NULL) != 0;
    while (left > 0)
        usleep(1000);
}

static void interrupt_calls(int channel)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval often = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    char byte;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < CALLS; i++)
        wrong += read(channel, &byte, 1) != -1 || errno != EINTR;
    setitimer(ITIMER_REAL, &never, NULL);
}

int main(int count, char **words)
{
    int channel[2];
    void *result;
    pthread_t thread;
    if (count != 3 || pipe(channel) != 0)
        return 2;
    registers = device_map(words[1], number(words[2]), 4096);
    start_threads();
    interrupt_calls(channel[0]);
    pthread_create(&thread, NULL, wait_for_ever, channel);
    usleep(1000);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    wrong += result != PTHREAD_CANCELED;
    printf("own_libc: %s, %d wrong\n", handled >= CALLS ? "handled" : "not handled", wrong);
    return wrong != 0;
}
