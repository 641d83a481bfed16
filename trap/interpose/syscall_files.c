/* SPDX-License-Identifier: Apache-2.0 */
#include "syscall_files.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

static bool attributes_by_number(long number, const long a[6], long *result)
{
    const char *path = (const char *)a[0], *other = (const char *)a[1];
    switch (number) {
    case SYS_chmod:
        return *result = chmod(path, (mode_t)a[1]), true;
    case SYS_fchmod:
        return *result = fchmod((int)a[0], (mode_t)a[1]), true;
    case SYS_fchmodat:
        return *result = fchmodat((int)a[0], other, (mode_t)a[2], 0), true;
    case SYS_chown:
        return *result = chown(path, (uid_t)a[1], (gid_t)a[2]), true;
    case SYS_lchown:
        return *result = lchown(path, (uid_t)a[1], (gid_t)a[2]), true;
    case SYS_fchown:
        return *result = fchown((int)a[0], (uid_t)a[1], (gid_t)a[2]), true;
    case SYS_fchownat:
        return *result = fchownat((int)a[0], other, (uid_t)a[2], (gid_t)a[3], (int)a[4]), true;
    case SYS_utime:
        return *result = utime(path, (const struct utimbuf *)a[1]), true;
    case SYS_utimes:
        return *result = utimes(path, (const struct timeval *)a[1]), true;
    case SYS_utimensat:
        return *result = other != NULL ? utimensat((int)a[0], other, (const struct timespec *)a[2], (int)a[3])
                                       : futimens((int)a[0], (const struct timespec *)a[2]),
               true;
    case SYS_statfs:
        return *result = statfs(path, (struct statfs *)a[1]), true;
    case SYS_fstatfs:
        return *result = fstatfs((int)a[0], (struct statfs *)a[1]), true;
    case SYS_inotify_add_watch:
        return *result = inotify_add_watch((int)a[0], other, (uint32_t)a[2]), true;
    default:
        return false;
    }
}

static bool names_by_number(long number, const long a[6], long *result)
{
    const char *path = (const char *)a[0], *other = (const char *)a[1];
    switch (number) {
    case SYS_unlink:
        return *result = unlink(path), true;
    case SYS_unlinkat:
        return *result = unlinkat((int)a[0], other, (int)a[2]), true;
    case SYS_rename:
        return *result = rename(path, other), true;
    case SYS_renameat:
        return *result = renameat((int)a[0], other, (int)a[2], (const char *)a[3]), true;
    case SYS_renameat2:
        return *result = renameat2((int)a[0], other, (int)a[2], (const char *)a[3], (unsigned)a[4]), true;
    case SYS_link:
        return *result = link(path, other), true;
    case SYS_linkat:
        return *result = linkat((int)a[0], other, (int)a[2], (const char *)a[3], (int)a[4]), true;
    case SYS_symlink:
        return *result = symlink(path, other), true;
    case SYS_symlinkat:
        return *result = symlinkat(path, (int)a[1], (const char *)a[2]), true;
    case SYS_mknod:
        return *result = mknod(path, (mode_t)a[1], (dev_t)a[2]), true;
    case SYS_mknodat:
        return *result = mknodat((int)a[0], other, (mode_t)a[2], (dev_t)a[3]), true;
    default:
        return false;
    }
}

bool syscall_of_files(long number, const long argument[6], long *result)
{
    return attributes_by_number(number, argument, result) || names_by_number(number, argument, result);
}
