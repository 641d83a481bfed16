// SPDX-License-Identifier: Apache-2.0
// Children made in every way, and descriptors of the device passed on in every way.
#include "behaviour.h"

#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static volatile uint8_t *device;

// What a new program writes to say that it was there.
enum { MARK = 256 };
static const uint32_t mark = 0x0dd5e1f5;

static void erase_mark(void) {
  device = map_device();
  device_write32(device, MARK, 0);
}

static void require_mark(void) {
  REQUIRE(device_read32(device, MARK) == mark);
  use_device(device, 0);
}

static void executed(void) {
  device = map_device();
  device_write32(device, MARK, mark);
  use_device(device, 0);
}

static void require_marked_by(pid_t child) {
  require_success(child);
  require_mark();
}

static void fork_both_sides(void) {
  device = map_device();
  device_write32(device, 8, 1);
  pid_t child = fork();
  if (child == 0) {
    REQUIRE(device_read32(device, 8) == 1);
    for (int i = 0; i < 100; i++)
      use_device(device, 16);
    _exit(0);
  }
  for (int i = 0; i < 100; i++)
    use_device(device, 24);
  require_success(child);
}

static void *fork_here(void *argument) {
  pid_t child = fork();
  if (child == 0) {
    use_device(device, 16);
    _exit(0);
  }
  require_success(child);
  return argument;
}

static void fork_from_thread(void) {
  pthread_t thread;
  device = map_device();
  use_device(device, 0);
  REQUIRE(pthread_create(&thread, NULL, fork_here, NULL) == 0 && pthread_join(thread, NULL) == 0);
  use_device(device, 0);
}

static void fork_by_number(void) {
  device = map_device();
  use_device(device, 0);
  pid_t child = (pid_t)syscall(SYS_fork);
  if (child == 0) {
    use_device(device, 16);
    _exit(0);
  }
  require_success(child);
  use_device(device, 0);
}

static void grandchild(void) {
  device = map_device();
  use_device(device, 0);
  pid_t child = fork();
  if (child == 0) {
    use_device(device, 16);
    pid_t grandchild = fork();
    if (grandchild == 0) {
      use_device(device, 24);
      _exit(0);
    }
    require_success(grandchild);
    use_device(device, 16);
    _exit(0);
  }
  require_success(child);
  use_device(device, 0);
}

static void mapped_in_child(void) {
  pid_t child = fork();
  if (child == 0) {
    device = map_device();
    use_device(device, 16);
    _exit(0);
  }
  require_success(child);
  device = map_device();
  use_device(device, 0);
}

static void exit_of_child(void) {
  device = map_device();
  for (int i = 0; i < 20; i++) {
    pid_t child = fork();
    if (child == 0)
      exit(0);
    require_success(child);
    use_device(device, 0);
  }
}

static void vfork_and_exec(void) {
  erase_mark();
  pid_t child = vfork();
  if (child == 0) {
    execv("/proc/self/exe", step_arguments("executed"));
    _exit(1);
  }
  require_marked_by(child);
}

static void vfork_and_exit(void) {
  device = map_device();
  use_device(device, 0);
  pid_t child = vfork();
  if (child == 0)
    _exit(0);
  require_success(child);
  use_device(device, 0);
}

static char *no_environment[] = {NULL};

static void spawned(void) {
  pid_t child;
  erase_mark();
  REQUIRE(posix_spawn(&child, "/proc/self/exe", NULL, NULL, step_arguments("executed"), environ) == 0);
  require_marked_by(child);
}

static void spawned_without_environment(void) {
  pid_t child;
  erase_mark();
  REQUIRE(posix_spawnp(&child, "/proc/self/exe", NULL, NULL, step_arguments("executed"), no_environment) == 0);
  require_marked_by(child);
}

