/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of 32-bit programs: what is told of them, where in them something is, and locks.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "carry32.h"
#include "device/node.h"
#include "ground/readable.h"
#include "structs32.h"
#include "time32.h"

/* The three forms that there are: `give` fills in one of so many bytes, or says that something has no room in it. */
struct form {
    size_t bytes;
    bool (*give)(const struct stat *stat, void *to);
};
static const struct form newest = {sizeof(struct stat64_32), structs32_stat};
static const struct form newer = {sizeof(struct stat32), structs32_newer_stat};
static const struct form oldest = {sizeof(struct oldstat32), structs32_oldest_stat};

static long give_stat(long result, const struct stat *stat, const struct form *form, long to)
{
    if (result != 0)
        return result;
    if (!readable((void *)to, form->bytes))
        return fails32(EFAULT);
    return form->give(stat, (void *)to) ? 0 : fails32(EOVERFLOW);
}

#define STATS(form, path_call, link_call, descriptor_call)                                                             \
    long carry32_##path_call(const long a[6])                                                                          \
    {                                                                                                                  \
        struct stat found;                                                                                             \
        return give_stat(stat((const char *)a[0], &found), &found, form, a[1]);                                        \
    }                                                                                                                  \
    long carry32_##link_call(const long a[6])                                                                          \
    {                                                                                                                  \
        struct stat found;                                                                                             \
        return give_stat(lstat((const char *)a[0], &found), &found, form, a[1]);                                       \
    }                                                                                                                  \
    long carry32_##descriptor_call(const long a[6])                                                                    \
    {                                                                                                                  \
        struct stat found;                                                                                             \
        return give_stat(fstat((int)a[0], &found), &found, form, a[1]);                                                \
    }

STATS(&newest, stat64, lstat64, fstat64)
STATS(&newer, stat, lstat, fstat)
STATS(&oldest, oldstat, oldlstat, oldfstat)

long carry32_fstatat64(const long a[6])
{
    struct stat found;
    return give_stat(fstatat((int)a[0], (const char *)a[1], &found, (int)a[3]), &found, &newest, a[2]);
}

/* What of a file system has no room in 32 bits is told as such. */
static long give_statfs(long result, const struct statfs *found, long to)
{
    if (result != 0)
        return result;
    if (!readable((void *)to, sizeof(struct statfs32)))
        return fails32(EFAULT);
    return structs32_statfs(found, (struct statfs32 *)to) ? 0 : fails32(EOVERFLOW);
}

static long give_statfs64(long result, const struct statfs *found, long size, long to)
{
    if (result != 0)
        return result;
    if (size != sizeof(struct statfs64_32))
        return fails32(EINVAL);
    if (!readable((void *)to, sizeof(struct statfs64_32)))
        return fails32(EFAULT);
    structs32_statfs64(found, (struct statfs64_32 *)to);
    return 0;
}

#define STATFS(call, ...)                                                                                              \
    __extension__({                                                                                                    \
        struct statfs found;                                                                                           \
        long result = carry_##call(ARGUMENTS(a[0], (long)&found));                                                     \
        __VA_ARGS__;                                                                                                   \
    })

CARRY32(statfs, STATFS(statfs, give_statfs(result, &found, a[1])))
CARRY32(fstatfs, STATFS(fstatfs, give_statfs(result, &found, a[1])))
CARRY32(statfs64, STATFS(statfs, give_statfs64(result, &found, a[1], a[2])))
CARRY32(fstatfs64, STATFS(fstatfs, give_statfs64(result, &found, a[1], a[2])))

/* Users of 16 bits, of which the last stands for none. */
static long user(long narrow)
{
    return (narrow & 0xffff) == 0xffff ? (long)(uid_t)-1 : narrow & 0xffff;
}

