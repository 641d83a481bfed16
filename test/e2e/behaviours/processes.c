// SPDX-License-Identifier: Apache-2.0
// Children made in every way, and programs executed in every way.
#include "behaviour.h"

#include <pthread.h>
#include <spawn.h>
#include <sys/syscall.h>

static volatile uint8_t *device;

// What a new program writes to say that it was there.
enum { MARK = 256 };
static const uint32_t mark = 0x0dd5e1f5;

static void erase_mark(void)
{
    device = map_device();
    device_write32(device, MARK, 0);
}

static void require_mark(void)
{
    REQUIRE(device_read32(device, MARK) == mark);
    use_device(device, 0);
}

static void executed(void)
{
    device = map_device();
    device_write32(device, MARK, mark);
    use_device(device, 0);
}

static void require_marked_by(pid_t child)
{
    require_success(child);
    require_mark();
}

static void fork_both_sides(void)
{
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

static void *fork_here(void *argument)
{
    pid_t child = fork();
    if (child == 0) {
        use_device(device, 16);
        _exit(0);
    }
    require_success(child);
    return argument;
}

static void fork_from_thread(void)
{
    pthread_t thread;
    device = map_device();
    use_device(device, 0);
    REQUIRE(pthread_create(&thread, NULL, fork_here, NULL) == 0 && pthread_join(thread, NULL) == 0);
    use_device(device, 0);
}

static void fork_by_number(void)
{
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

static void grandchild(void)
{
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

static void mapped_in_child(void)
{
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

static void exit_of_child(void)
{
    device = map_device();
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0)
            exit(0);
        require_success(child);
        use_device(device, 0);
    }
}

static void vfork_and_exec(void)
{
    erase_mark();
    pid_t child = vfork();
    if (child == 0) {
        execv("/proc/self/exe", step_arguments("executed"));
        _exit(1);
    }
    require_marked_by(child);
}

static void vfork_and_exit(void)
{
    device = map_device();
    use_device(device, 0);
    pid_t child = vfork();
    if (child == 0)
        _exit(0);
    require_success(child);
    use_device(device, 0);
}

static char *no_environment[] = {NULL};

static void spawned(void)
{
    pid_t child;
    erase_mark();
    REQUIRE(posix_spawn(&child, "/proc/self/exe", NULL, NULL, step_arguments("executed"), environ) == 0);
    require_marked_by(child);
}

static void spawned_without_environment(void)
{
    pid_t child;
    erase_mark();
    REQUIRE(posix_spawnp(&child, "/proc/self/exe", NULL, NULL, step_arguments("executed"), no_environment) == 0);
    require_marked_by(child);
}

// The command line of a shell that does the step.
static const char *command(void)
{
    static char text[8192], self[4096];
    REQUIRE(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    snprintf(text, sizeof text, "%s %s %s executed", self, step_arguments("")[1], step_arguments("")[2]);
    return text;
}

static void by_system(void)
{
    erase_mark();
    REQUIRE(system(command()) == 0);
    require_mark();
}

static void by_popen(void)
{
    char line[16] = "";
    erase_mark();
    FILE *pipe = popen(command(), "r");
    REQUIRE(pipe != NULL && fgets(line, sizeof line, pipe) == NULL);
    REQUIRE(pclose(pipe) == 0);
    require_mark();
}

// Runs in a child, so that this process can look afterwards.
static void execute_by(void (*execute)(char **arguments))
{
    erase_mark();
    pid_t child = fork();
    if (child == 0) {
        execute(step_arguments("executed"));
        _exit(1);
    }
    require_marked_by(child);
}

static void call_execve(char **arguments)
{
    execve(arguments[0], arguments, environ);
}
static void call_execve_bare(char **arguments)
{
    execve(arguments[0], arguments, no_environment);
}
static void call_execve_null(char **arguments)
{
    execve(arguments[0], arguments, (char **)(uintptr_t)0);
}
static void call_execvpe(char **arguments)
{
    execvpe(arguments[0], arguments, no_environment);
}
static void call_execvp(char **arguments)
{
    execvp(arguments[0], arguments);
}
static void call_execl(char **arguments)
{
    execl(arguments[0], arguments[0], arguments[1], arguments[2], arguments[3], NULL);
}
static void call_execlp(char **arguments)
{
    execlp(arguments[0], arguments[0], arguments[1], arguments[2], arguments[3], NULL);
}
static void call_execle(char **arguments)
{
    execle(arguments[0], arguments[0], arguments[1], arguments[2], arguments[3], NULL, no_environment);
}
static void call_fexecve(char **arguments)
{
    fexecve(open(arguments[0], O_RDONLY | O_CLOEXEC), arguments, no_environment);
}
static void call_by_number(char **arguments)
{
    syscall(SYS_execve, arguments[0], arguments, no_environment);
}
static void call_after_clearenv(char **arguments)
{
    clearenv();
    execv(arguments[0], arguments);
}

static void by_execve(void)
{
    execute_by(call_execve);
}
static void by_execve_bare(void)
{
    execute_by(call_execve_bare);
}
static void by_execve_null(void)
{
    execute_by(call_execve_null);
}
static void by_execvpe(void)
{
    execute_by(call_execvpe);
}
static void by_execvp(void)
{
    execute_by(call_execvp);
}
static void by_execl(void)
{
    execute_by(call_execl);
}
static void by_execlp(void)
{
    execute_by(call_execlp);
}
static void by_execle(void)
{
    execute_by(call_execle);
}
static void by_fexecve(void)
{
    execute_by(call_fexecve);
}
static void by_number(void)
{
    execute_by(call_by_number);
}
static void after_clearenv(void)
{
    execute_by(call_after_clearenv);
}

static void failed_exec(void)
{
    device = map_device();
    use_device(device, 0);
    REQUIRE(execl("/nowhere/to/be/found", "found", NULL) == -1 && errno == ENOENT);
    use_device(device, 0);
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
    {.name = "executed", .show = executed, .is_step = true},
    {.name = NULL},
};