// The command line of a shell that does the step.
static const char *command(void) {
  static char text[8192], self[4096];
  REQUIRE(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
  snprintf(text, sizeof text, "%s %s %s executed", self, step_arguments("")[1], step_arguments("")[2]);
  return text;
}

static void by_system(void) {
  erase_mark();
  REQUIRE(system(command()) == 0);
  require_mark();
}

static void by_popen(void) {
  char line[16] = "";
  erase_mark();
  FILE *pipe = popen(command(), "r");
  REQUIRE(pipe != NULL && fgets(line, sizeof line, pipe) == NULL);
  REQUIRE(pclose(pipe) == 0);
  require_mark();
}

// Runs in a child, so that this process can look afterwards.
static void execute_by(void (*execute)(char **arguments)) {
  erase_mark();
  pid_t child = fork();
  if (child == 0) {
    execute(step_arguments("executed"));
    _exit(1);
  }
  require_marked_by(child);
}

static void call_execve(char **arguments) {
  execve(arguments[0], arguments, environ);
}
static void call_execve_bare(char **arguments) {
  execve(arguments[0], arguments, no_environment);
}
static void call_execve_null(char **arguments) {
  execve(arguments[0], arguments, (char **)(uintptr_t)0);
}
static void call_execvpe(char **arguments) {
  execvpe(arguments[0], arguments, no_environment);
}
static void call_execvp(char **arguments) {
  execvp(arguments[0], arguments);
}
static void call_execl(char **arguments) {
  execl(arguments[0], arguments[0], arguments[1], arguments[2], arguments[3], NULL);
}
static void call_execlp(char **arguments) {
  execlp(arguments[0], arguments[0], arguments[1], arguments[2], arguments[3], NULL);
}
static void call_execle(char **arguments) {
  execle(arguments[0], arguments[0], arguments[1], arguments[2], arguments[3], NULL, no_environment);
}
static void call_fexecve(char **arguments) {
  fexecve(open(arguments[0], O_RDONLY | O_CLOEXEC), arguments, no_environment);
}
static void call_by_number(char **arguments) {
  syscall(SYS_execve, arguments[0], arguments, no_environment);
}
static void call_after_clearenv(char **arguments) {
  clearenv();
  execv(arguments[0], arguments);
}

static void by_execve(void) { execute_by(call_execve); }
static void by_execve_bare(void) { execute_by(call_execve_bare); }
static void by_execve_null(void) { execute_by(call_execve_null); }
static void by_execvpe(void) { execute_by(call_execvpe); }
static void by_execvp(void) { execute_by(call_execvp); }
static void by_execl(void) { execute_by(call_execl); }
static void by_execlp(void) { execute_by(call_execlp); }
static void by_execle(void) { execute_by(call_execle); }
static void by_fexecve(void) { execute_by(call_fexecve); }
static void by_number(void) { execute_by(call_by_number); }
static void after_clearenv(void) { execute_by(call_after_clearenv); }

static void failed_exec(void) {
  device = map_device();
  use_device(device, 0);
  REQUIRE(execl("/nowhere/to/be/found", "found", NULL) == -1 && errno == ENOENT);
  use_device(device, 0);
}

// As daemon(3) of old: two forks, all descriptors closed. The pipe's end tells that the grandchild is done.
static void daemonise(void (*close_all)(int kept)) {
  int ends[2];
  uint8_t result = 0;
  device = map_device();
  use_device(device, 0);
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() != 0)
      _exit(0);
    REQUIRE(dup2(ends[1], 3) == 3);
    close_all(3);
    use_device(device, 16);
    volatile uint8_t *again = map_device();
    use_device(again, 16);
    REQUIRE(write(3, "k", 1) == 1);
    _exit(0);
  }
  require_success(child);
  close(ends[1]);
  REQUIRE(read(ends[0], &result, 1) == 1 && result == 'k');
  use_device(device, 0);
}

static void close_each(int kept) {
  for (int fd = 0; fd < 1024; fd++)
    if (fd != kept)
      close(fd);
}
static void close_by_range(int kept) {
  close_range(0, (unsigned)kept - 1, 0);
  REQUIRE(close_range((unsigned)kept + 1, ~0u, 0) == 0);
}
static void close_by_closefrom(int kept) {
  closefrom(kept + 1);
}
static void daemon_closing_each(void) { daemonise(close_each); }
static void daemon_closing_range(void) { daemonise(close_by_range); }
static void daemon_closing_from(void) { daemonise(close_by_closefrom); }

static void close_all_here(void) {
  device = map_device();
  use_device(device, 0);
  close_each(STDERR_FILENO);
  use_device(device, 0);
  device = map_device();
  use_device(device, 0);
}

// The least numbers are taken by dup2, whatever was there.
static void overwrite_all_here(void) {
  device = map_device();
  use_device(device, 0);
  int null = open("/dev/null", O_RDWR);
  for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
    if (fd != null)
      dup2(null, fd);
  use_device(device, 0);
}

static void use_descriptor(int fd) {
  volatile uint8_t *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, device_base);
  REQUIRE(mapped != MAP_FAILED);
  use_device(mapped, 32);
}

static void duplicated(void) {
  int fd = open_device(O_RDWR);
  int copies[] = {dup(fd), dup2(fd, 100), dup3(fd, 101, O_CLOEXEC), fcntl(fd, F_DUPFD, 50),
                  fcntl(fd, F_DUPFD_CLOEXEC, 60)};
  close(fd);
  for (unsigned i = 0; i < sizeof copies / sizeof copies[0]; i++) {
    REQUIRE(copies[i] >= 0);
    use_descriptor(copies[i]);
    REQUIRE(close(copies[i]) == 0);
  }
}

