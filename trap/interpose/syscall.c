/* SPDX-License-Identifier: Apache-2.0
 *
 * The raw syscall() wrapper: the calls that we interpose by name are the same calls here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "device/node.h"
#include "ground/kernel_signals.h"
#include "ground/real.h"
#include "ground/report.h"
#include "ground/sandbox.h"
#include "memory/window.h"
#include "signal.h"
#include "syscall_time.h"
#include "trap/signals.h"

static long action_by_number(int number, const struct kernel_action *action, struct kernel_action *before)
{
    struct sigaction wanted = {0}, old;
    if (action != NULL) {
        wanted.sa_handler = (sighandler_t)action->handler;
        wanted.sa_flags = (int)action->flags;
        memcpy(&wanted.sa_mask, &action->mask, sizeof action->mask);
    }
    signals_action(number, action != NULL ? &wanted : NULL, &old);
    if (before != NULL) {
        *before = (struct kernel_action){(void *)old.sa_handler, (unsigned long)old.sa_flags, NULL, 0};
        memcpy(&before->mask, &old.sa_mask, sizeof before->mask);
    }
    return 0;
}

/* An access in the handler of any signal must trap. */
static long other_action_by_number(int number, const struct kernel_action *action, struct kernel_action *before,
                                   size_t size)
{
    struct kernel_action wanted;
    if (action != NULL) {
        wanted = *action;
        wanted.mask = signals_to_kernel(action->mask);
    }
    long result = REAL(syscall)(SYS_rt_sigaction, number, action != NULL ? &wanted : NULL, before, size);
    if (result == 0 && before != NULL)
        before->mask = signals_from_kernel(before->mask);
    return result;
}

/* The kernel's set has 8 bytes, libc's 128. */
static long mask_by_number(int how, const uint64_t *set, uint64_t *before)
{
    sigset_t wanted, old;
    sigemptyset(&wanted);
    if (set != NULL)
        memcpy(&wanted, set, sizeof *set);
    int error = pthread_sigmask(how, set != NULL ? &wanted : NULL, &old);
    if (before != NULL)
        memcpy(before, &old, sizeof *before);
    return real_result(-error);
}

/* Buffers of these are not followed; a window among them gives EFAULT, where hardware would have worked. */
static void warn_if_windows(const char *what)
{
    static bool warned;
    if (!warned && window_overlaps(0, ~(uint64_t)0))
        report("%s is used in a process with device windows: it fails with EFAULT if a buffer lies in one; use read() "
               "and write()",
               what);
    warned = true;
}

INTERPOSED ssize_t vmsplice(int descriptor, const struct iovec *vector, size_t count, unsigned flags)
{
    warn_if_windows("vmsplice()");
    return REAL(vmsplice)(descriptor, vector, count, flags);
}

INTERPOSED ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long local_count,
                                    const struct iovec *remote, unsigned long remote_count, unsigned long flags)
{
    warn_if_windows("process_vm_readv()");
    return REAL(process_vm_readv)(pid, local, local_count, remote, remote_count, flags);
}

INTERPOSED ssize_t process_vm_writev(pid_t pid, const struct iovec *local, unsigned long local_count,
                                     const struct iovec *remote, unsigned long remote_count, unsigned long flags)
{
    warn_if_windows("process_vm_writev()");
    return REAL(process_vm_writev)(pid, local, local_count, remote, remote_count, flags);
}

/* liburing makes its system calls itself; these names are the ones that all of its users come by. */
struct io_uring;
struct io_uring_params;
int io_uring_queue_init_params(unsigned entries, struct io_uring *ring, struct io_uring_params *parameters);

INTERPOSED int io_uring_queue_init_params(unsigned entries, struct io_uring *ring, struct io_uring_params *parameters)
{
    warn_if_windows("io_uring");
    return REAL(io_uring_queue_init_params)(entries, ring, parameters);
}

int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags);

INTERPOSED int io_uring_queue_init(unsigned entries, struct io_uring *ring, unsigned flags)
{
    warn_if_windows("io_uring");
    return REAL(io_uring_queue_init)(entries, ring, flags);
}

/* seccomp(2): other operations ask what there is. */
static long confine(long operation, long flags, long argument)
{
    bool confines = operation == SECCOMP_SET_MODE_STRICT || operation == SECCOMP_SET_MODE_FILTER;
    if (confines)
        sandbox_before();
    long result = REAL(syscall)(SYS_seccomp, operation, flags, argument);
    if (confines && result >= 0)
        sandbox_after();
    return result;
}

