/* SPDX-License-Identifier: Apache-2.0 */
#include "by_number32.h"

#include <asm/unistd_32.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "by_number.h"
#include "ground/readable.h"
#include "memory/window.h"
#include "net/calls32.h"
#include "signals32.h"
#include "structs32.h"

#define OWN(call) static long carry32_##call(const long a[6]);
#define SAME(call, same) long same32_##call(const long a[6]);
CALLS32_WATCHED(SAME, OWN)
#undef OWN
#undef SAME

#define CARRY32(call, expression)                                                                                      \
    static long carry32_##call(const long a[6])                                                                        \
    {                                                                                                                  \
        return (expression);                                                                                           \
    }

#define ARGUMENTS(...) ((const long[6]){__VA_ARGS__})
#define SIGNED(index) ((long)(int32_t)a[index])
#define WIDE(low, high) ((long)((uint64_t)(uint32_t)a[low] | (uint64_t)(uint32_t)a[high] << 32))

enum { MOST_PIECES = 1024 };

static long bad_pointer(void)
{
    errno = EFAULT;
    return -1;
}

/* ---- files */

static long give_stat(long result, const struct stat *stat, long to)
{
    if (result != 0)
        return result;
    if (!readable((void *)to, sizeof(struct stat64_32)))
        return bad_pointer();
    structs32_stat(stat, (struct stat64_32 *)to);
    return 0;
}

static long carry32_stat64(const long a[6])
{
    struct stat found;
    return give_stat(stat((const char *)a[0], &found), &found, a[1]);
}

static long carry32_lstat64(const long a[6])
{
    struct stat found;
    return give_stat(lstat((const char *)a[0], &found), &found, a[1]);
}

static long carry32_fstat64(const long a[6])
{
    struct stat found;
    return give_stat(fstat((int)a[0], &found), &found, a[1]);
}

static long carry32_fstatat64(const long a[6])
{
    struct stat found;
    return give_stat(fstatat((int)a[0], (const char *)a[1], &found, (int)a[3]), &found, a[2]);
}

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
CARRY32(lseek, carry_lseek(ARGUMENTS(a[0], SIGNED(1), a[2])))
CARRY32(pread64, carry_pread64(ARGUMENTS(a[0], a[1], a[2], WIDE(3, 4))))
CARRY32(pwrite64, carry_pwrite64(ARGUMENTS(a[0], a[1], a[2], WIDE(3, 4))))

static long carry32__llseek(const long a[6])
{
    if (!readable((void *)a[3], sizeof(int64_t)))
        return bad_pointer();
    long result = carry_lseek(ARGUMENTS(a[0], WIDE(2, 1), a[4]));
    if (result == -1)
        return -1;
    memcpy((void *)a[3], &result, sizeof result);
    return 0;
}

static long move_vector(long (*move)(const long a[6]), const long a[6], long offset)
{
    struct iovec vector[MOST_PIECES];
    if (a[2] > MOST_PIECES)
        return move(ARGUMENTS(a[0], a[1], a[2], offset, 0, a[5]));
    if (!readable((void *)a[1], (size_t)a[2] * sizeof(struct iovec32)))
        return bad_pointer();
    structs32_vector((const struct iovec32 *)a[1], (size_t)a[2], vector);
    return move(ARGUMENTS(a[0], (long)vector, a[2], offset, 0, a[5]));
}

CARRY32(readv, move_vector(carry_readv, a, 0))
CARRY32(writev, move_vector(carry_writev, a, 0))
CARRY32(preadv, move_vector(carry_preadv, a, WIDE(3, 4)))
CARRY32(preadv2, move_vector(carry_preadv2, a, WIDE(3, 4)))
CARRY32(pwritev2, move_vector(carry_pwritev2, a, WIDE(3, 4)))
CARRY32(pwritev, move_vector(carry_pwritev, a, WIDE(3, 4)))

static long carry32_sendfile(const long a[6])
{
    int64_t offset = 0;
    if (a[2] == 0)
        return carry_sendfile(a);
    if (!readable((void *)a[2], sizeof(int32_t)))
        return bad_pointer();
    offset = *(const int32_t *)a[2];
    long result = carry_sendfile(ARGUMENTS(a[0], a[1], (long)&offset, a[3]));
    *(int32_t *)a[2] = (int32_t)offset;
    return result;
}

/* Commands with a lock in them have one number for each size of it. */
static long carry32_fcntl64(const long a[6])
{
    enum { GETLK64 = 12, SETLK64 = 13, SETLKW64 = 14 };
    bool is_wide = (a[1] >= GETLK64 && a[1] <= SETLKW64) || (a[1] >= F_OFD_GETLK && a[1] <= F_OFD_SETLKW);
    long command = a[1] >= GETLK64 && a[1] <= SETLKW64 ? a[1] - GETLK64 + F_GETLK : a[1];
    if (!is_wide && !(a[1] >= F_GETLK && a[1] <= F_SETLKW))
        return carry_fcntl(a);
    struct flock lock;
    if (!readable((void *)a[2], structs32_lock_size(is_wide)))
        return bad_pointer();
    structs32_take_lock((void *)a[2], is_wide, &lock);
    long result = carry_fcntl(ARGUMENTS(a[0], command, (long)&lock));
    if (result == 0 && (command == F_GETLK || command == F_OFD_GETLK))
        structs32_give_lock(&lock, is_wide, (void *)a[2]);
    return result;
}

