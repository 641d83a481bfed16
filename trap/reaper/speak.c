/* SPDX-License-Identifier: Apache-2.0 */
#include "speak.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_US = 300000, AGAIN_US = 50000 };

static volatile sig_atomic_t is_over;

static void interrupt(int signal)
{
    (void)signal;
    is_over = 1;
}

/* The descriptor is shared with others, so it can't be made one that never blocks. A clock interrupts the call instead
 * (write(2), EINTR), again and again, should it strike just before the call. */
void speak(const char *sentence)
{
    char line[512];
    size_t length = (size_t)snprintf(line, sizeof line, "trapline: %s\n", sentence), sent = 0;
    struct sigaction action = {.sa_handler = interrupt};
    struct itimerval clock = {{0, AGAIN_US}, {0, PATIENCE_US}}, none = {{0, 0}, {0, 0}};
    sigset_t alarm;
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarm, NULL);
    setitimer(ITIMER_REAL, &clock, NULL);
    for (ssize_t count = 0; sent < length && !is_over && count >= 0; sent += (size_t)count)
        if ((count = write(STDERR_FILENO, line + sent, length - sent)) < 0)
            break;
    setitimer(ITIMER_REAL, &none, NULL);
}
