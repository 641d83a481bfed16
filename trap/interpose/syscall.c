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
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "by_number.h"
#include "device/node.h"
#include "ground/kernel_signals.h"
#include "ground/readable.h"
#include "ground/real.h"
#include "ground/report.h"
#include "ground/sandbox.h"
#include "kernel_call.h"
#include "memory/window.h"
#include "queues.h"
#include "signal.h"
#include "syscall_files.h"
#include "syscall_pointers.h"
#include "syscall_time.h"
#include "trap/patched.h"
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

static void expect_action(int number, const struct kernel_action *action)
{
    if (action == NULL)
        return;
    signal_keep_what_is_blocked(action->mask);
    signal_expect_handler(number, (sighandler_t)action->handler);
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
    long result = KERNEL_CALL(SYS_rt_sigaction, number, action != NULL ? &wanted : NULL, before, size);
    bool had = result == 0 && signal_change_handler_mask(number, action != NULL ? &action->mask : NULL);
    if (result == 0 && before != NULL)
        before->mask = signals_from_kernel(before->mask, had);
    return result;
}

/* libc's names leave out the signals that are its own. */
static long mask_by_number(int how, const uint64_t *set, uint64_t *before)
{
    uint64_t wanted, named = set != NULL ? *set : 0;
    bool had_stand_in = signals_blocks_stand_in();
    if (set != NULL) {
        signal_keep_what_is_blocked(named);
        wanted = signals_to_kernel(named);
    }
    long result = KERNEL_CALL(SYS_rt_sigprocmask, how, set != NULL ? &wanted : NULL, before, sizeof wanted);
    if (result == 0 && before != NULL)
        *before = signals_from_kernel(*before, had_stand_in);
    if (result == 0 && set != NULL)
        signals_note_mask(how, named);
    return result;
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

/* seccomp(2): other operations ask what there is. */
static long confine(long operation, long flags, long argument)
{
    bool confines = operation == SECCOMP_SET_MODE_STRICT || operation == SECCOMP_SET_MODE_FILTER;
    if (confines) {
        patched_expect_handlers();
        sandbox_before();
    }
    long result = KERNEL_CALL(SYS_seccomp, operation, flags, argument);
    if (confines && result >= 0)
        sandbox_after();
    return result;
}

static long signalfd_by_number(long number, const long a[6])
{
    sigset_t set;
    if (a[2] != sizeof(uint64_t) || !readable((const void *)a[1], sizeof(uint64_t)))
        return KERNEL_CALL(number, a[0], a[1], a[2], a[3]);
    sigemptyset(&set);
    memcpy(&set, (const void *)a[1], sizeof(uint64_t));
    return signalfd((int)a[0], &set, number == SYS_signalfd4 ? (int)a[3] : 0);
}

/* A call that is ours is the libc name that takes its place; each family hands the others on to the next. */
static long other_by_number(long number, const long a[6])
{
    long result;
    switch (number) {
    case SYS_prctl:
        return prctl((int)a[0], a[1], a[2], a[3], a[4]);
    case SYS_seccomp:
        return confine(a[0], a[1], a[2]);
    case SYS_rt_sigaction:
        expect_action((int)a[0], (const struct kernel_action *)a[1]);
        return signals_are_kept((int)a[0])
                   ? action_by_number((int)a[0], (const struct kernel_action *)a[1], (struct kernel_action *)a[2])
                   : other_action_by_number((int)a[0], (const struct kernel_action *)a[1], (struct kernel_action *)a[2],
                                            (size_t)a[3]);
    case SYS_rt_sigprocmask:
        return mask_by_number((int)a[0], (const uint64_t *)a[1], (uint64_t *)a[2]);
    case SYS_rt_sigpending:
        result = KERNEL_CALL(SYS_rt_sigpending, a[0], a[1]);
        if (result == 0 && a[1] >= (long)sizeof(uint64_t))
            *(uint64_t *)a[0] = signals_from_kernel(*(uint64_t *)a[0], signals_stand_in_waits());
        return result;
    case SYS_signalfd:
    case SYS_signalfd4:
        return signalfd_by_number(number, a);
    case SYS_vmsplice:
        warn_if_windows("vmsplice()");
        break;
    case SYS_io_uring_setup:
        return queues_setup_ring((unsigned)a[0], (void *)a[1]);
    case SYS_io_submit:
        return queues_submit((unsigned long)a[0], a[1], (void *)a[2]);
    default:
        break;
    }
    return KERNEL_CALL(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static long transfer_by_number(long number, const long a[6])
{
    switch (number) {
    case SYS_read:
        return read((int)a[0], (void *)a[1], (size_t)a[2]);
    case SYS_write:
        return write((int)a[0], (const void *)a[1], (size_t)a[2]);
    case SYS_pread64:
        return pread((int)a[0], (void *)a[1], (size_t)a[2], a[3]);
    case SYS_pwrite64:
        return pwrite((int)a[0], (const void *)a[1], (size_t)a[2], a[3]);
    case SYS_readv:
        return readv((int)a[0], (const struct iovec *)a[1], (int)a[2]);
    case SYS_writev:
        return writev((int)a[0], (const struct iovec *)a[1], (int)a[2]);
    case SYS_preadv:
        return preadv((int)a[0], (const struct iovec *)a[1], (int)a[2], a[3]);
    case SYS_pwritev:
        return pwritev((int)a[0], (const struct iovec *)a[1], (int)a[2], a[3]);
    case SYS_preadv2:
        return preadv2((int)a[0], (const struct iovec *)a[1], (int)a[2], a[3], (int)a[5]);
    case SYS_pwritev2:
        return pwritev2((int)a[0], (const struct iovec *)a[1], (int)a[2], a[3], (int)a[5]);
    case SYS_sendfile:
        return sendfile((int)a[0], (int)a[1], (off_t *)a[2], (size_t)a[3]);
    case SYS_splice:
        return splice((int)a[0], (off64_t *)a[1], (int)a[2], (off64_t *)a[3], (size_t)a[4], (unsigned)a[5]);
    case SYS_copy_file_range:
        return copy_file_range((int)a[0], (off64_t *)a[1], (int)a[2], (off64_t *)a[3], (size_t)a[4], (unsigned)a[5]);
    case SYS_sendto:
        return sendto((int)a[0], (const void *)a[1], (size_t)a[2], (int)a[3], (const struct sockaddr *)a[4],
                      (socklen_t)a[5]);
    case SYS_recvfrom:
        return recvfrom((int)a[0], (void *)a[1], (size_t)a[2], (int)a[3], (struct sockaddr *)a[4], (socklen_t *)a[5]);
    case SYS_sendmsg:
        return sendmsg((int)a[0], (const struct msghdr *)a[1], (int)a[2]);
    case SYS_recvmsg:
        return recvmsg((int)a[0], (struct msghdr *)a[1], (int)a[2]);
    default:
        return other_by_number(number, a);
    }
}

static long memory_by_number(long number, const long a[6])
{
    switch (number) {
    case SYS_mmap:
        return (long)mmap((void *)a[0], (size_t)a[1], (int)a[2], (int)a[3], (int)a[4], a[5]);
    case SYS_munmap:
        return munmap((void *)a[0], (size_t)a[1]);
    case SYS_mprotect:
        return mprotect((void *)a[0], (size_t)a[1], (int)a[2]);
    case SYS_mlock:
        return mlock((const void *)a[0], (size_t)a[1]);
    case SYS_mlock2:
        return mlock2((const void *)a[0], (size_t)a[1], (unsigned)a[2]);
    case SYS_munlock:
        return munlock((const void *)a[0], (size_t)a[1]);
    case SYS_mremap:
        return (long)mremap((void *)a[0], (size_t)a[1], (size_t)a[2], (int)a[3], (void *)a[4]);
    default:
        return transfer_by_number(number, a);
    }
}

static long descriptor_by_number(long number, const long a[6])
{
    switch (number) {
    case SYS_close:
        return close((int)a[0]);
    case SYS_close_range:
        return close_range((unsigned)a[0], (unsigned)a[1], (int)a[2]);
    case SYS_dup:
        return dup((int)a[0]);
    case SYS_ioctl:
        return ioctl((int)a[0], (unsigned long)a[1], a[2]);
    case SYS_dup2:
        return dup2((int)a[0], (int)a[1]);
    case SYS_dup3:
        return dup3((int)a[0], (int)a[1], (int)a[2]);
    case SYS_fcntl:
        return fcntl((int)a[0], (int)a[1], a[2]);
    case SYS_flock:
        return flock((int)a[0], (int)a[1]);
    case SYS_ftruncate:
        return ftruncate((int)a[0], a[1]);
    case SYS_fallocate:
        return fallocate((int)a[0], (int)a[1], a[2], a[3]);
    case SYS_fsync:
        return fsync((int)a[0]);
    case SYS_fdatasync:
        return fdatasync((int)a[0]);
    case SYS_sync_file_range:
        return sync_file_range((int)a[0], a[1], a[2], (unsigned)a[3]);
    case SYS_lseek:
        return lseek((int)a[0], a[1], (int)a[2]);
    case SYS_fstat:
        return fstat((int)a[0], (struct stat *)a[1]);
    default:
        return memory_by_number(number, a);
    }
}

static bool leads_to_node(const long openat2[6])
{
    int directory = (int)openat2[0];
    const char *path = (const char *)openat2[1];
    return readable_text(path) &&
           (node_of_path(directory, path) != NODE_NONE || node_behind_link(directory, path) != NODE_NONE);
}

static long path_by_number(long number, const long a[6])
{
    switch (number) {
    case SYS_open:
        return open((const char *)a[0], (int)a[1], (mode_t)a[2]);
    case SYS_openat:
        return openat((int)a[0], (const char *)a[1], (int)a[2], (mode_t)a[3]);
    case SYS_openat2:
        return leads_to_node(a) ? openat((int)a[0], (const char *)a[1], (int)((const struct open_how *)a[2])->flags)
                                : other_by_number(number, a);
    case SYS_creat:
        return creat((const char *)a[0], (mode_t)a[1]);
    case SYS_truncate:
        return truncate((const char *)a[0], a[1]);
    case SYS_stat:
        return stat((const char *)a[0], (struct stat *)a[1]);
    case SYS_lstat:
        return lstat((const char *)a[0], (struct stat *)a[1]);
    case SYS_newfstatat:
        return fstatat((int)a[0], (const char *)a[1], (struct stat *)a[2], (int)a[3]);
    case SYS_statx:
        return statx((int)a[0], (const char *)a[1], (int)a[2], (unsigned)a[3], (struct statx *)a[4]);
    case SYS_access:
        return access((const char *)a[0], (int)a[1]);
    case SYS_faccessat:
        return faccessat((int)a[0], (const char *)a[1], (int)a[2], 0);
    case SYS_faccessat2:
        return faccessat((int)a[0], (const char *)a[1], (int)a[2], (int)a[3]);
    case SYS_readlink:
        return readlink((const char *)a[0], (char *)a[1], (size_t)a[2]);
    case SYS_readlinkat:
        return readlinkat((int)a[0], (const char *)a[1], (char *)a[2], (size_t)a[3]);
    case SYS_execve:
        return execve((const char *)a[0], (char *const *)a[1], (char *const *)a[2]);
    case SYS_execveat:
        return execveat((int)a[0], (const char *)a[1], (char *const *)a[2], (char *const *)a[3], (int)a[4]);
    default:
        return descriptor_by_number(number, a);
    }
}

long by_number(long number, const long a[6])
{
    long result;
    if (syscall_is_for_kernel(number, a))
        return KERNEL_CALL(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    return syscall_of_time(number, a, &result) || syscall_of_files(number, a, &result) ? result
                                                                                       : path_by_number(number, a);
}

INTERPOSED long syscall(long number, ...)
{
    va_list list;
    long a[6];
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    return by_number(number, a);
}