CARRY32(chown, carry_chown(ARGUMENTS(a[0], user(a[1]), user(a[2]))))
CARRY32(lchown, carry_lchown(ARGUMENTS(a[0], user(a[1]), user(a[2]))))
CARRY32(fchown, carry_fchown(ARGUMENTS(a[0], user(a[1]), user(a[2]))))
CARRY32(truncate, carry_truncate(ARGUMENTS(a[0], SIGNED(1))))
CARRY32(truncate64, carry_truncate(ARGUMENTS(a[0], WIDE(1, 2))))
CARRY32(ftruncate, carry_ftruncate(ARGUMENTS(a[0], SIGNED(1))))
CARRY32(ftruncate64, carry_ftruncate(ARGUMENTS(a[0], WIDE(1, 2))))
CARRY32(fallocate, carry_fallocate(ARGUMENTS(a[0], a[1], WIDE(2, 3), WIDE(4, 5))))
CARRY32(sync_file_range, carry_sync_file_range(ARGUMENTS(a[0], WIDE(1, 2), WIDE(3, 4), a[5])))
CARRY32(lseek, carry_lseek(ARGUMENTS(a[0], SIGNED(1), a[2])))
CARRY32(pread64, carry_pread64(ARGUMENTS(a[0], a[1], a[2], WIDE(3, 4))))
CARRY32(pwrite64, carry_pwrite64(ARGUMENTS(a[0], a[1], a[2], WIDE(3, 4))))

long carry32__llseek(const long a[6])
{
    if (!readable((void *)a[3], sizeof(int64_t)))
        return fails32(EFAULT);
    long result = carry_lseek(ARGUMENTS(a[0], WIDE(2, 1), a[4]));
    if (result == -1)
        return -1;
    memcpy((void *)a[3], &result, sizeof result);
    return 0;
}

long carry32_fcntl64(const long a[6])
{
    bool is_wide;
    long command = structs32_lock_command(a[1], &is_wide);
    if (!is_wide && !(a[1] >= F_GETLK && a[1] <= F_SETLKW))
        return carry_fcntl(a);
    struct flock lock;
    if (!readable((void *)a[2], structs32_lock_size(is_wide)))
        return fails32(EFAULT);
    structs32_take_lock((void *)a[2], is_wide, &lock);
    long result = carry_fcntl(ARGUMENTS(a[0], command, (long)&lock));
    if (result == 0 && (command == F_GETLK || command == F_OFD_GETLK))
        structs32_give_lock(&lock, is_wide, (void *)a[2]);
    return result;
}

CARRY32(fcntl, carry32_fcntl64(a))

/* On other files requests are the kernel's, which knows what is narrower in each of them. */
long carry32_ioctl(const long a[6])
{
    return node_of_open_descriptor((int)a[0]) != NODE_NONE ? carry_ioctl(a) : kernel32_ioctl(a);
}

/* Two times, or none: of seconds, with `parts` of one in a second. */
static long set_times(long directory, long path, long from, long flags, long parts)
{
    struct timespec both[2];
    if (from != 0 && (!time32_take(from, &both[0]) || !time32_take(from + (long)sizeof(struct timespec32), &both[1])))
        return fails32(EFAULT);
    for (int i = 0; from != 0 && i < 2; i++)
        both[i].tv_nsec *= 1000000000 / parts;
    return carry_utimensat(ARGUMENTS(directory, path, from != 0 ? (long)both : 0, flags));
}

CARRY32(utimensat, set_times(SIGNED(0), a[1], a[2], a[3], 1000000000))
CARRY32(futimesat, set_times(SIGNED(0), a[1], a[2], 0, 1000000))
CARRY32(utimes, set_times(AT_FDCWD, a[0], a[1], 0, 1000000))

long carry32_utime(const long a[6])
{
    const int32_t *seconds = (const int32_t *)a[1];
    if (seconds != NULL && !readable(seconds, 2 * sizeof *seconds))
        return fails32(EFAULT);
    const struct timespec both[2] = {{.tv_sec = seconds != NULL ? seconds[0] : 0},
                                     {.tv_sec = seconds != NULL ? seconds[1] : 0}};
    return carry_utimensat(ARGUMENTS(AT_FDCWD, a[0], seconds != NULL ? (long)both : 0));
}
