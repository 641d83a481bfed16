// SPDX-License-Identifier: Apache-2.0
// What calls cost that have nothing to do with a device: call_cost PREFIX. Prints a line a kind: PREFIX and its name,
// then nanoseconds as median, p99 and mean.
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spread.h"

enum { GROUPS = 200, OF_A_GROUP = 100, PROGRAMS = 40 };

extern char **environ;
static int file;

static void call(void)
{
    getppid();
}

static void read_file(void)
{
    char room[64];
    if (pread(file, room, sizeof room, 0) < 0)
        exit(2);
}

static void open_file(void)
{
    close(open("/proc/self/stat", O_RDONLY));
}

static void start_program(void)
{
    char *arguments[] = {"true", NULL};
    pid_t child;
    if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) != 0 || waitpid(child, NULL, 0) != child)
        exit(2);
}

static void measure(const char *prefix, const char *name, void (*act)(void), int groups, int of_a_group)
{
    double values[GROUPS];
    char whole[64];
    for (int i = 0; i < groups; i++) {
        double start = ns_now();
        for (int j = 0; j < of_a_group; j++)
            act();
        values[i] = (ns_now() - start) / of_a_group;
    }
    snprintf(whole, sizeof whole, "%s%s", prefix, name);
    spread_print(whole, values, (size_t)groups);
}

int main(int count, char **arguments)
{
    const char *prefix = count > 1 ? arguments[1] : "";
    file = open(arguments[0], O_RDONLY);
    measure(prefix, "call", call, GROUPS, OF_A_GROUP);
    measure(prefix, "read", read_file, GROUPS, OF_A_GROUP);
    measure(prefix, "open", open_file, GROUPS, OF_A_GROUP);
    measure(prefix, "exec", start_program, PROGRAMS, 1);
    return 0;
}
