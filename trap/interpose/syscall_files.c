/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls by number that look for files, or change what is known of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "by_number.h"
#include "device/node.h"
#include "ground/readable.h"
#include "kernel_call.h"

#define PATH(index) ((const char *)a[index])
#define TIMES(index) ((const struct timespec *)a[index])
#define HOW ((const struct open_how *)a[2])

CARRY(open, open(PATH(0), (int)a[1], (mode_t)a[2]))
CARRY(openat, openat((int)a[0], PATH(1), (int)a[2], (mode_t)a[3]))
CARRY(creat, creat(PATH(0), (mode_t)a[1]))

static bool leads_to_node(int directory, const char *path)
{
    return readable_text(path) &&
           (node_of_path(directory, path) != NODE_NONE || node_behind_link(directory, path) != NODE_NONE);
}

CARRY(openat2, a[3] >= (long)sizeof *HOW && leads_to_node((int)a[0], PATH(1))
                   ? openat((int)a[0], PATH(1), (int)HOW->flags, (mode_t)HOW->mode)
                   : KERNEL_CALL(SYS_openat2, a[0], a[1], a[2], a[3]))

CARRY(stat, stat(PATH(0), (struct stat *)a[1]))
CARRY(lstat, lstat(PATH(0), (struct stat *)a[1]))
CARRY(newfstatat, fstatat((int)a[0], PATH(1), (struct stat *)a[2], (int)a[3]))
CARRY(statx, statx((int)a[0], PATH(1), (int)a[2], (unsigned)a[3], (struct statx *)a[4]))
CARRY(fstat, fstat((int)a[0], (struct stat *)a[1]))
CARRY(statfs, statfs(PATH(0), (struct statfs *)a[1]))
CARRY(fstatfs, fstatfs((int)a[0], (struct statfs *)a[1]))
CARRY(access, access(PATH(0), (int)a[1]))
CARRY(faccessat, faccessat((int)a[0], PATH(1), (int)a[2], 0))
CARRY(faccessat2, faccessat((int)a[0], PATH(1), (int)a[2], (int)a[3]))
CARRY(readlink, readlink(PATH(0), (char *)a[1], (size_t)a[2]))
CARRY(readlinkat, readlinkat((int)a[0], PATH(1), (char *)a[2], (size_t)a[3]))
CARRY(inotify_add_watch, inotify_add_watch((int)a[0], PATH(1), (uint32_t)a[2]))

CARRY(chmod, chmod(PATH(0), (mode_t)a[1]))
CARRY(fchmod, fchmod((int)a[0], (mode_t)a[1]))
CARRY(fchmodat, fchmodat((int)a[0], PATH(1), (mode_t)a[2], 0))
CARRY(chown, chown(PATH(0), (uid_t)a[1], (gid_t)a[2]))
CARRY(lchown, lchown(PATH(0), (uid_t)a[1], (gid_t)a[2]))
CARRY(fchown, fchown((int)a[0], (uid_t)a[1], (gid_t)a[2]))
CARRY(fchownat, fchownat((int)a[0], PATH(1), (uid_t)a[2], (gid_t)a[3], (int)a[4]))
CARRY(utime, utime(PATH(0), (const struct utimbuf *)a[1]))
CARRY(utimes, utimes(PATH(0), (const struct timeval *)a[1]))
CARRY(utimensat, a[1] != 0 ? utimensat((int)a[0], PATH(1), TIMES(2), (int)a[3]) : futimens((int)a[0], TIMES(2)))

CARRY(unlink, unlink(PATH(0)))
CARRY(unlinkat, unlinkat((int)a[0], PATH(1), (int)a[2]))
CARRY(rename, rename(PATH(0), PATH(1)))
CARRY(renameat, renameat((int)a[0], PATH(1), (int)a[2], PATH(3)))
CARRY(renameat2, renameat2((int)a[0], PATH(1), (int)a[2], PATH(3), (unsigned)a[4]))
CARRY(link, link(PATH(0), PATH(1)))
CARRY(linkat, linkat((int)a[0], PATH(1), (int)a[2], PATH(3), (int)a[4]))
CARRY(symlink, symlink(PATH(0), PATH(1)))
CARRY(symlinkat, symlinkat(PATH(0), (int)a[1], PATH(2)))
CARRY(mknod, mknod(PATH(0), (mode_t)a[1], (dev_t)a[2]))
CARRY(mknodat, mknodat((int)a[0], PATH(1), (mode_t)a[2], (dev_t)a[3]))

CARRY(truncate, truncate(PATH(0), a[1]))
CARRY(execve, execve(PATH(0), (char *const *)a[1], (char *const *)a[2]))
CARRY(execveat, execveat((int)a[0], PATH(1), (char *const *)a[2], (char *const *)a[3], (int)a[4]))
