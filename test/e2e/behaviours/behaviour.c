// SPDX-License-Identifier: Apache-2.0
// FAMILY PATH BASE         runs all rows, each in a process of its own; one line per row: "NAME: ok" or why not
// FAMILY PATH BASE NAME    runs one row in this process, prints nothing if all is well
// FAMILY rows              prints the names of the rows
#include "behaviour.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

enum { ROW_SECONDS = 60 };

const char *device_path;
off_t device_base;
static char *base_text;
static const char *row_name;

void behaviour_fail(const char *file, int line, const char *what)
{
    dprintf(STDERR_FILENO, "%s: %s:%d: not so: %s (errno: %s)\n", row_name, file, line, what, strerror(errno));
    _exit(1);
}

int open_device(int flags)
{
    int fd = open(device_path, flags);
    REQUIRE(fd >= 0);
    return fd;
}

volatile uint8_t *map_device(void)
{
    return device_map(device_path, (uint64_t)device_base, PAGE);
}

volatile uint8_t *map(void *address, size_t length, int protection, int flags)
{
    void *mapped = mmap(address, length, protection, flags, open_device(O_RDWR), device_base);
    REQUIRE(mapped != MAP_FAILED);
    return mapped;
}

void use_device(volatile uint8_t *device, uint64_t offset)
{
    static atomic_uint last;
    uint32_t value = 0x5eed0000u + atomic_fetch_add(&last, 1);
    device_write32(device, offset, value);
    REQUIRE(device_read32(device, offset) == value);
}

int wait_for(pid_t child)
{
    int status;
    REQUIRE(child > 0 && waitpid(child, &status, 0) == child);
    return status;
}

void require_success(pid_t child)
{
    REQUIRE(wait_for(child) == 0);
}

char **step_arguments(const char *step)
{
    static char *arguments[5];
    arguments[0] = "/proc/self/exe";
    arguments[1] = (char *)device_path;
    arguments[2] = base_text;
    arguments[3] = (char *)step;
    return arguments;
}

static const struct behaviour *find(const char *name)
{
    for (const struct behaviour *row = behaviours; row->name != NULL; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    fprintf(stderr, "there is no row '%s'\n", name);
    exit(2);
}

static pid_t start(const struct behaviour *row)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv("/proc/self/exe", step_arguments(row->name));
    _exit(2);
}

// -1 if it takes too long. SIGCHLD is blocked.
static int end_of(pid_t child)
{
    struct timespec limit = {.tv_sec = ROW_SECONDS};
    sigset_t ended;
    int status = -1;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    while (waitpid(child, &status, WNOHANG) == 0)
        if (sigtimedwait(&ended, NULL, &limit) < 0 && errno == EAGAIN) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
    return status;
}

static void run(const struct behaviour *row)
{
    int status = end_of(start(row));
    if (status == -1)
        printf("%s: did not end within %d s\n", row->name, ROW_SECONDS);
    else if (row->ends_by != 0 ? WIFSIGNALED(status) && WTERMSIG(status) == row->ends_by : status == 0)
        printf("%s: ok\n", row->name);
    else if (WIFSIGNALED(status))
        printf("%s: ended by signal %d\n", row->name, WTERMSIG(status));
    else
        printf("%s: ended with status %d\n", row->name, WEXITSTATUS(status));
    fflush(stdout);
}

static void print_name(const struct behaviour *row)
{
    puts(row->name);
}

static void for_each_row(void (*act)(const struct behaviour *))
{
    for (const struct behaviour *row = behaviours; row->name != NULL; row++)
        if (!row->is_step)
            act(row);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "rows") == 0) {
        for_each_row(print_name);
        return 0;
    }
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: %s rows | PATH BASE [NAME]\n", argv[0]);
        return 2;
    }
    device_path = argv[1];
    base_text = argv[2];
    device_base = (off_t)number(argv[2]);
    row_name = argc == 4 ? argv[3] : argv[0];
    if (argc == 4) {
        find(row_name)->show();
        return 0;
    }
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, NULL);
    for_each_row(run);
    return 0;
}
