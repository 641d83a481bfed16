// SPDX-License-Identifier: Apache-2.0
// Record locks, of processes and of open files, and waiting for locks of all kinds.
#include "locking.h"
#include "machine.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/time.h>

static void lock_here(int argument)
{
    (void)argument;
    open_locked();
}

static void wait_and_lock(int argument)
{
    REQUIRE(flock(argument, LOCK_EX) == 0 && flock(argument, LOCK_UN) == 0);
    REQUIRE(record_lock(argument, F_SETLKW, F_WRLCK, 0, 0) == 0);
}

static void waited_for(void)
{
    int fd = open_locked(), other = open_device(O_RDWR), ends[2];
    char byte;
    REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0 && pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        wait_and_lock(other);
        REQUIRE(write(ends[1], "l", 1) == 1);
        _exit(0);
    }
    REQUIRE(flock(fd, LOCK_UN) == 0 && record_lock(fd, F_SETLK, F_UNLCK, 0, 0) == 0);
    REQUIRE(read(ends[0], &byte, 1) == 1);
    require_success(child);
}

static void tick(int signal)
{
    (void)signal;
}

// The signal comes again and again: one of them comes while the process waits.
static void interrupted(void)
{
    struct sigaction action = {.sa_handler = tick};
    struct other other = begin_other(lock_here, 0);
    int fd = open_device(O_RDWR);
    REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
    pid_t child = fork();
    if (child == 0) {
        struct itimerval often = {{0, 10000}, {0, 10000}};
        int again = open_device(O_RDWR);
        REQUIRE(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
        REQUIRE(flock(again, LOCK_EX) == -1 && errno == EINTR);
        REQUIRE(record_lock(again, F_SETLKW, F_WRLCK, 0, 0) == EINTR);
        REQUIRE(record_lock(again, F_OFD_SETLKW, F_WRLCK, 0, 0) == EINTR);
        _exit(0);
    }
    require_success(child);
    end_other(other);
}

static void records_exclude(void)
{
    int fd = open_device(O_RDWR);
    REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
    REQUIRE(LOCKED(record_lock_again) && LOCKED(open_file_lock_again) && FREE(flock_again));
    int second = open_device(O_RDWR);
    REQUIRE(record_lock(second, F_SETLK, F_WRLCK, 0, 0) == 0 && LOCKED(record_lock_again));
    REQUIRE(record_lock(second, F_OFD_SETLK, F_WRLCK, 0, 0) == EAGAIN);
    REQUIRE(record_lock(fd, F_SETLK, F_UNLCK, 0, 0) == 0 && FREE(record_lock_again));
}

static void records_end_with_any_close(void)
{
    int fd = open_device(O_RDWR), second = open_device(O_RDWR), copy = dup(fd);
    REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0 && LOCKED(record_lock_again));
    int third = open_device(O_RDWR);
    REQUIRE(LOCKED(record_lock_again) && close(third) == 0 && FREE(record_lock_again));
    REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0 && LOCKED(record_lock_again));
    REQUIRE(close(copy) == 0 && FREE(record_lock_again));
    REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0 && LOCKED(record_lock_again));
    REQUIRE(close_range((unsigned)second, (unsigned)second, 0) == 0 && FREE(record_lock_again));
}

// What Trapline does for a mapping must not close a descriptor of the file.
static void records_beside_mappings(void)
{
    int fd = open_device(O_RDWR);
    REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
    volatile uint8_t *first = map_of(fd), *second = map_of(fd);
    use_device(first, 8);
    REQUIRE(LOCKED(record_lock_again) && munmap((void *)first, PAGE) == 0 && LOCKED(record_lock_again));
    use_device(second, 8);
    REQUIRE(mremap((void *)second, PAGE, PAGE, MREMAP_MAYMOVE) != MAP_FAILED && LOCKED(record_lock_again));
    REQUIRE(close(fd) == 0 && FREE(record_lock_again));
}

static void lock_record_here(int argument)
{
    REQUIRE(record_lock(open_device(O_RDWR), F_SETLK, F_WRLCK, argument, 10) == 0);
}

static void records_tell_their_owner(void)
{
    struct other other = begin_other(lock_record_here, 100);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 90, .l_len = 50};
    int fd = open_device(O_RDWR), owner = open_device(O_RDWR);
    REQUIRE(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK && lock.l_pid == other.pid);
    REQUIRE(lock.l_whence == SEEK_SET && lock.l_start == 100 && lock.l_len == 10);
    lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 0, .l_len = 100};
    REQUIRE(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK && lock.l_whence == SEEK_CUR);
    REQUIRE(record_lock(fd, F_SETLK, F_RDLCK, 105, 1) == EAGAIN && record_lock(fd, F_SETLK, F_RDLCK, 110, 1) == 0);
    end_other(other);
    REQUIRE(record_lock(owner, F_OFD_SETLK, F_WRLCK, 0, 0) == EAGAIN &&
            record_lock(owner, F_OFD_SETLK, F_WRLCK, 0, 110) == 0);
    lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    REQUIRE(fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK && lock.l_pid == -1);
}

