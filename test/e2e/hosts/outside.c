// SPDX-License-Identifier: Apache-2.0
// outside PATH BASE: writes 0x5eed to the first word of a mapping, then tries to reach the word without an access:
// through /proc/PID/mem, process_vm_readv and ptrace, as debuggers do. A line each: `WAY: RESULT`, a value or the name
// of an errno.
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "device.h"

enum { PAGE = 4096, WRITTEN = 0x5eed, OTHER = 0xbad };

// Where a debugger finds it by name.
static volatile uint8_t *device;

static void tell(const char *way, long result, const uint32_t *value)
{
    if (result < 0)
        printf("%s: %s\n", way, strerrorname_np(errno));
    else
        printf("%s: 0x%x\n", way, *value);
}

__attribute__((noinline)) static void by_file(pid_t pid, void *at)
{
    char path[64];
    uint32_t value = 0, other = OTHER;
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDWR);
    tell("read of /proc/PID/mem", pread(fd, &value, sizeof value, (off_t)(uintptr_t)at), &value);
    tell("write of /proc/PID/mem", pwrite(fd, &other, sizeof other, (off_t)(uintptr_t)at), &other);
    close(fd);
}

static void by_process_vm(pid_t pid, void *at)
{
    uint32_t value = 0, other = OTHER;
    struct iovec here = {&value, sizeof value}, there = {at, sizeof value};
    tell("process_vm_readv", process_vm_readv(pid, &here, 1, &there, 1, 0), &value);
    here.iov_base = &other;
    tell("process_vm_writev", process_vm_writev(pid, &here, 1, &there, 1, 0), &other);
}

static void by_ptrace(pid_t pid, void *at)
{
    errno = 0;
    uint32_t value = (uint32_t)ptrace(PTRACE_PEEKDATA, pid, at, NULL), other = OTHER;
    tell("PTRACE_PEEKDATA", errno == 0 ? 0 : -1, &value);
    tell("PTRACE_POKEDATA", ptrace(PTRACE_POKEDATA, pid, at, (void *)OTHER), &other);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    // Java lengthens what it maps.
    if (truncate(argv[1], PAGE) != 0 && errno != EINVAL)
        return 2;
    device = device_map(argv[1], number(argv[2]), PAGE);
    device_write32(device, 0, WRITTEN);
    by_file(getpid(), (void *)device);
    by_process_vm(getpid(), (void *)device);
    fflush(stdout);
    int status;
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        _exit(0);
    }
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return 1;
    by_file(child, (void *)device);
    by_process_vm(child, (void *)device);
    by_ptrace(child, (void *)device);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    printf("the word: 0x%x\n", device_read32(device, 0));
    return 0;
}
