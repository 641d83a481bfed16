// SPDX-License-Identifier: Apache-2.0
// Programs that give up what they were started with: user, root directory, namespaces, network, the right to connect.
// What is mapped stays mapped, in children too, and children that touch no device are what they are. Rows that need
// root do nothing without it.
#include "behaviour.h"

#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum { NOBODY = 65534 };

static volatile uint8_t *device;

static void become_nobody(void)
{
    if (geteuid() == 0)
        REQUIRE(setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
                setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

static void leave_root_directory(void)
{
    if (geteuid() == 0)
        REQUIRE(chroot("/usr") == 0 && chdir("/") == 0);
}

static void leave_both(void)
{
    leave_root_directory();
    become_nobody();
}

static void leave_namespaces(void)
{
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC) != 0)
        REQUIRE(errno == EPERM || errno == ENOSPC || errno == EUSERS);
}

static void forbid(int call)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void forbid_connect(void)
{
    forbid(SYS_connect);
}
static void forbid_socket(void)
{
    forbid(SYS_socket);
}
static void hide_memory(void)
{
    REQUIRE(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
}

static void *use_in_thread(void *unused)
{
    use_device(device, 20);
    return unused;
}

static void child_uses(uint64_t offset)
{
    pid_t child = fork();
    if (child == 0) {
        use_device(device, offset);
        child = fork();
        if (child == 0) {
            use_device(device, offset);
            _exit(0);
        }
        require_success(child);
        _exit(0);
    }
    require_success(child);
}

// A new process ID namespace has threads of its own only.
static void goes_on(void (*drop)(void), bool has_threads)
{
    pthread_t thread;
    device = map_device();
    use_device(device, 0);
    pid_t child = fork();
    if (child == 0) {
        drop();
        use_device(device, 4);
        child_uses(8);
        _exit(0);
    }
    require_success(child);
    drop();
    use_device(device, 12);
    child_uses(16);
    if (has_threads)
        REQUIRE(pthread_create(&thread, NULL, use_in_thread, NULL) == 0 && pthread_join(thread, NULL) == 0);
}

static void as_nobody(void)
{
    goes_on(become_nobody, true);
}
static void in_a_jail(void)
{
    goes_on(leave_root_directory, true);
}
static void as_nobody_in_a_jail(void)
{
    goes_on(leave_both, true);
}
static void in_new_namespaces(void)
{
    goes_on(leave_namespaces, false);
}
static void without_connect(void)
{
    goes_on(forbid_connect, true);
}
static void without_socket(void)
{
    goes_on(forbid_socket, true);
}
static void undumpable(void)
{
    goes_on(hide_memory, true);
}

static void before_the_first_access(void)
{
    device = map_device();
    become_nobody();
    use_device(device, 0);
    child_uses(4);
}

// What such a program starts touches no device, and has a memory of its own.
static void runs_other_programs(void)
{
    device = map_device();
    become_nobody();
    REQUIRE(system("test $(id -u) = $(id -u)") == 0);
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    require_success(child);
    use_device(device, 0);
}

const struct behaviour behaviours[] = {
    {.name = "as nobody", .show = as_nobody},
    {.name = "as nobody from before the first access", .show = before_the_first_access},
    {.name = "in another root directory", .show = in_a_jail},
    {.name = "as nobody in another root directory", .show = as_nobody_in_a_jail},
    {.name = "in namespaces of its own", .show = in_new_namespaces},
    {.name = "where connect is forbidden", .show = without_connect},
    {.name = "where socket is forbidden", .show = without_socket},
    {.name = "with memory that nobody may look at", .show = undumpable},
    {.name = "as nobody, and starts programs", .show = runs_other_programs},
    {.name = NULL},
};
