// SPDX-License-Identifier: Apache-2.0
// Programs that confine themselves when they have mapped what they need (seccomp(2)), as services do: loads and stores
// are no system calls, so a device that is mapped can be used as before.
#include "behaviour.h"
#include "machine.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

enum { MOST = 8 };

static volatile uint8_t *device;
static volatile sig_atomic_t caught;

static void count(int signal)
{
    caught = caught + signal;
}

static void load(const struct sock_filter *filter, size_t length)
{
    struct sock_fprog program = {(unsigned short)length, (struct sock_filter *)filter};
    REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

// `others` for every call but these, which get `action`.
static void confine(const int *calls, size_t number_of_calls, unsigned action, unsigned others)
{
    struct sock_filter filter[2 * MOST + 2];
    size_t length = 0;
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < number_of_calls; i++) {
        filter[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[i], 0, 1);
        filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
    }
    filter[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, others);
    load(filter, length);
}

static void without(int call, unsigned action)
{
    device = map_device();
    use_device(device, 0);
    confine(&call, 1, action, SECCOMP_RET_ALLOW);
    use_device(device, 4);
}

static void without_sendto(void)
{
    without(SYS_sendto, SECCOMP_RET_ERRNO | EPERM);
}
static void without_recvfrom(void)
{
    without(SYS_recvfrom, SECCOMP_RET_KILL_PROCESS);
}
static void without_fstat(void)
{
    without(SYS_fstat, SECCOMP_RET_KILL_PROCESS);
}
static void without_gettid(void)
{
    without(SYS_gettid, SECCOMP_RET_KILL_PROCESS);
}
static void without_futex(void)
{
    without(SYS_futex, SECCOMP_RET_ERRNO | ENOSYS);
}

// The program's own handler is for its own calls.
static void without_sendto_by_signal(void)
{
    signal(SIGSYS, count);
    without(SYS_sendto, SECCOMP_RET_TRAP);
    REQUIRE(caught == 0);
    syscall(SYS_sendto, -1, "", 0, 0, NULL, 0);
    REQUIRE(caught == SIGSYS);
    use_device(device, 8);
}

static void with_few_calls(void)
{
    static const int calls[] = {SYS_read,     SYS_write,      SYS_openat,      SYS_close,
                                SYS_mprotect, SYS_exit_group, SYS_rt_sigreturn};
    device = map_device();
    confine(calls, sizeof calls / sizeof calls[0], SECCOMP_RET_ALLOW, SECCOMP_RET_KILL_PROCESS);
    use_device(device, 0);
    use_device(device, 4);
}

static void with_few_calls_by_number(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sendto, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    device = map_device();
    REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    REQUIRE(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
    use_device(device, 0);
}

static void refused_files(void)
{
    static const int calls[] = {SYS_openat, SYS_prctl};
    device = map_device();
    confine(calls, sizeof calls / sizeof calls[0], SECCOMP_RET_ERRNO | EXDEV, SECCOMP_RET_ALLOW);
    REQUIRE(open("/dev/null", O_RDONLY) == -1 && errno == EXDEV);
    REQUIRE(raw_call(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDONLY) == -EXDEV);
    REQUIRE(prctl(PR_GET_DUMPABLE) == -1 && errno == EXDEV && access("/dev/null", R_OK) == 0);
    use_device(device, 0);
}

enum { ANSWER = 5000 };

static void answer(int signal, siginfo_t *info, void *context)
{
    caught = caught + signal;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RESULT] = ANSWER + info->si_syscall;
}

// As browsers have it, which open files for what they have confined.
static void answered(void)
{
    static const int calls[] = {SYS_openat, SYS_getppid, SYS_chmod};
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO};
    device = map_device();
    use_device(device, 0);
    REQUIRE(sigaction(SIGSYS, &action, NULL) == 0);
    confine(calls, sizeof calls / sizeof calls[0], SECCOMP_RET_TRAP, SECCOMP_RET_ALLOW);
    REQUIRE(open("/dev/null", O_RDONLY) == ANSWER + SYS_openat && caught == SIGSYS);
    REQUIRE(raw_call(SYS_openat, AT_FDCWD, (long)"/dev/null", O_RDONLY) == ANSWER + SYS_openat);
    REQUIRE(syscall(SYS_getppid) == ANSWER + SYS_getppid && getppid() == ANSWER + SYS_getppid);
    REQUIRE(chmod("/dev/null", 0) == ANSWER + SYS_chmod && caught == 5 * SIGSYS);
    use_device(device, 4);
}

#ifdef __x86_64__ // programs of 32 bits have no such mode: docs/programs.md
// In a child, for a process can't end as others do in it.
static int end_of_strict(bool asks_more)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        use_device(device, 0);
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0) {
            use_device(device, 4);
            if (asks_more)
                raw_call(SYS_getppid, 0, 0, 0);
            raw_call(SYS_exit, 5, 0, 0);
        }
    }
    REQUIRE(waitpid(child, &status, 0) == child);
    return status;
}

static void strictly(void)
{
    device = map_device();
    use_device(device, 0);
    int status = end_of_strict(false);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    REQUIRE(WIFSIGNALED(end_of_strict(true)));
}
#endif

const struct behaviour behaviours[] = {
    {.name = "without sendto", .show = without_sendto},
    {.name = "killed by recvfrom", .show = without_recvfrom},
    {.name = "killed by fstat", .show = without_fstat},
    {.name = "killed by gettid", .show = without_gettid},
    {.name = "without futex", .show = without_futex},
    {.name = "a signal for sendto", .show = without_sendto_by_signal},
    {.name = "with few calls", .show = with_few_calls},
    {.name = "files refused by an errno", .show = refused_files},
    {.name = "answered by a handler of its own", .show = answered},
#ifdef __x86_64__
    {.name = "strictly", .show = strictly},
#endif
    {.name = "by the call seccomp", .show = with_few_calls_by_number},
    {.name = NULL},
};
