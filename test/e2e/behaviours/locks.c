// SPDX-License-Identifier: Apache-2.0
// Locks of open files (flock), and what they live as long as: descriptors and mappings of that file. And which file it
// is.
#include "locking.h"

#include <dirent.h>
#include <libgen.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void excludes(void)
{
    int fd = open_locked();
    REQUIRE(LOCKED(flock_again) && flock_again() == EWOULDBLOCK);
    REQUIRE(flock(fd, LOCK_UN) == 0 && FREE(flock_again) && flock_again() == 0);
}

static void shared(void)
{
    int first = open_device(O_RDONLY), second = open_device(O_RDWR);
    REQUIRE(flock(first, LOCK_SH | LOCK_NB) == 0 && flock(second, LOCK_SH | LOCK_NB) == 0);
    REQUIRE(flock(second, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK && LOCKED(flock_again));
    close(first);
    REQUIRE(flock(second, LOCK_EX | LOCK_NB) == 0);
}

static void kept_by_duplicates(void)
{
    int fd = open_locked(), copies[] = {dup(fd), dup2(fd, PASSED), dup3(fd, PASSED + 1, 0), fcntl(fd, F_DUPFD, 50)};
    close(fd);
    for (int i = 0; i < 4; i++) {
        REQUIRE(LOCKED(flock_again) && flock(copies[i], LOCK_EX | LOCK_NB) == 0);
        close(copies[i]);
    }
    REQUIRE(FREE(flock_again));
}

static void ended_by_dup2(void)
{
    int null = open("/dev/null", O_RDWR);
    REQUIRE(dup2(null, open_locked()) >= 0 && FREE(flock_again));
    REQUIRE(dup3(null, open_locked(), O_CLOEXEC) >= 0 && FREE(flock_again));
}

static void ended_by_ranges(void)
{
    int fd = open_locked();
    REQUIRE(close_range((unsigned)fd + 1, ~0u, 0) == 0 && LOCKED(flock_again));
    REQUIRE(close_range((unsigned)fd, (unsigned)fd, 0) == 0 && FREE(flock_again));
    closefrom(open_locked());
    REQUIRE(FREE(flock_again));
}

static void ended_by_fclose(void)
{
    FILE *stream = fopen(device_path, "r+");
    REQUIRE(stream != NULL && flock(fileno(stream), LOCK_EX | LOCK_NB) == 0 && LOCKED(flock_again));
    REQUIRE(fclose(stream) == 0 && FREE(flock_again));
}

static void kept_by_mapping(void)
{
    int fd = open_locked();
    volatile uint8_t *mapped = map_of(fd);
    close(fd);
    REQUIRE(LOCKED(flock_again));
    use_device(mapped, 8);
    REQUIRE(LOCKED(flock_again) && munmap((void *)mapped, PAGE) == 0 && FREE(flock_again));
}

static void kept_by_moved_mapping(void)
{
    int fd = open_locked();
    volatile uint8_t *mapped = map_of(fd), *place = map_of(fd);
    close(fd);
    REQUIRE(mremap((void *)mapped, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place && LOCKED(flock_again));
    use_device(place, 8);
    REQUIRE(mmap((void *)place, PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == place &&
            FREE(flock_again));
}

static void only_wait(int argument)
{
    (void)argument;
}

static void kept_by_child(void)
{
    int fd = open_locked();
    struct other other = begin_other(only_wait, 0);
    close(fd);
    REQUIRE(LOCKED(flock_again));
    end_other(other);
    REQUIRE(FREE(flock_again));
}

static void kept_by_mapping_of_child(void)
{
    int fd = open_locked();
    volatile uint8_t *mapped = map_of(fd);
    close(fd);
    struct other other = begin_other(only_wait, 0);
    munmap((void *)mapped, PAGE);
    REQUIRE(LOCKED(flock_again));
    end_other(other);
    REQUIRE(FREE(flock_again));
}

static void lock_here(int argument)
{
    (void)argument;
    open_locked();
}

static void ended_by_death(void)
{
    struct other other = begin_other(lock_here, 0);
    REQUIRE(LOCKED(flock_again) && kill(other.pid, SIGKILL) == 0);
    REQUIRE(WTERMSIG(wait_for(other.pid)) == SIGKILL && FREE(flock_again));
}

static void holding(void)
{
    REQUIRE(LOCKED(flock_again) && flock(PASSED, LOCK_EX | LOCK_NB) == 0);
    close(PASSED);
    REQUIRE(FREE(flock_again));
}

static void kept_over_exec(void)
{
    int fd = open_locked();
    REQUIRE(dup2(fd, PASSED) == PASSED && close(fd) == 0);
    execv("/proc/self/exe", step_arguments("holding"));
}

static void lost(void)
{
    REQUIRE(fcntl(PASSED, F_GETFD) == -1 && FREE(flock_again));
}

static void ended_by_exec(void)
{
    int fd = open_locked();
    REQUIRE(dup3(fd, PASSED, O_CLOEXEC) == PASSED && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && LOCKED(flock_again));
    execv("/proc/self/exe", step_arguments("lost"));
}

// The kernel wakes who started a program before it closes what the program does not get, so the program says that it
// runs.
static void started_by_libc(void)
{
    enum { TOLD = 9 };
    int kept = open_device(O_RDWR), closed = open_device(O_RDWR | O_CLOEXEC), ends[2];
    char byte;
    REQUIRE(flock(closed, LOCK_EX | LOCK_NB) == 0 && record_lock(kept, F_OFD_SETLK, F_WRLCK, 0, 0) == 0);
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0 && dup2(ends[1], TOLD) == TOLD);
    FILE *program = popen("echo >&9; cat > /dev/null", "w");
    close(kept);
    close(closed);
    REQUIRE(program != NULL && read(ends[0], &byte, 1) == 1 && FREE(flock_again) && LOCKED(open_file_lock_again));
    REQUIRE(pclose(program) == 0 && FREE(open_file_lock_again));
}

static void started_with_file_actions(void)
{
    int fd = open_device(O_RDWR | O_CLOEXEC), ends[2];
    pid_t child;
    posix_spawn_file_actions_t actions;
    char *arguments[] = {"cat", NULL};
    REQUIRE(flock(fd, LOCK_EX | LOCK_NB) == 0 && pipe2(ends, O_CLOEXEC) == 0 &&
            posix_spawn_file_actions_init(&actions) == 0);
    REQUIRE(posix_spawn_file_actions_adddup2(&actions, ends[0], 0) == 0 &&
            posix_spawn_file_actions_adddup2(&actions, fd, PASSED) == 0);
    REQUIRE(posix_spawnp(&child, "cat", &actions, NULL, arguments, environ) == 0);
    close(fd);
    REQUIRE(LOCKED(flock_again) && close(ends[1]) == 0);
    require_success(child);
    REQUIRE(FREE(flock_again));
}

static void by_programs(void)
{
    char script[1024];
    snprintf(script, sizeof script,
             "exec 9<>'%s' && flock -n 9 && ! flock -n '%s' true && flock -u 9 && flock -n '%s' true", device_path,
             device_path, device_path);
    REQUIRE(system(script) == 0);
}

static void send_descriptor(int socket, int fd)
{
    char byte = 'd', control[CMSG_SPACE(sizeof fd)] = {0};
    struct iovec piece = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    REQUIRE(sendmsg(socket, &message, 0) == 1);
}

// The host sees what it was sent, and nothing else.
static int receive_descriptor(int socket)
{
    int fd;
    char byte, control[256];
    struct iovec piece = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    REQUIRE(recvmsg(socket, &message, 0) == 1 && message.msg_flags == 0 &&
            message.msg_controllen == CMSG_SPACE(sizeof fd));
    REQUIRE(CMSG_FIRSTHDR(&message)->cmsg_len == CMSG_LEN(sizeof fd));
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

static void receive_and_unlock(void)
{
    int fd = receive_descriptor(PASSED);
    use_device(map_of(fd), 8);
    REQUIRE(LOCKED(flock_again) && flock(fd, LOCK_UN) == 0 && FREE(flock_again));
}

static void kept_in_a_message(void)
{
    int sockets[2], fd = open_locked();
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    send_descriptor(sockets[0], fd);
    close(fd);
    REQUIRE(LOCKED(flock_again));
    pid_t child = fork();
    if (child == 0) {
        REQUIRE(dup2(sockets[1], PASSED) == PASSED);
        execv("/proc/self/exe", step_arguments("receiving"));
        _exit(1);
    }
    close(sockets[1]);
    require_success(child);
    REQUIRE(FREE(flock_again));
}

static void opened_by_link(void)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", open_locked());
    int again = open(path, O_RDWR);
    REQUIRE(again >= 0 && flock(again, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
    use_device(map_of(again), 8);
}

static int same_file(void)
{
    struct stat opened, named;
    REQUIRE(fstat(open_device(O_RDWR), &opened) == 0 && stat(device_path, &named) == 0);
    return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev ? (int)(opened.st_ino % 251) : 255;
}

static void one_file(void)
{
    struct stat first, other;
    struct statx extended;
    char link[64], target[4096] = "";
    int fd = open_device(O_RDWR);
    REQUIRE(fstat(fd, &first) == 0 && fstat(open_device(O_RDONLY), &other) == 0);
    REQUIRE(first.st_ino == other.st_ino && first.st_dev == other.st_dev && first.st_rdev == other.st_rdev);
    REQUIRE(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &extended) == 0 && extended.stx_ino == first.st_ino);
    REQUIRE(in_a_child(same_file) == (int)(first.st_ino % 251));
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    REQUIRE(stat(link, &other) == 0 && first.st_ino == other.st_ino && first.st_dev == other.st_dev);
    REQUIRE(readlink(link, target, sizeof target - 1) > 0 && strcmp(target, device_path) == 0);
    REQUIRE(realpath(link, target) != NULL && strcmp(target, device_path) == 0);
}

static void listed(void)
{
    struct stat status;
    char *directory = dirname(strdup(device_path)), *name = basename(strdup(device_path));
    ino_t found = 0;
    REQUIRE(stat(device_path, &status) == 0);
    DIR *stream = opendir(directory);
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (strcmp(entry->d_name, name) == 0)
            found = entry->d_ino;
    REQUIRE(found == status.st_ino && closedir(stream) == 0);
}

enum { PROCESSES = 4, ROUNDS = 25 };

// No lock, no sum: each round reads and writes under it.
static void many_processes(void)
{
    volatile uint8_t *device = map_of(open_device(O_RDWR));
    pid_t children[PROCESSES];
    device_write32(device, 64, 0);
    for (int i = 0; i < PROCESSES; i++)
        if ((children[i] = fork()) == 0) {
            int fd = open_device(O_RDWR);
            for (int round = 0; round < ROUNDS; round++) {
                REQUIRE(flock(fd, LOCK_EX) == 0);
                device_write32(device, 64, device_read32(device, 64) + 1);
                REQUIRE(flock(fd, LOCK_UN) == 0);
            }
            _exit(0);
        }
    for (int i = 0; i < PROCESSES; i++)
        require_success(children[i]);
    REQUIRE(device_read32(device, 64) == PROCESSES * ROUNDS);
}

static void no_leaks(void)
{
    int before = open("/dev/null", O_RDONLY);
    close(before);
    for (int i = 0; i < 100; i++) {
        int fd = open_device(O_RDWR);
        REQUIRE(fd == before && record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
        close(fd);
    }
    REQUIRE(open("/dev/null", O_RDONLY) == before);
}

const struct behaviour behaviours[] = {
    {.name = "flock excludes every other opener", .show = excludes},
    {.name = "flock shared, and made exclusive", .show = shared},
    {.name = "kept by duplicates, to the last", .show = kept_by_duplicates},
    {.name = "ended by dup2 onto it", .show = ended_by_dup2},
    {.name = "ended by close_range and closefrom", .show = ended_by_ranges},
    {.name = "ended by fclose", .show = ended_by_fclose},
    {.name = "kept by a mapping after close", .show = kept_by_mapping},
    {.name = "kept by a mapping that is moved", .show = kept_by_moved_mapping},
    {.name = "kept by a forked child", .show = kept_by_child},
    {.name = "kept by a mapping in a forked child", .show = kept_by_mapping_of_child},
    {.name = "ended by SIGKILL", .show = ended_by_death},
    {.name = "kept over exec", .show = kept_over_exec},
    {.name = "ended by exec with O_CLOEXEC", .show = ended_by_exec},
    {.name = "in programs that libc starts", .show = started_by_libc},
    {.name = "in a program that file actions give it to", .show = started_with_file_actions},
    {.name = "by the shell and flock(1)", .show = by_programs},
    {.name = "kept by a descriptor in a message", .show = kept_in_a_message},
    {.name = "opened again by its link in /proc/self/fd", .show = opened_by_link},
    {.name = "all opens are one file", .show = one_file},
    {.name = "its directory lists that file", .show = listed},
    {.name = "four processes count under a lock", .show = many_processes},
    {.name = "a hundred opens leave nothing", .show = no_leaks},
    {.name = "holding", .show = holding, .is_step = true},
    {.name = "lost", .show = lost, .is_step = true},
    {.name = "receiving", .show = receive_and_unlock, .is_step = true},
    {.name = NULL},
};