enum { PASSED = 77 };

static void given(void) {
  use_descriptor(PASSED);
}

static void passed_by_exec(void) {
  device = map_device();
  pid_t child = fork();
  if (child == 0) {
    REQUIRE(dup2(open_device(O_RDWR), PASSED) == PASSED);
    execve("/proc/self/exe", step_arguments("given"), no_environment);
    _exit(1);
  }
  require_success(child);
}

static void not_given(void) {
  REQUIRE(fcntl(PASSED, F_GETFD) == -1 && errno == EBADF);
}

static void kept_by_cloexec(void) {
  pid_t child = fork();
  if (child == 0) {
    REQUIRE(dup3(open_device(O_RDWR), PASSED, O_CLOEXEC) == PASSED);
    REQUIRE(fcntl(open_device(O_RDWR | O_CLOEXEC), F_GETFD) == FD_CLOEXEC && fcntl(open_device(O_RDWR), F_GETFD) == 0);
    execv("/proc/self/exe", step_arguments("not given"));
    _exit(1);
  }
  require_success(child);
}

static void send_descriptor(int socket, int fd) {
  char byte = 'd', control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control,
                           .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  REQUIRE(sendmsg(socket, &message, 0) == 1);
}

static int receive_descriptor(int socket) {
  int fd;
  char byte, control[CMSG_SPACE(sizeof fd)];
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control,
                           .msg_controllen = sizeof control};
  REQUIRE(recvmsg(socket, &message, 0) == 1 && CMSG_FIRSTHDR(&message) != NULL);
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

static void receiving(void) {
  use_descriptor(receive_descriptor(PASSED));
}

static void passed_by_socket(void) {
  int sockets[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
  pid_t child = fork();
  if (child == 0) {
    REQUIRE(dup2(sockets[1], PASSED) == PASSED);
    execv("/proc/self/exe", step_arguments("receiving"));
    _exit(1);
  }
  send_descriptor(sockets[0], open_device(O_RDWR));
  require_success(child);
}

const struct behaviour behaviours[] = {
    {.name = "fork, and both sides access", .show = fork_both_sides},
    {.name = "fork from a thread", .show = fork_from_thread},
    {.name = "fork by the raw system call", .show = fork_by_number},
    {.name = "fork of a fork", .show = grandchild},
    {.name = "fork, then the child maps", .show = mapped_in_child},
    {.name = "children that only exit", .show = exit_of_child},
    {.name = "vfork and exec", .show = vfork_and_exec},
    {.name = "vfork and _exit", .show = vfork_and_exit},
    {.name = "posix_spawn", .show = spawned},
    {.name = "posix_spawnp without environment", .show = spawned_without_environment},
    {.name = "system", .show = by_system},
    {.name = "popen", .show = by_popen},
    {.name = "execve", .show = by_execve},
    {.name = "execve without environment", .show = by_execve_bare},
    {.name = "execve with NULL as environment", .show = by_execve_null},
    {.name = "execvpe without environment", .show = by_execvpe},
    {.name = "execvp", .show = by_execvp},
    {.name = "execl", .show = by_execl},
    {.name = "execlp", .show = by_execlp},
    {.name = "execle without environment", .show = by_execle},
    {.name = "fexecve without environment", .show = by_fexecve},
    {.name = "execve by the raw system call", .show = by_number},
    {.name = "execv after clearenv", .show = after_clearenv},
    {.name = "an exec that fails", .show = failed_exec},
    {.name = "daemon that closes each descriptor", .show = daemon_closing_each},
    {.name = "daemon that closes by close_range", .show = daemon_closing_range},
    {.name = "daemon that closes by closefrom", .show = daemon_closing_from},
    {.name = "closing each descriptor", .show = close_all_here},
    {.name = "dup2 onto each descriptor", .show = overwrite_all_here},
    {.name = "dup, dup2, dup3, F_DUPFD", .show = duplicated},
    {.name = "descriptor passed through exec", .show = passed_by_exec},
    {.name = "descriptor kept by O_CLOEXEC", .show = kept_by_cloexec},
    {.name = "descriptor passed by SCM_RIGHTS", .show = passed_by_socket},
    {.name = "executed", .show = executed, .is_step = true},
    {.name = "given", .show = given, .is_step = true},
    {.name = "not given", .show = not_given, .is_step = true},
    {.name = "receiving", .show = receiving, .is_step = true},
    {.name = NULL},
};
