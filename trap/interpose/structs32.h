/* SPDX-License-Identifier: Apache-2.0
 *
 * What 32-bit programs (i386) hand to the kernel, where it is narrower than in 64-bit ones (kernel
 * arch/x86/include/asm/compat.h, uapi asm/stat.h). Pure.
 */
#ifndef TRAPLINE_INTERPOSE_STRUCTS32_H
#define TRAPLINE_INTERPOSE_STRUCTS32_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

struct timespec32 {
    int32_t tv_sec, tv_nsec;
};

struct iovec32 {
    uint32_t base, length;
};

struct stat64_32 {
    uint64_t st_dev;
    uint32_t pad0, st_ino_low, st_mode, st_nlink, st_uid, st_gid;
    uint64_t st_rdev;
    uint32_t pad3;
    int64_t st_size;
    uint32_t st_blksize;
    uint64_t st_blocks;
    uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
    uint64_t st_ino;
} __attribute__((packed));

void structs32_stat(const struct stat *from, struct stat64_32 *to);
void structs32_vector(const struct iovec32 *from, size_t count, struct iovec *to);
void structs32_time(const struct timespec32 *from, struct timespec *to);

/* Locks of files, of which there are two sizes. */
size_t structs32_lock_size(bool is_wide);
void structs32_take_lock(const void *from, bool is_wide, struct flock *to);
void structs32_give_lock(const struct flock *from, bool is_wide, void *to);

#endif
