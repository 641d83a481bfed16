/* SPDX-License-Identifier: Apache-2.0 */
#include "structs32.h"

#include <linux/net.h>

#include <sys/sysmacros.h>

struct lock {
    int16_t type, whence;
    int32_t start, length, process;
};

struct wide_lock {
    int16_t type, whence;
    int64_t start, length;
    int32_t process;
} __attribute__((packed));

bool structs32_stat(const struct stat *from, void *to)
{
    *(struct stat64_32 *)to = (struct stat64_32){
        .st_dev = from->st_dev,
        .st_ino_low = (uint32_t)from->st_ino,
        .st_mode = from->st_mode,
        .st_nlink = (uint32_t)from->st_nlink,
        .st_uid = from->st_uid,
        .st_gid = from->st_gid,
        .st_rdev = from->st_rdev,
        .st_size = from->st_size,
        .st_blksize = (uint32_t)from->st_blksize,
        .st_blocks = (uint64_t)from->st_blocks,
        .atime = (uint32_t)from->st_atim.tv_sec,
        .atime_nsec = (uint32_t)from->st_atim.tv_nsec,
        .mtime = (uint32_t)from->st_mtim.tv_sec,
        .mtime_nsec = (uint32_t)from->st_mtim.tv_nsec,
        .ctime = (uint32_t)from->st_ctim.tv_sec,
        .ctime_nsec = (uint32_t)from->st_ctim.tv_nsec,
        .st_ino = from->st_ino,
    };
    return true;
}

/* Users that 16 bits have no room for (the kernel's overflowuid). */
static uint16_t narrow_user(uint32_t user)
{
    enum { OVERFLOW_USER = 65534 };
    return user <= UINT16_MAX ? (uint16_t)user : OVERFLOW_USER;
}

bool structs32_newer_stat(const struct stat *from, void *to)
{
    bool has_room = from->st_ino <= UINT32_MAX && from->st_nlink <= UINT16_MAX && from->st_size <= INT32_MAX;
    if (has_room)
        *(struct stat32 *)to = (struct stat32){
            .st_dev = (uint32_t)from->st_dev,
            .st_ino = (uint32_t)from->st_ino,
            .st_mode = (uint16_t)from->st_mode,
            .st_nlink = (uint16_t)from->st_nlink,
            .st_uid = narrow_user(from->st_uid),
            .st_gid = narrow_user(from->st_gid),
            .st_rdev = (uint32_t)from->st_rdev,
            .st_size = (uint32_t)from->st_size,
            .st_blksize = (uint32_t)from->st_blksize,
            .st_blocks = (uint32_t)from->st_blocks,
            .atime = (uint32_t)from->st_atim.tv_sec,
            .atime_nsec = (uint32_t)from->st_atim.tv_nsec,
            .mtime = (uint32_t)from->st_mtim.tv_sec,
            .mtime_nsec = (uint32_t)from->st_mtim.tv_nsec,
            .ctime = (uint32_t)from->st_ctim.tv_sec,
            .ctime_nsec = (uint32_t)from->st_ctim.tv_nsec,
        };
    return has_room;
}

/* The first form of a device's number. */
static uint16_t narrow_device(dev_t device)
{
    return (uint16_t)(major(device) << 8 | (minor(device) & 0xff));
}

bool structs32_oldest_stat(const struct stat *from, void *to)
{
    bool has_room = from->st_ino <= UINT16_MAX && from->st_nlink <= UINT16_MAX && from->st_size <= INT32_MAX;
    if (has_room)
        *(struct oldstat32 *)to = (struct oldstat32){
            .st_dev = narrow_device(from->st_dev),
            .st_ino = (uint16_t)from->st_ino,
            .st_mode = (uint16_t)from->st_mode,
            .st_nlink = (uint16_t)from->st_nlink,
            .st_uid = narrow_user(from->st_uid),
            .st_gid = narrow_user(from->st_gid),
            .st_rdev = narrow_device(from->st_rdev),
            .st_size = (uint32_t)from->st_size,
            .atime = (uint32_t)from->st_atim.tv_sec,
            .mtime = (uint32_t)from->st_mtim.tv_sec,
            .ctime = (uint32_t)from->st_ctim.tv_sec,
        };
    return has_room;
}

/* All files of a file system that counts none are one number. */
static bool is_narrow(uint64_t files)
{
    return files <= UINT32_MAX || files == UINT64_MAX;
}