static void open_file_locks(void)
{
    int fd = open_device(O_RDWR), copy = dup(fd);
    REQUIRE(record_lock(fd, F_OFD_SETLK, F_WRLCK, 0, 0) == 0);
    REQUIRE(record_lock(open_device(O_RDWR), F_OFD_SETLK, F_WRLCK, 0, 0) == EAGAIN);
    close(fd);
    REQUIRE(LOCKED(open_file_lock_again) && LOCKED(record_lock_again));
    volatile uint8_t *mapped = map_of(copy);
    close(copy);
    REQUIRE(LOCKED(open_file_lock_again) && munmap((void *)mapped, PAGE) == 0 && FREE(open_file_lock_again));
}

static void owning(void)
{
    REQUIRE(LOCKED(record_lock_again));
    int second = open_device(O_RDWR);
    REQUIRE(LOCKED(record_lock_again) && close(second) == 0 && FREE(record_lock_again));
}

static void records_over_exec(void)
{
    REQUIRE(record_lock(open_device(O_RDWR), F_SETLK, F_WRLCK, 0, 0) == 0);
    execv("/proc/self/exe", step_arguments("owning"));
}

static int lockf_again(void)
{
    return lockf(open_device(O_RDWR), F_TLOCK, 0) == 0 ? 0 : errno;
}
static int lockf_test(void)
{
    return lockf(open_device(O_RDWR), F_TEST, 0) == 0 ? 0 : errno;
}

static void by_lockf(void)
{
    int fd = open_device(O_RDWR);
    REQUIRE(lockf(fd, F_LOCK, 0) == 0 && lockf(fd, F_TEST, 0) == 0);
    REQUIRE(LOCKED(lockf_again) && in_a_child(lockf_test) == EACCES);
    REQUIRE(lockf(fd, F_ULOCK, 0) == 0 && FREE(lockf_test) && FREE(lockf_again));
    REQUIRE(lockf(fd, 99, 0) == -1 && errno == EINVAL);
}

static void by_number(void)
{
    int fd = open_device(O_RDWR);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    REQUIRE(syscall(SYS_flock, fd, LOCK_EX | LOCK_NB) == 0 && LOCKED(flock_again));
    REQUIRE(syscall(NUMBER_OF_FCNTL, fd, F_SETLK, &lock) == 0 && LOCKED(record_lock_again));
    REQUIRE(syscall(SYS_close, fd) == 0 && FREE(flock_again) && FREE(record_lock_again));
}

static void refused(void)
{
    int reader = open_device(O_RDONLY), writer = open_device(O_WRONLY);
    REQUIRE(record_lock(reader, F_SETLK, F_WRLCK, 0, 0) == EBADF &&
            record_lock(writer, F_SETLK, F_RDLCK, 0, 0) == EBADF);
    REQUIRE(record_lock(reader, F_SETLK, F_RDLCK, 0, 0) == 0 && flock(reader, LOCK_EX | LOCK_NB) == 0);
    REQUIRE(flock(writer, 0) == -1 && errno == EINVAL && fcntl(reader, F_SETLK, (struct flock *)16) == -1 &&
            errno == EFAULT);
    REQUIRE((fcntl(reader, F_GETFL) & O_ACCMODE) == O_RDONLY && (fcntl(writer, F_GETFL) & O_ACCMODE) == O_WRONLY);
    REQUIRE(fcntl(reader, F_SETFL, O_NONBLOCK) == 0 &&
            (fcntl(reader, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND)) == O_NONBLOCK);
    REQUIRE(record_lock(reader, F_SETLK, F_WRLCK, 0, 0) == EBADF);
}

const struct behaviour behaviours[] = {
    {.name = "waited for", .show = waited_for},
    {.name = "a wait that a signal ends", .show = interrupted},
    {.name = "record locks exclude other processes", .show = records_exclude},
    {.name = "record locks end with any close", .show = records_end_with_any_close},
    {.name = "record locks beside mappings", .show = records_beside_mappings},
    {.name = "record locks tell their owner", .show = records_tell_their_owner},
    {.name = "record locks are kept over exec", .show = records_over_exec},
    {.name = "locks of open files", .show = open_file_locks},
    {.name = "lockf", .show = by_lockf},
    {.name = "by the raw system calls", .show = by_number},
    {.name = "what is refused, and the flags of the file", .show = refused},
    {.name = "owning", .show = owning, .is_step = true},
    {.name = NULL},
};
