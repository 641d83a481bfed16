/* SPDX-License-Identifier: Apache-2.0
 *
 * What 32-bit programs (i386) hand to the kernel, where it is narrower than in 64-bit ones (kernel
 * arch/x86/include/asm/compat.h, uapi asm/stat.h). Pure.
 */
#ifndef TRAPLINE_CALLS32_STRUCTS32_H
#define TRAPLINE_CALLS32_STRUCTS32_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statfs.h>
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

/* As stat(2) had it in between, and at first. */
struct stat32 {
    uint32_t st_dev, st_ino;
    uint16_t st_mode, st_nlink, st_uid, st_gid;
    uint32_t st_rdev, st_size, st_blksize, st_blocks, atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec, rest[2];
};

struct oldstat32 {
    uint16_t st_dev, st_ino, st_mode, st_nlink, st_uid, st_gid, st_rdev, pad;
    uint32_t st_size, atime, mtime, ctime;
};

struct statfs32 {
    uint32_t f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_fsid[2], f_namelen, f_frsize, f_flags;
    uint32_t rest[4];
};

struct statfs64_32 {
    uint32_t f_type, f_bsize;
    uint64_t f_blocks, f_bfree, f_bavail, f_files, f_ffree;
    uint32_t f_fsid[2], f_namelen, f_frsize, f_flags, rest[4];
} __attribute__((packed, aligned(4)));

/* Messages of sockets, and what their control data is made of, each at a multiple of 4. */
struct message32 {
    uint32_t name;
    int32_t name_length;
    uint32_t vector, vector_length, control, control_length;
    int32_t flags;
};

struct message_of_many32 {
    struct message32 header;
    uint32_t length;
};

struct item32 {
    uint32_t length;
    int32_t level, type;
};

/* How many arguments a command of socketcall(2) has; 0: there is no such command. */
size_t structs32_socket_arguments(long command);

/* What leads to a message that is to be received by ipc(2). */
struct place32 {
    uint32_t message;
    int32_t type;
};

/* A filter of system calls (seccomp(2)). */
struct filter32 {
    uint16_t length;
    uint32_t code;
};

/* False if there is no room for something. */
bool structs32_stat(const struct stat *from, void *to);
bool structs32_newer_stat(const struct stat *from, void *to);
bool structs32_oldest_stat(const struct stat *from, void *to);
bool structs32_statfs(const struct statfs *from, struct statfs32 *to);
void structs32_statfs64(const struct statfs *from, struct statfs64_32 *to);

void structs32_vector(const struct iovec32 *from, size_t count, struct iovec *to);
void structs32_time(const struct timespec32 *from, struct timespec *to);

/* Locks of files, of which there are two sizes, and a number for each in the commands about them (fcntl(2)): what the
 * command is in 64-bit programs, and whether the lock is wide. Others are what they are there. */
long structs32_lock_command(long command, bool *is_wide);
size_t structs32_lock_size(bool is_wide);
void structs32_take_lock(const void *from, bool is_wide, struct flock *to);
void structs32_give_lock(const struct flock *from, bool is_wide, void *to);

#endif
