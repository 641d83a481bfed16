/* SPDX-License-Identifier: Apache-2.0 */
#include "structs32.h"

struct lock {
    int16_t type, whence;
    int32_t start, length, process;
};

struct wide_lock {
    int16_t type, whence;
    int64_t start, length;
    int32_t process;
} __attribute__((packed));

void structs32_stat(const struct stat *from, struct stat64_32 *to)
{
    *to = (struct stat64_32){
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
