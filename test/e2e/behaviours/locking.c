// SPDX-License-Identifier: Apache-2.0
#include "locking.h"

#include <sys/file.h>
#include <sys/wait.h>

int record_lock(int fd, int command, short type, off_t start, off_t length)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, command, &lock) == 0 ? 0 : errno;
}

int flock_again(void)
{
    int fd = open_device(O_RDWR), error = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
    close(fd);
    return error;
}
int record_lock_again(void)
{
    return record_lock(open_device(O_RDWR), F_SETLK, F_WRLCK, 0, 0);
}
int open_file_lock_again(void)
{
    return record_lock(open_device(O_RDWR), F_OFD_SETLK, F_WRLCK, 0, 0);
}

int in_a_child(int (*attempt)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(attempt());
    int status = wait_for(child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int open_locked(void)
{
    int fd = open_device(O_RDWR);
    REQUIRE(flock(fd, LOCK_EX | LOCK_NB) == 0);
    return fd;
}

volatile uint8_t *map_of(int fd)
{
    volatile uint8_t *mapped = mmap(NULL, PAGE, BOTH, MAP_SHARED, fd, device_base);
    REQUIRE(mapped != MAP_FAILED);
    return mapped;
}

struct other begin_other(void (*act)(int argument), int argument)
{
    int ready[2], end[2];
    char byte;
    REQUIRE(pipe(ready) == 0 && pipe(end) == 0);
    pid_t child = fork();
    if (child == 0) {
        close(end[1]);
        act(argument);
        REQUIRE(write(ready[1], "r", 1) == 1);
        REQUIRE(read(end[0], &byte, 1) == 0);
        _exit(0);
    }
    close(ready[1]);
    close(end[0]);
    REQUIRE(read(ready[0], &byte, 1) == 1);
    return (struct other){child, ready[0], end[1]};
}

void end_other(struct other other)
{
    close(other.end);
    require_success(other.pid);
}