CARRY32(fcntl, carry32_fcntl64(a))

/* ---- memory: where the kernel puts it for 32-bit programs too */

static long map(long address, long size, long protection, long flags, long file, long offset)
{
    long anywhere = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) ? 0 : MAP_32BIT;
    return carry_mmap(ARGUMENTS(address, size, protection, flags | anywhere, (long)(int32_t)file, offset));
}

CARRY32(mmap2, map(a[0], a[1], a[2], a[3], a[4], a[5] << 12))

static long carry32_mmap(const long a[6])
{
    const uint32_t *all = (const uint32_t *)a[0];
    if (!readable(all, 6 * sizeof *all))
        return bad_pointer();
    return map(all[0], all[1], all[2], all[3], all[4], all[5]);
}

/* Where the kernel finds no room for a mapping that is to move, we do. */
static long carry32_mremap(const long a[6])
{
    bool is_free_to_move = a[3] == MREMAP_MAYMOVE;
    if (!is_free_to_move || window_overlaps((uint64_t)a[0], (uint64_t)(a[0] + a[1])))
        return carry_mremap(a);
    long result = carry_mremap(ARGUMENTS(a[0], a[1], a[2], 0));
    if (result != -1 || errno != ENOMEM)
        return result;
    void *room = mmap(NULL, (size_t)a[2], PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT, -1, 0);
    if (room == MAP_FAILED)
        return -1;
    result = carry_mremap(ARGUMENTS(a[0], a[1], a[2], MREMAP_MAYMOVE | MREMAP_FIXED, (long)room));
    if (result == -1)
        munmap(room, (size_t)a[2]);
    return result;
}

/* ---- time */

static bool take_time(long from, struct timespec *time)
{
    return from == 0 || (readable((void *)from, sizeof(struct timespec32)) &&
                         (structs32_time((const struct timespec32 *)from, time), true));
}

static long give_time(long result, const struct timespec *time, long to)
{
    if (to != 0 && readable((void *)to, sizeof(struct timespec32)))
        *(struct timespec32 *)to = (struct timespec32){(int32_t)time->tv_sec, (int32_t)time->tv_nsec};
    return result;
}

static long carry32_nanosleep(const long a[6])
{
    struct timespec wanted, left = {0};
    if (a[0] == 0 || !take_time(a[0], &wanted))
        return bad_pointer();
    long result = carry_nanosleep(ARGUMENTS((long)&wanted, a[1] != 0 ? (long)&left : 0));
    return result == -1 && errno == EINTR ? give_time(result, &left, a[1]) : result;
}

static long carry32_clock_nanosleep(const long a[6])
{
    struct timespec wanted, left = {0};
    if (a[2] == 0 || !take_time(a[2], &wanted))
        return bad_pointer();
    long result = carry_clock_nanosleep(ARGUMENTS(SIGNED(0), a[1], (long)&wanted, a[3] != 0 ? (long)&left : 0));
    return result == -1 && errno == EINTR ? give_time(result, &left, a[3]) : result;
}

/* Two times, or none: of seconds, with `parts` of one in a second. */
static long set_times(long directory, long path, long from, long flags, long parts)
{
    struct timespec both[2];
    if (from != 0 && (!take_time(from, &both[0]) || !take_time(from + (long)sizeof(struct timespec32), &both[1])))
        return bad_pointer();
    for (int i = 0; from != 0 && i < 2; i++)
        both[i].tv_nsec *= 1000000000 / parts;
    return carry_utimensat(ARGUMENTS(directory, path, from != 0 ? (long)both : 0, flags));
}

CARRY32(utimensat, set_times(SIGNED(0), a[1], a[2], a[3], 1000000000))
CARRY32(utimes, set_times(AT_FDCWD, a[0], a[1], 0, 1000000))

static long carry32_utime(const long a[6])
{
    const int32_t *seconds = (const int32_t *)a[1];
    if (seconds != NULL && !readable(seconds, 2 * sizeof *seconds))
        return bad_pointer();
    const struct timespec both[2] = {{.tv_sec = seconds != NULL ? seconds[0] : 0},
                                     {.tv_sec = seconds != NULL ? seconds[1] : 0}};
    return carry_utimensat(ARGUMENTS(AT_FDCWD, a[0], seconds != NULL ? (long)both : 0));
}

static long carry32_ppoll(const long a[6])
{
    struct timespec limit;
    if (!take_time(a[2], &limit))
        return bad_pointer();
    return carry_ppoll(ARGUMENTS(a[0], a[1], a[2] != 0 ? (long)&limit : 0, a[3], a[4]));
}