INTERPOSED long syscall(long number, ...)
{
    va_list list;
    long a, b, c, d, e, f, result;
    va_start(list, number);
    a = va_arg(list, long), b = va_arg(list, long), c = va_arg(list, long);
    d = va_arg(list, long), e = va_arg(list, long), f = va_arg(list, long);
    va_end(list);
    if (syscall_of_time(number, (const long[]){a, b, c, d, e, f}, &result))
        return result;
    switch (number) {
    case SYS_open:
        return open((const char *)a, (int)b, (mode_t)c);
    case SYS_openat:
        return openat((int)a, (const char *)b, (int)c, (mode_t)d);
    case SYS_openat2:
        if (node_of_path((int)a, (const char *)b) != NODE_NONE)
            return openat((int)a, (const char *)b, (int)((const struct open_how *)c)->flags);
        break;
    case SYS_creat:
        return creat((const char *)a, (mode_t)b);
    case SYS_close:
        return close((int)a);
    case SYS_close_range:
        return close_range((unsigned)a, (unsigned)b, (int)c);
    case SYS_dup:
        return dup((int)a);
    case SYS_ioctl:
        return ioctl((int)a, (unsigned long)b, c);
    case SYS_dup2:
        return dup2((int)a, (int)b);
    case SYS_dup3:
        return dup3((int)a, (int)b, (int)c);
    case SYS_fcntl:
        return fcntl((int)a, (int)b, c);
    case SYS_flock:
        return flock((int)a, (int)b);
    case SYS_truncate:
        return truncate((const char *)a, b);
    case SYS_ftruncate:
        return ftruncate((int)a, b);
    case SYS_fallocate:
        return fallocate((int)a, (int)b, c, d);
    case SYS_stat:
        return stat((const char *)a, (struct stat *)b);
    case SYS_lstat:
        return lstat((const char *)a, (struct stat *)b);
    case SYS_fstat:
        return fstat((int)a, (struct stat *)b);
    case SYS_newfstatat:
        return fstatat((int)a, (const char *)b, (struct stat *)c, (int)d);
    case SYS_statx:
        return statx((int)a, (const char *)b, (int)c, (unsigned)d, (struct statx *)e);
    case SYS_access:
        return access((const char *)a, (int)b);
    case SYS_faccessat:
        return faccessat((int)a, (const char *)b, (int)c, 0);
    case SYS_faccessat2:
        return faccessat((int)a, (const char *)b, (int)c, (int)d);
    case SYS_readlink:
        return readlink((const char *)a, (char *)b, (size_t)c);
    case SYS_readlinkat:
        return readlinkat((int)a, (const char *)b, (char *)c, (size_t)d);
    case SYS_mmap:
        return (long)mmap((void *)a, (size_t)b, (int)c, (int)d, (int)e, f);
    case SYS_munmap:
        return munmap((void *)a, (size_t)b);
    case SYS_mprotect:
        return mprotect((void *)a, (size_t)b, (int)c);
    case SYS_mlock:
        return mlock((const void *)a, (size_t)b);
    case SYS_mlock2:
        return mlock2((const void *)a, (size_t)b, (unsigned)c);
    case SYS_munlock:
        return munlock((const void *)a, (size_t)b);
    case SYS_mremap:
        return (long)mremap((void *)a, (size_t)b, (size_t)c, (int)d, (void *)e);
    case SYS_read:
        return read((int)a, (void *)b, (size_t)c);
    case SYS_write:
        return write((int)a, (const void *)b, (size_t)c);
    case SYS_pread64:
        return pread((int)a, (void *)b, (size_t)c, d);
    case SYS_pwrite64:
        return pwrite((int)a, (const void *)b, (size_t)c, d);
    case SYS_readv:
        return readv((int)a, (const struct iovec *)b, (int)c);
    case SYS_writev:
        return writev((int)a, (const struct iovec *)b, (int)c);
    case SYS_preadv:
        return preadv((int)a, (const struct iovec *)b, (int)c, d);
    case SYS_pwritev:
        return pwritev((int)a, (const struct iovec *)b, (int)c, d);
    case SYS_sendfile:
        return sendfile((int)a, (int)b, (off_t *)c, (size_t)d);
    case SYS_splice:
        return splice((int)a, (off64_t *)b, (int)c, (off64_t *)d, (size_t)e, (unsigned)f);
    case SYS_copy_file_range:
        return copy_file_range((int)a, (off64_t *)b, (int)c, (off64_t *)d, (size_t)e, (unsigned)f);
    case SYS_sendto:
        return sendto((int)a, (const void *)b, (size_t)c, (int)d, (const struct sockaddr *)e, (socklen_t)f);
    case SYS_recvfrom:
        return recvfrom((int)a, (void *)b, (size_t)c, (int)d, (struct sockaddr *)e, (socklen_t *)f);
    case SYS_sendmsg:
        return sendmsg((int)a, (const struct msghdr *)b, (int)c);
    case SYS_recvmsg:
        return recvmsg((int)a, (struct msghdr *)b, (int)c);
    case SYS_prctl:
        return prctl((int)a, b, c, d, e);
    case SYS_seccomp:
        return confine(a, b, c);
    case SYS_execve:
        return execve((const char *)a, (char *const *)b, (char *const *)c);
    case SYS_execveat:
        return execveat((int)a, (const char *)b, (char *const *)c, (char *const *)d, (int)e);
    case SYS_rt_sigaction:
        if (b != 0)
            signal_keep_what_is_blocked(((const struct kernel_action *)b)->mask);
        return signals_are_kept((int)a)
                   ? action_by_number((int)a, (const struct kernel_action *)b, (struct kernel_action *)c)
                   : other_action_by_number((int)a, (const struct kernel_action *)b, (struct kernel_action *)c,
                                            (size_t)d);
    case SYS_rt_sigprocmask:
        return mask_by_number((int)a, (const uint64_t *)b, (uint64_t *)c);
    case SYS_rt_sigpending:
        result = REAL(syscall)(SYS_rt_sigpending, a, b);
        if (result == 0 && b >= (long)sizeof(uint64_t))
            *(uint64_t *)a = signals_from_kernel(*(uint64_t *)a);
        return result;
    case SYS_vmsplice:
        warn_if_windows("vmsplice()");
        break;
    case SYS_io_uring_setup:
        warn_if_windows("io_uring");
        break;
    default:
        break;
    }
    return REAL(syscall)(number, a, b, c, d, e, f);
}
