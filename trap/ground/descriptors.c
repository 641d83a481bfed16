/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/resource.h>

#include "raw_syscall.h"
#include "signal_safe.h"

static int number_of(const char *name)
{
    int number = -1;
    for (; *name >= '0' && *name <= '9'; name++)
        number = (number < 0 ? 0 : number) * 10 + (*name - '0');
    return number;
}

/* Without /proc, or with all numbers taken: one after the other. */
static bool visit_numbers(descriptors_visitor *visit, void *argument)
{
    struct rlimit limit = {.rlim_cur = 1024};
    raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
    for (int number = 0; number < 65536 && (rlim_t)number < limit.rlim_cur; number++)
        if (raw_syscall(SYS_fcntl, number, F_GETFD) >= 0 && visit(number, argument))
            return true;
    return false;
}

static bool visit_entries(const char *entries, long length, long directory, descriptors_visitor *visit, void *argument)
{
    for (long at = 0; at < length;) {
        const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
        int number = number_of(entry->d_name);
        if (number >= 0 && number != directory && visit(number, argument))
            return true;
        at += entry->d_reclen;
    }
    return false;
}

bool descriptors_visit(descriptors_visitor *visit, void *argument)
{
    _Alignas(struct dirent64) char entries[512]; /* the stack may be the host's alternate one */
    bool found = false;
    long length;
    long directory = raw_syscall(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return visit_numbers(visit, argument);
    while (!found && (length = raw_syscall(SYS_getdents64, directory, entries, sizeof entries)) > 0)
        found = visit_entries(entries, length, directory, visit, argument);
    raw_syscall(SYS_close, directory);
    return found;
}