bool structs32_statfs(const struct statfs *from, struct statfs32 *to)
{
    bool has_room = (from->f_blocks | from->f_bfree | from->f_bavail) <= UINT32_MAX && is_narrow(from->f_files) &&
                    is_narrow(from->f_ffree);
    if (has_room)
        *to = (struct statfs32){
            .f_type = (uint32_t)from->f_type,
            .f_bsize = (uint32_t)from->f_bsize,
            .f_blocks = (uint32_t)from->f_blocks,
            .f_bfree = (uint32_t)from->f_bfree,
            .f_bavail = (uint32_t)from->f_bavail,
            .f_files = (uint32_t)from->f_files,
            .f_ffree = (uint32_t)from->f_ffree,
            .f_fsid = {(uint32_t)from->f_fsid.__val[0], (uint32_t)from->f_fsid.__val[1]},
            .f_namelen = (uint32_t)from->f_namelen,
            .f_frsize = (uint32_t)from->f_frsize,
            .f_flags = (uint32_t)from->f_flags,
        };
    return has_room;
}

void structs32_statfs64(const struct statfs *from, struct statfs64_32 *to)
{
    *to = (struct statfs64_32){
        .f_type = (uint32_t)from->f_type,
        .f_bsize = (uint32_t)from->f_bsize,
        .f_blocks = from->f_blocks,
        .f_bfree = from->f_bfree,
        .f_bavail = from->f_bavail,
        .f_files = from->f_files,
        .f_ffree = from->f_ffree,
        .f_fsid = {(uint32_t)from->f_fsid.__val[0], (uint32_t)from->f_fsid.__val[1]},
        .f_namelen = (uint32_t)from->f_namelen,
        .f_frsize = (uint32_t)from->f_frsize,
        .f_flags = (uint32_t)from->f_flags,
    };
}

size_t structs32_socket_arguments(long command)
{
    static const uint8_t counts[] = {
        [SYS_SOCKET] = 3,      [SYS_BIND] = 3,        [SYS_CONNECT] = 3,    [SYS_LISTEN] = 2,     [SYS_ACCEPT] = 3,
        [SYS_GETSOCKNAME] = 3, [SYS_GETPEERNAME] = 3, [SYS_SOCKETPAIR] = 4, [SYS_SEND] = 4,       [SYS_RECV] = 4,
        [SYS_SENDTO] = 6,      [SYS_RECVFROM] = 6,    [SYS_SHUTDOWN] = 2,   [SYS_SETSOCKOPT] = 5, [SYS_GETSOCKOPT] = 5,
        [SYS_SENDMSG] = 3,     [SYS_RECVMSG] = 3,     [SYS_ACCEPT4] = 4,    [SYS_RECVMMSG] = 5,   [SYS_SENDMMSG] = 4};
    return (uint64_t)command < sizeof counts ? counts[command] : 0;
}

void structs32_vector(const struct iovec32 *from, size_t count, struct iovec *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (struct iovec){(void *)(uintptr_t)from[i].base, from[i].length};
}

void structs32_time(const struct timespec32 *from, struct timespec *to)
{
    *to = (struct timespec){from->tv_sec, from->tv_nsec};
}

long structs32_lock_command(long command, bool *is_wide)
{
    enum { GETLK64 = 12, SETLKW64 = 14 };
    bool has_own_number = command >= GETLK64 && command <= SETLKW64;
    *is_wide = has_own_number || (command >= F_OFD_GETLK && command <= F_OFD_SETLKW);
    return has_own_number ? command - GETLK64 + F_GETLK : command;
}

size_t structs32_lock_size(bool is_wide)
{
    return is_wide ? sizeof(struct wide_lock) : sizeof(struct lock);
}

void structs32_take_lock(const void *from, bool is_wide, struct flock *to)
{
    const struct lock *narrow = from;
    const struct wide_lock *wide = from;
    *to = is_wide ? (struct flock){wide->type, wide->whence, wide->start, wide->length, wide->process}
                  : (struct flock){narrow->type, narrow->whence, narrow->start, narrow->length, narrow->process};
}

void structs32_give_lock(const struct flock *from, bool is_wide, void *to)
{
    if (is_wide)
        *(struct wide_lock *)to = (struct wide_lock){from->l_type, from->l_whence, from->l_start, from->l_len,
                                                     from->l_pid};
    else
        *(struct lock *)to = (struct lock){from->l_type, from->l_whence, (int32_t)from->l_start, (int32_t)from->l_len,
                                           from->l_pid};
}
