/* SPDX-License-Identifier: Apache-2.0 */
#include "entering.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground/raw_syscall.h"
#include "ground/readable.h"
#include "untrapped.h"

static char enter[PATH_MAX]; /* empty: it can't be used */

/* What is brought in reaches devices by the net only. */
void entering_init(const char *library)
{
    const char *net = getenv("TRAPLINE_NET"), *slash = strrchr(library, '/');
    if (slash == NULL || (net != NULL && strcmp(net, "0") == 0))
        return;
    int length = snprintf(enter, sizeof enter, "%.*s/trapline-enter", (int)(slash - library), library);
    if (length >= (int)sizeof enter || raw_syscall(SYS_access, enter, X_OK) != 0)
        enter[0] = 0;
}

/* A descriptor that the exec closes is closed before trapline-enter could open what it leads to. */
static bool can_be_found(int directory, const char *path)
{
    if (path[0] == '/' || (path[0] != 0 && directory == AT_FDCWD))
        return raw_syscall(SYS_access, path, X_OK) == 0;
    return path[0] == 0 && (raw_syscall(SYS_fcntl, directory, F_GETFD) & FD_CLOEXEC) == 0;
}

bool entering_is_needed(const char *run_directory, int directory, const char *path)
{
    const char *reason = untrapped_reason(directory, path);
    if (reason == NULL)
        return false;
    if (enter[0] != 0 && untrapped_can_be_entered(reason) && can_be_found(directory, path))
        return true;
    untrapped_write(run_directory, path[0] != 0 ? path : "the program of a descriptor", reason);
    return false;
}

static size_t count_of(char *const words[])
{
    size_t count = 0;
    while (readable_list(words) && words[count] != NULL)
        count++;
    return count;
}

/* It leads elsewhere from trapline-enter. */
static bool is_own_program(const char *path)
{
    static const char start[] = "/proc/", end[] = "/exe";
    size_t length = strlen(path);
    return strncmp(path, start, sizeof start - 1) == 0 && strcmp(path + length - sizeof end + 1, end) == 0;
}

size_t entering_room(const char *path, char *const words[])
{
    return (count_of(words) + 4) * sizeof *words + (is_own_program(path) ? PATH_MAX : 0);
}

/* A program without words has an empty one (execve(2)). */
void entering_compose(const char *path, char *const words[], char **all)
{
    static char none[] = "";
    size_t count = count_of(words), at = 0;
    if (is_own_program(path)) {
        char *real = (char *)&all[count + 4];
        long length = raw_syscall(SYS_readlink, path, real, PATH_MAX - 1);
        real[length > 0 ? length : 0] = 0;
        path = real;
    }
    all[at++] = enter;
    all[at++] = (char *)path;
    if (count == 0)
        all[at++] = none;
    for (size_t i = 0; i < count; i++)
        all[at++] = words[i];
    all[at] = NULL;
}
