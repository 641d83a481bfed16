/* SPDX-License-Identifier: Apache-2.0 */
#include "inherited.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ground/broker.h"

#define KEPT "TRAPLINE_KEPT_"

enum { FIRST_INHERITED = 4, MOST = 200 };

static int numbers[MOST], count;

/* The numbers of a variable, one after the other, with spaces between them. */
static int take_numbers(const char *variable, int list[MOST])
{
    const char *at = getenv(variable);
    int found = 0;
    for (char *end; at != NULL && found < MOST; at = end) {
        long number = strtol(at, &end, 10);
        if (end == at)
            break;
        list[found++] = (int)number;
    }
    return found;
}

void inherited_take(void)
{
    count = take_numbers(KEPT "DESCRIPTORS", numbers);
    for (int i = 0; i < count; i++)
        fcntl(FIRST_INHERITED + i, F_SETFD, FD_CLOEXEC);
}

/* What is beyond all of the numbers that are wanted. */
static int least_beyond(void)
{
    int least = FIRST_INHERITED + count;
    for (int i = 0; i < count; i++)
        least = numbers[i] >= least ? numbers[i] + 1 : least;
    return least;
}

/* The host's way to the broker stands at a number of its own. */
static bool is_taken(int number)
{
    const char *broker = getenv(BROKER_VARIABLE);
    return broker != NULL && atoi(broker) == number;
}

static void place(int beyond)
{
    int moved[MOST];
    for (int i = 0; i < count; i++)
        moved[i] = fcntl(FIRST_INHERITED + i, F_DUPFD_CLOEXEC, beyond);
    for (int i = 0; i < count; i++)
        if (moved[i] >= 0 && !is_taken(numbers[i]))
            dup2(moved[i], numbers[i]);
}

static void limit_files(void)
{
    const char *text = getenv(KEPT "OPEN_FILES");
    struct rlimit limit;
    if (text == NULL || getrlimit(RLIMIT_NOFILE, &limit) != 0 || strtoull(text, NULL, 10) > limit.rlim_max)
        return;
    limit.rlim_cur = strtoull(text, NULL, 10);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void ignore(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    int signals[MOST], signal_count = take_numbers(KEPT "IGNORED", signals);
    for (int i = 0; i < signal_count; i++)
        sigaction(signals[i], &action, NULL);
}

int inherited_give(int kept)
{
    int beyond = least_beyond(), moved = fcntl(kept, F_DUPFD_CLOEXEC, beyond);
    place(beyond);
    limit_files();
    ignore();
    return moved >= 0 ? moved : kept;
}

void inherited_forget(void)
{
    for (int i = 0; i < count; i++)
        close(FIRST_INHERITED + i);
    count = 0;
}
