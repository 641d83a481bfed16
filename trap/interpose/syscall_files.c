/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls by number that look for files, or change what is known of them; openat2 has a file of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "attributes.h"
#include "by_number.h"
#include "device/node.h"
#include "ground/readable.h"
#include "kernel_call.h"

#define PATH(index) ((const char *)a[index])
#define TIMES(index) ((const struct timespec *)a[index])

CARRY(open, open(PATH(0), (int)a[1], (mode_t)a[2]))
CARRY(openat, openat((int)a[0], PATH(1), (int)a[2], (mode_t)a[3]))
CARRY(creat, creat(PATH(0), (mode_t)a[1]))

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

/* Newer than libc's names for them. */
#define AT(flags) attributes_place((int)a[0], PATH(1), (int)a[flags])
CARRY(fchmodat2, KERNEL_CALL(SYS_fchmodat2, a[0], AT(3), a[2], a[3]))
CARRY(futimesat, KERNEL_CALL(SYS_futimesat, a[0], attributes_place((int)a[0], PATH(1), 0), a[2]))
CARRY(getxattrat, KERNEL_CALL(SYS_getxattrat, a[0], AT(2), a[2], a[3], a[4], a[5]))
CARRY(listxattrat, KERNEL_CALL(SYS_listxattrat, a[0], AT(2), a[2], a[3], a[4]))
CARRY(file_getattr, KERNEL_CALL(SYS_file_getattr, a[0], AT(4), a[2], a[3], a[4]))
CARRY(file_setattr, KERNEL_CALL(SYS_file_setattr, a[0], AT(4), a[2], a[3], a[4]))

CARRY(setxattr, setxattr(PATH(0), PATH(1), (const void *)a[2], (size_t)a[3], (int)a[4]))
CARRY(lsetxattr, lsetxattr(PATH(0), PATH(1), (const void *)a[2], (size_t)a[3], (int)a[4]))
CARRY(getxattr, getxattr(PATH(0), PATH(1), (void *)a[2], (size_t)a[3]))
CARRY(lgetxattr, lgetxattr(PATH(0), PATH(1), (void *)a[2], (size_t)a[3]))
CARRY(listxattr, listxattr(PATH(0), (char *)a[1], (size_t)a[2]))
CARRY(llistxattr, llistxattr(PATH(0), (char *)a[1], (size_t)a[2]))
CARRY(removexattr, removexattr(PATH(0), PATH(1)))
CARRY(lremovexattr, lremovexattr(PATH(0), PATH(1)))
CARRY(fsetxattr, fsetxattr((int)a[0], PATH(1), (const void *)a[2], (size_t)a[3], (int)a[4]))
CARRY(fgetxattr, fgetxattr((int)a[0], PATH(1), (void *)a[2], (size_t)a[3]))
CARRY(flistxattr, flistxattr((int)a[0], (char *)a[1], (size_t)a[2]))
CARRY(fremovexattr, fremovexattr((int)a[0], PATH(1)))

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