static long carry32__newselect(const long a[6])
{
    struct timespec limit = {0};
    if (!take_time(a[4], &limit))
        return bad_pointer();
    struct timeval time = {limit.tv_sec, limit.tv_nsec};
    long result = carry_select(ARGUMENTS(a[0], a[1], a[2], a[3], a[4] != 0 ? (long)&time : 0));
    return give_time(result, &(struct timespec){time.tv_sec, time.tv_usec}, a[4]);
}

/* The set of signals is behind a pointer, with its size. */
static long select_with(const long a[6], const struct timespec *limit)
{
    const uint32_t *inner = (const uint32_t *)a[5];
    if (inner != NULL && !readable(inner, 2 * sizeof *inner))
        return bad_pointer();
    uint64_t wide[2] = {inner != NULL ? inner[0] : 0, inner != NULL ? inner[1] : 0};
    return carry_pselect6(ARGUMENTS(a[0], a[1], a[2], a[3], (long)limit, inner != NULL ? (long)wide : 0));
}

static long carry32_pselect6(const long a[6])
{
    struct timespec limit;
    return take_time(a[4], &limit) ? select_with(a, a[4] != 0 ? &limit : NULL) : bad_pointer();
}

CARRY32(pselect6_time64, select_with(a, (const struct timespec *)a[4]))

static long carry32_clock_gettime(const long a[6])
{
    struct timespec now;
    if (!readable((void *)a[1], sizeof(struct timespec32)))
        return bad_pointer();
    long result = carry_clock_gettime(ARGUMENTS(SIGNED(0), (long)&now));
    return result == 0 ? give_time(0, &now, a[1]) : result;
}

static long carry32_gettimeofday(const long a[6])
{
    struct timeval now;
    if (a[0] != 0 && !readable((void *)a[0], sizeof(struct timespec32)))
        return bad_pointer();
    long result = carry_gettimeofday(ARGUMENTS((long)&now, a[1]));
    return result == 0 ? give_time(0, &(struct timespec){now.tv_sec, now.tv_usec}, a[0]) : result;
}

static long carry32_time(const long a[6])
{
    long now = carry_time(ARGUMENTS(0));
    if (a[0] != 0 && !readable((void *)a[0], sizeof(int32_t)))
        return bad_pointer();
    if (a[0] != 0)
        *(int32_t *)a[0] = (int32_t)now;
    return now;
}

/* ---- programs and signals */

static size_t count_words(const uint32_t *words)
{
    size_t count = 0;
    while (words != NULL && readable(&words[count], sizeof *words) && words[count] != 0)
        count++;
    return count;
}

static void widen_words(const uint32_t *words, size_t count, char **wide)
{
    for (size_t i = 0; i < count; i++)
        wide[i] = (char *)(uintptr_t)words[i];
    wide[count] = NULL;
}

static long execute(const long a[6], int program, bool has_directory)
{
    const uint32_t *arguments = (const uint32_t *)a[program + 1], *variables = (const uint32_t *)a[program + 2];
    size_t argument_count = count_words(arguments), variable_count = count_words(variables);
    char **wide = mmap(NULL, (argument_count + variable_count + 2) * sizeof *wide, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (wide == MAP_FAILED)
        return -1;
    char **environment = wide + argument_count + 1;
    widen_words(arguments, argument_count, wide);
    widen_words(variables, variable_count, environment);
    long result = has_directory ? carry_execveat(ARGUMENTS(a[0], a[program], (long)wide, (long)environment, a[4]))
                                : carry_execve(ARGUMENTS(a[program], (long)wide, (long)environment));
    int error = errno;
    munmap(wide, (argument_count + variable_count + 2) * sizeof *wide);
    errno = error;
    return result;
}

CARRY32(execve, execute(a, 0, false))
CARRY32(execveat, execute(a, 1, true))
/* The last two arguments have changed places. */
CARRY32(clone, carry_clone(ARGUMENTS(a[0], a[1], a[2], a[4], a[3])))

static long carry32_rt_sigtimedwait(const long a[6])
{
    struct timespec limit;
    return take_time(a[2], &limit) ? signals32_wait(a, a[2] != 0 ? &limit : NULL) : bad_pointer();
}

CARRY32(rt_sigtimedwait_time64, signals32_wait(a, (const struct timespec *)a[2]))
CARRY32(rt_sigaction, signals32_action((int)a[0], (const void *)a[1], (void *)a[2], a[3]))
CARRY32(sigaction, signals32_old_action((int)a[0], (const void *)a[1], (void *)a[2]))
CARRY32(signal, signals32_oldest_action((int)a[0], (uint32_t)a[1]))
CARRY32(sigprocmask, signals32_old_mask((int)a[0], (const uint32_t *)a[1], (uint32_t *)a[2]))

#define SAME(call, same)                                                                                               \
    case __NR_##call:                                                                                                  \
        return same32_##call(a);
#define OWN(call)                                                                                                      \
    case __NR_##call:                                                                                                  \
        return carry32_##call(a);

long by_number32(uint64_t pc, long number, const long a[6])
{
    (void)pc;
    switch (number) {
        CALLS32_WATCHED(SAME, OWN)
    default:
        errno = ENOSYS;
        return -1;
    }
}
