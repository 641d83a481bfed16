// SPDX-License-Identifier: Apache-2.0
// Locks on a device, and what they live as long as: the open file, its descriptors and its mappings.
#include "behaviour.h"

#include <dirent.h>
#include <libgen.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { PASSED = 77 };

static int record_lock(int fd, int command, short type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, command, &lock) == 0 ? 0 : errno;
}

// What another opener gets: 0 or an errno.
static int flock_again(void) {
  int fd = open_device(O_RDWR), error = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
  close(fd);
  return error;
}
static int record_lock_again(void) {
  return record_lock(open_device(O_RDWR), F_SETLK, F_WRLCK, 0, 0);
}
static int open_file_lock_again(void) {
  return record_lock(open_device(O_RDWR), F_OFD_SETLK, F_WRLCK, 0, 0);
}

static int in_a_child(int (*attempt)(void)) {
  pid_t child = fork();
  if (child == 0)
    _exit(attempt());
  int status = wait_for(child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

#define LOCKED(attempt) (in_a_child(attempt) == EAGAIN)
#define FREE(attempt) (in_a_child(attempt) == 0)

static int open_locked(void) {
  int fd = open_device(O_RDWR);
  REQUIRE(flock(fd, LOCK_EX | LOCK_NB) == 0);
  return fd;
}

static volatile uint8_t *map_of(int fd) {
  volatile uint8_t *mapped = mmap(NULL, PAGE, BOTH, MAP_SHARED, fd, device_base);
  REQUIRE(mapped != MAP_FAILED);
  return mapped;
}

// A process beside this one. It says when it is ready, and ends when it is told.
struct other {
  pid_t pid;
  int ready, end;
};

static struct other begin_other(void (*act)(int argument), int argument) {
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

static void end_other(struct other other) {
  close(other.end);
  require_success(other.pid);
}

static void excludes(void) {
  int fd = open_locked();
  REQUIRE(LOCKED(flock_again) && flock_again() == EWOULDBLOCK);
  REQUIRE(flock(fd, LOCK_UN) == 0 && FREE(flock_again) && flock_again() == 0);
}

static void shared(void) {
  int first = open_device(O_RDONLY), second = open_device(O_RDWR);
  REQUIRE(flock(first, LOCK_SH | LOCK_NB) == 0 && flock(second, LOCK_SH | LOCK_NB) == 0);
  REQUIRE(flock(second, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK && LOCKED(flock_again));
  close(first);
  REQUIRE(flock(second, LOCK_EX | LOCK_NB) == 0);
}

static void kept_by_duplicates(void) {
  int fd = open_locked(), copies[] = {dup(fd), dup2(fd, PASSED), dup3(fd, PASSED + 1, 0), fcntl(fd, F_DUPFD, 50)};
  close(fd);
  for (int i = 0; i < 4; i++) {
    REQUIRE(LOCKED(flock_again) && flock(copies[i], LOCK_EX | LOCK_NB) == 0);
    close(copies[i]);
  }
  REQUIRE(FREE(flock_again));
}

static void ended_by_dup2(void) {
  int null = open("/dev/null", O_RDWR);
  REQUIRE(dup2(null, open_locked()) >= 0 && FREE(flock_again));
  REQUIRE(dup3(null, open_locked(), O_CLOEXEC) >= 0 && FREE(flock_again));
}

static void ended_by_ranges(void) {
  int fd = open_locked();
  REQUIRE(close_range((unsigned)fd + 1, ~0u, 0) == 0 && LOCKED(flock_again));
  REQUIRE(close_range((unsigned)fd, (unsigned)fd, 0) == 0 && FREE(flock_again));
  closefrom(open_locked());
  REQUIRE(FREE(flock_again));
}

static void ended_by_fclose(void) {
  FILE *stream = fopen(device_path, "r+");
  REQUIRE(stream != NULL && flock(fileno(stream), LOCK_EX | LOCK_NB) == 0 && LOCKED(flock_again));
  REQUIRE(fclose(stream) == 0 && FREE(flock_again));
}

static void kept_by_mapping(void) {
  int fd = open_locked();
  volatile uint8_t *mapped = map_of(fd);
  close(fd);
  REQUIRE(LOCKED(flock_again));
  use_device(mapped, 8);
  REQUIRE(LOCKED(flock_again) && munmap((void *)mapped, PAGE) == 0 && FREE(flock_again));
}

static void kept_by_moved_mapping(void) {
  int fd = open_locked();
  volatile uint8_t *mapped = map_of(fd), *place = map_of(fd);
  close(fd);
  REQUIRE(mremap((void *)mapped, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, place) == place && LOCKED(flock_again));
  use_device(place, 8);
  REQUIRE(mmap((void *)place, PAGE, BOTH, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == place && FREE(flock_again));
}

static void only_wait(int argument) {
  (void)argument;
}

static void kept_by_child(void) {
  int fd = open_locked();
  struct other other = begin_other(only_wait, 0);
  close(fd);
  REQUIRE(LOCKED(flock_again));
  end_other(other);
  REQUIRE(FREE(flock_again));
}

static void kept_by_mapping_of_child(void) {
  int fd = open_locked();
  volatile uint8_t *mapped = map_of(fd);
  close(fd);
  struct other other = begin_other(only_wait, 0);
  munmap((void *)mapped, PAGE);
  REQUIRE(LOCKED(flock_again));
  end_other(other);
  REQUIRE(FREE(flock_again));
}

static void lock_here(int argument) {
  (void)argument;
  open_locked();
}

static void ended_by_death(void) {
  struct other other = begin_other(lock_here, 0);
  REQUIRE(LOCKED(flock_again) && kill(other.pid, SIGKILL) == 0);
  REQUIRE(WTERMSIG(wait_for(other.pid)) == SIGKILL && FREE(flock_again));
}

static void holding(void) {
  REQUIRE(LOCKED(flock_again) && flock(PASSED, LOCK_EX | LOCK_NB) == 0);
  close(PASSED);
  REQUIRE(FREE(flock_again));
}

static void kept_over_exec(void) {
  int fd = open_locked();
  REQUIRE(dup2(fd, PASSED) == PASSED && close(fd) == 0);
  execv("/proc/self/exe", step_arguments("holding"));
}

static void lost(void) {
  REQUIRE(fcntl(PASSED, F_GETFD) == -1 && FREE(flock_again));
}

static void ended_by_exec(void) {
  int fd = open_locked();
  REQUIRE(dup3(fd, PASSED, O_CLOEXEC) == PASSED && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && LOCKED(flock_again));
  execv("/proc/self/exe", step_arguments("lost"));
}

// The kernel wakes who started a program before it closes what the program does not get, so the program says that it runs.
static void started_by_libc(void) {
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

static void started_with_file_actions(void) {
  int fd = open_device(O_RDWR | O_CLOEXEC), ends[2];
  pid_t child;
  posix_spawn_file_actions_t actions;
  char *arguments[] = {"cat", NULL};
  REQUIRE(flock(fd, LOCK_EX | LOCK_NB) == 0 && pipe2(ends, O_CLOEXEC) == 0 && posix_spawn_file_actions_init(&actions) == 0);
  REQUIRE(posix_spawn_file_actions_adddup2(&actions, ends[0], 0) == 0 && posix_spawn_file_actions_adddup2(&actions, fd, PASSED) == 0);
  REQUIRE(posix_spawnp(&child, "cat", &actions, NULL, arguments, environ) == 0);
  close(fd);
  REQUIRE(LOCKED(flock_again) && close(ends[1]) == 0);
  require_success(child);
  REQUIRE(FREE(flock_again));
}

static void by_programs(void) {
  char script[1024];
  snprintf(script, sizeof script, "exec 9<>'%s' && flock -n 9 && ! flock -n '%s' true && flock -u 9 && flock -n '%s' true",
           device_path, device_path, device_path);
  REQUIRE(system(script) == 0);
}

static void send_descriptor(int socket, int fd) {
  char byte = 'd', control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  REQUIRE(sendmsg(socket, &message, 0) == 1);
}

// The host sees what it was sent, and nothing else.
static int receive_descriptor(int socket) {
  int fd;
  char byte, control[256];
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  REQUIRE(recvmsg(socket, &message, 0) == 1 && message.msg_flags == 0 && message.msg_controllen == CMSG_SPACE(sizeof fd));
  REQUIRE(CMSG_FIRSTHDR(&message)->cmsg_len == CMSG_LEN(sizeof fd));
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

static void receive_and_unlock(void) {
  int fd = receive_descriptor(PASSED);
  use_device(map_of(fd), 8);
  REQUIRE(LOCKED(flock_again) && flock(fd, LOCK_UN) == 0 && FREE(flock_again));
}

static void kept_in_a_message(void) {
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

static void opened_by_link(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", open_locked());
  int again = open(path, O_RDWR);
  REQUIRE(again >= 0 && flock(again, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
  use_device(map_of(again), 8);
}

static void wait_and_lock(int argument) {
  REQUIRE(flock(argument, LOCK_EX) == 0 && flock(argument, LOCK_UN) == 0);
  REQUIRE(record_lock(argument, F_SETLKW, F_WRLCK, 0, 0) == 0);
}

static void waited_for(void) {
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

static void tick(int signal) {
  (void)signal;
}

// The signal comes again and again: one of them comes while the process waits.
static void interrupted(void) {
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

static void records_exclude(void) {
  int fd = open_device(O_RDWR);
  REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
  REQUIRE(LOCKED(record_lock_again) && LOCKED(open_file_lock_again) && FREE(flock_again));
  int second = open_device(O_RDWR);
  REQUIRE(record_lock(second, F_SETLK, F_WRLCK, 0, 0) == 0 && LOCKED(record_lock_again));
  REQUIRE(record_lock(second, F_OFD_SETLK, F_WRLCK, 0, 0) == EAGAIN);
  REQUIRE(record_lock(fd, F_SETLK, F_UNLCK, 0, 0) == 0 && FREE(record_lock_again));
}

static void records_end_with_any_close(void) {
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
static void records_beside_mappings(void) {
  int fd = open_device(O_RDWR);
  REQUIRE(record_lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
  volatile uint8_t *first = map_of(fd), *second = map_of(fd);
  use_device(first, 8);
  REQUIRE(LOCKED(record_lock_again) && munmap((void *)first, PAGE) == 0 && LOCKED(record_lock_again));
  use_device(second, 8);
  REQUIRE(mremap((void *)second, PAGE, PAGE, MREMAP_MAYMOVE) != MAP_FAILED && LOCKED(record_lock_again));
  REQUIRE(close(fd) == 0 && FREE(record_lock_again));
}

static void lock_record_here(int argument) {
  REQUIRE(record_lock(open_device(O_RDWR), F_SETLK, F_WRLCK, argument, 10) == 0);
}

static void records_tell_their_owner(void) {
  struct other other = begin_other(lock_record_here, 100);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 90, .l_len = 50};
  int fd = open_device(O_RDWR), owner = open_device(O_RDWR);
  REQUIRE(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_WRLCK && lock.l_pid == other.pid);
  REQUIRE(lock.l_whence == SEEK_SET && lock.l_start == 100 && lock.l_len == 10);
  lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_start = 0, .l_len = 100};
  REQUIRE(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK && lock.l_whence == SEEK_CUR);
  REQUIRE(record_lock(fd, F_SETLK, F_RDLCK, 105, 1) == EAGAIN && record_lock(fd, F_SETLK, F_RDLCK, 110, 1) == 0);
  end_other(other);
  REQUIRE(record_lock(owner, F_OFD_SETLK, F_WRLCK, 0, 0) == EAGAIN && record_lock(owner, F_OFD_SETLK, F_WRLCK, 0, 110) == 0);
  lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
  REQUIRE(fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_WRLCK && lock.l_pid == -1);
}

static void open_file_locks(void) {
  int fd = open_device(O_RDWR), copy = dup(fd);
  REQUIRE(record_lock(fd, F_OFD_SETLK, F_WRLCK, 0, 0) == 0);
  REQUIRE(record_lock(open_device(O_RDWR), F_OFD_SETLK, F_WRLCK, 0, 0) == EAGAIN);
  close(fd);
  REQUIRE(LOCKED(open_file_lock_again) && LOCKED(record_lock_again));
  volatile uint8_t *mapped = map_of(copy);
  close(copy);
  REQUIRE(LOCKED(open_file_lock_again) && munmap((void *)mapped, PAGE) == 0 && FREE(open_file_lock_again));
}

static void owning(void) {
  REQUIRE(LOCKED(record_lock_again));
  int second = open_device(O_RDWR);
  REQUIRE(LOCKED(record_lock_again) && close(second) == 0 && FREE(record_lock_again));
}

static void records_over_exec(void) {
  REQUIRE(record_lock(open_device(O_RDWR), F_SETLK, F_WRLCK, 0, 0) == 0);
  execv("/proc/self/exe", step_arguments("owning"));
}

static int lockf_again(void) {
  return lockf(open_device(O_RDWR), F_TLOCK, 0) == 0 ? 0 : errno;
}
static int lockf_test(void) {
  return lockf(open_device(O_RDWR), F_TEST, 0) == 0 ? 0 : errno;
}

static void by_lockf(void) {
  int fd = open_device(O_RDWR);
  REQUIRE(lockf(fd, F_LOCK, 0) == 0 && lockf(fd, F_TEST, 0) == 0);
  REQUIRE(LOCKED(lockf_again) && in_a_child(lockf_test) == EACCES);
  REQUIRE(lockf(fd, F_ULOCK, 0) == 0 && FREE(lockf_test) && FREE(lockf_again));
  REQUIRE(lockf(fd, 99, 0) == -1 && errno == EINVAL);
}

static void by_number(void) {
  int fd = open_device(O_RDWR);
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  REQUIRE(syscall(SYS_flock, fd, LOCK_EX | LOCK_NB) == 0 && LOCKED(flock_again));
  REQUIRE(syscall(SYS_fcntl, fd, F_SETLK, &lock) == 0 && LOCKED(record_lock_again));
  REQUIRE(syscall(SYS_close, fd) == 0 && FREE(flock_again) && FREE(record_lock_again));
}

static void refused(void) {
  int reader = open_device(O_RDONLY), writer = open_device(O_WRONLY);
  REQUIRE(record_lock(reader, F_SETLK, F_WRLCK, 0, 0) == EBADF && record_lock(writer, F_SETLK, F_RDLCK, 0, 0) == EBADF);
  REQUIRE(record_lock(reader, F_SETLK, F_RDLCK, 0, 0) == 0 && flock(reader, LOCK_EX | LOCK_NB) == 0);
  REQUIRE(flock(writer, 0) == -1 && errno == EINVAL && fcntl(reader, F_SETLK, (struct flock *)16) == -1 && errno == EFAULT);
  REQUIRE((fcntl(reader, F_GETFL) & O_ACCMODE) == O_RDONLY && (fcntl(writer, F_GETFL) & O_ACCMODE) == O_WRONLY);
  REQUIRE(fcntl(reader, F_SETFL, O_NONBLOCK) == 0 && (fcntl(reader, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND)) == O_NONBLOCK);
  REQUIRE(record_lock(reader, F_SETLK, F_WRLCK, 0, 0) == EBADF);
}

static int same_file(void) {
  struct stat opened, named;
  REQUIRE(fstat(open_device(O_RDWR), &opened) == 0 && stat(device_path, &named) == 0);
  return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev ? (int)(opened.st_ino % 251) : 255;
}

static void one_file(void) {
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

static void listed(void) {
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
static void many_processes(void) {
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

static void no_leaks(void) {
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
    {.name = "all opens are one file", .show = one_file},
    {.name = "its directory lists that file", .show = listed},
    {.name = "four processes count under a lock", .show = many_processes},
    {.name = "a hundred opens leave nothing", .show = no_leaks},
    {.name = "holding", .show = holding, .is_step = true},
    {.name = "lost", .show = lost, .is_step = true},
    {.name = "receiving", .show = receive_and_unlock, .is_step = true},
    {.name = "owning", .show = owning, .is_step = true},
    {.name = NULL},
};
