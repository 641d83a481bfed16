/* SPDX-License-Identifier: Apache-2.0 */
#include "pointers32.h"

#include <asm/unistd_32.h>
#include <linux/ipc.h>
#include <linux/sockios.h>

#include "interpose/pointer_rows.h"
#include "structs32.h"

/* The kernel's sizes of its structures, as such programs have them. */
enum {
    OLD_SET = 4, /* of signals */
    TIME = sizeof(struct timespec32),
    TIME64 = 16,
    ALARM = 2 * TIME,
    ALARM64 = 2 * TIME64,
    OLD_STATUS = sizeof(struct oldstat32),
    STATUS = sizeof(struct stat32),
    STATUS64 = sizeof(struct stat64_32),
    STATX = 256,
    STATFS = sizeof(struct statfs32),
    STATFS64 = sizeof(struct statfs64_32),
    USAGE = 72,
    SIGINFO = 128,
    CHILD = 24, /* what of it waitid(2) tells */
    ACTION = 20,
    OLD_ACTION = 16,
    EVENT = 12, /* of epoll */
    POLLED = 8,
    VECTOR = sizeof(struct iovec32),
    MESSAGE = sizeof(struct message32),
    MESSAGES = sizeof(struct message_of_many32),
    QUEUE = 32,
    LIMIT = 8,
    CLOCK = 128,
    CLOCK64 = 208,
    SEGMENT = 16,
    INTERFACE = 32,
    WORD = 4,
};

#define POLL(argument, by) {argument, POINTER_POLLED, POINTER_COUNTED, by, POLLED}
#define CALL(call, count, ...) POINTERS_ROW(__NR_##call, #call, count, POINTERS_NO_MORE, __VA_ARGS__)
#define CALL_WITH(more, call, count, ...) POINTERS_ROW(__NR_##call, #call, count, more, __VA_ARGS__)

static const struct pointers calls[] = {
    /* files by their names */
    CALL(open, 3, TEXT(0)),
    CALL(openat, 4, TEXT(1)),
    CALL(openat2, 4, TEXT(1), IN_BY(2, 3, 1)),
    CALL(creat, 2, TEXT(0)),
    CALL(oldstat, 2, TEXT(0), OUT(1, OLD_STATUS)),
    CALL(oldlstat, 2, TEXT(0), OUT(1, OLD_STATUS)),
    CALL(stat, 2, TEXT(0), OUT(1, STATUS)),
    CALL(lstat, 2, TEXT(0), OUT(1, STATUS)),
    CALL(stat64, 2, TEXT(0), OUT(1, STATUS64)),
    CALL(lstat64, 2, TEXT(0), OUT(1, STATUS64)),
    CALL(fstatat64, 4, TEXT(1), OUT(2, STATUS64)),
    CALL(statx, 5, TEXT(1), OUT(4, STATX)),
    CALL(statfs, 2, TEXT(0), OUT(1, STATFS)),
    CALL(statfs64, 3, TEXT(0), OUT(2, STATFS64)),
    CALL(access, 2, TEXT(0)),
    CALL(faccessat, 3, TEXT(1)),
    CALL(faccessat2, 4, TEXT(1)),
    CALL(readlink, 3, TEXT(0), MOVED(1, 2, 1)),
    CALL(readlinkat, 4, TEXT(1), MOVED(2, 3, 1)),
    CALL(truncate, 2, TEXT(0)),
    CALL(truncate64, 3, TEXT(0)),
    CALL(chmod, 2, TEXT(0)),
    CALL(fchmodat, 3, TEXT(1)),
    CALL(chown, 3, TEXT(0)),
    CALL(chown32, 3, TEXT(0)),
    CALL(lchown, 3, TEXT(0)),
    CALL(lchown32, 3, TEXT(0)),
    CALL(fchownat, 5, TEXT(1)),
    CALL(utime, 2, TEXT(0), IN(1, TIME)),
    CALL(utimes, 2, TEXT(0), IN(1, ALARM)),
    CALL(futimesat, 3, TEXT(1), IN(2, ALARM)),
    CALL(utimensat, 4, TEXT(1), IN(2, ALARM)),
    CALL(utimensat_time64, 4, TEXT(1), IN(2, ALARM64)),
    CALL(unlink, 1, TEXT(0)),
    CALL(unlinkat, 3, TEXT(1)),
    CALL(rmdir, 1, TEXT(0)),
    CALL(mkdir, 2, TEXT(0)),
    CALL(mkdirat, 3, TEXT(1)),
    CALL(rename, 2, TEXT(0), TEXT(1)),
    CALL(renameat, 4, TEXT(1), TEXT(3)),
    CALL(renameat2, 5, TEXT(1), TEXT(3)),
    CALL(link, 2, TEXT(0), TEXT(1)),
    CALL(linkat, 5, TEXT(1), TEXT(3)),
    CALL(symlink, 2, TEXT(0), TEXT(1)),
    CALL(symlinkat, 3, TEXT(0), TEXT(2)),
    CALL(mknod, 3, TEXT(0)),
    CALL(mknodat, 4, TEXT(1)),
    CALL(chdir, 1, TEXT(0)),
    CALL(chroot, 1, TEXT(0)),
    CALL(setxattr, 5, TEXT(0), TEXT(1), IN_BY(2, 3, 1)),
    CALL(lsetxattr, 5, TEXT(0), TEXT(1), IN_BY(2, 3, 1)),
    CALL(fsetxattr, 5, TEXT(1), IN_BY(2, 3, 1)),
    CALL(getxattr, 4, TEXT(0), TEXT(1), MOVED(2, 3, 1)),
    CALL(lgetxattr, 4, TEXT(0), TEXT(1), MOVED(2, 3, 1)),
    CALL(fgetxattr, 4, TEXT(1), MOVED(2, 3, 1)),
    CALL(listxattr, 3, TEXT(0), MOVED(1, 2, 1)),
    CALL(llistxattr, 3, TEXT(0), MOVED(1, 2, 1)),
    CALL(flistxattr, 3, MOVED(1, 2, 1)),
    CALL(removexattr, 2, TEXT(0), TEXT(1)),
    CALL(lremovexattr, 2, TEXT(0), TEXT(1)),
    CALL(fremovexattr, 2, TEXT(1)),
    CALL(inotify_add_watch, 3, TEXT(1)),
    CALL(memfd_create, 2, TEXT(0)),
    CALL(execve, 3, TEXT(0), LIST(1), LIST(2)),
    CALL(execveat, 5, TEXT(1), LIST(2), LIST(3)),
    CALL(mount, 5, TEXT(0), TEXT(1), TEXT(2)),
    CALL(umount, 1, TEXT(0)),
    CALL(umount2, 2, TEXT(0)),
    /* descriptors */
    CALL(read, 3, MOVED(1, 2, 1)),
    CALL(write, 3, IN_BY(1, 2, 1)),
    CALL(pread64, 5, MOVED(1, 2, 1)),
    CALL(pwrite64, 5, IN_BY(1, 2, 1)),
    CALL(readv, 3, IN_BY(1, 2, VECTOR)),
    CALL(writev, 3, IN_BY(1, 2, VECTOR)),
    CALL(preadv, 5, IN_BY(1, 2, VECTOR)),
    CALL(pwritev, 5, IN_BY(1, 2, VECTOR)),
    CALL(preadv2, 6, IN_BY(1, 2, VECTOR)),
    CALL(pwritev2, 6, IN_BY(1, 2, VECTOR)),
    CALL(vmsplice, 4, IN_BY(1, 2, VECTOR)),
    CALL(process_vm_readv, 6, IN_BY(1, 2, VECTOR), IN_BY(3, 4, VECTOR)),
    CALL(process_vm_writev, 6, IN_BY(1, 2, VECTOR), IN_BY(3, 4, VECTOR)),
    CALL(_llseek, 5, OUT(3, 8)),
    CALL(sendfile, 4, BOTH(2, 4)),
    CALL(sendfile64, 4, BOTH(2, 8)),
    CALL(splice, 6, BOTH(1, 8), BOTH(3, 8)),
    CALL(copy_file_range, 6, BOTH(1, 8), BOTH(3, 8)),
    CALL(getdents, 3, MOVED(1, 2, 1)),
    CALL(getdents64, 3, MOVED(1, 2, 1)),
    CALL(oldfstat, 2, OUT(1, OLD_STATUS)),
    CALL(fstat, 2, OUT(1, STATUS)),
    CALL(fstat64, 2, OUT(1, STATUS64)),
    CALL(fstatfs, 2, OUT(1, STATFS)),
    CALL(fstatfs64, 3, OUT(2, STATFS64)),
    CALL(pipe, 1, OUT(0, 8)),
    CALL(pipe2, 2, OUT(0, 8)),
    CALL(poll, 3, POLL(0, 1)),
    CALL(ppoll, 5, POLL(0, 1), BOTH(2, TIME), IN_BY(3, 4, 1)),
    CALL(ppoll_time64, 5, POLL(0, 1), BOTH(2, TIME64), IN_BY(3, 4, 1)),
    CALL(select, 1, IN(0, 20)),
    CALL(_newselect, 5, BITS(1, 0), BITS(2, 0), BITS(3, 0), BOTH(4, TIME)),
    CALL_WITH(POINTERS_INNER_SET, pselect6, 6, BITS(1, 0), BITS(2, 0), BITS(3, 0), BOTH(4, TIME), IN(5, 8)),
    CALL_WITH(POINTERS_INNER_SET, pselect6_time64, 6, BITS(1, 0), BITS(2, 0), BITS(3, 0), BOTH(4, TIME64), IN(5, 8)),
    CALL(epoll_ctl, 4, IN(3, EVENT)),
    CALL(epoll_wait, 4, MOVED(1, 2, EVENT)),
    CALL(epoll_pwait, 6, MOVED(1, 2, EVENT), IN_BY(4, 5, 1)),
    CALL(epoll_pwait2, 6, MOVED(1, 2, EVENT), IN(3, TIME64), IN_BY(4, 5, 1)),
    /* sockets and queues of messages */
    CALL(socketpair, 4, OUT(3, 8)),
    CALL(bind, 3, IN_BY(1, 2, 1)),
    CALL(connect, 3, IN_BY(1, 2, 1)),
    CALL(accept4, 4, ADDRESS(1, 2)),
    CALL(getsockname, 3, ADDRESS(1, 2)),
    CALL(getpeername, 3, ADDRESS(1, 2)),
    CALL(getsockopt, 5, ADDRESS(3, 4)),
    CALL(setsockopt, 5, IN_BY(3, 4, 1)),
    CALL(sendto, 6, IN_BY(1, 2, 1), IN_BY(4, 5, 1)),
    CALL(recvfrom, 6, MOVED(1, 2, 1), ADDRESS(4, 5)),
    CALL(sendmsg, 3, IN(1, MESSAGE)),
    CALL(recvmsg, 3, BOTH(1, MESSAGE)),
    CALL(sendmmsg, 4, BOTH_BY(1, 2, MESSAGES)),
    CALL(recvmmsg, 5, BOTH_BY(1, 2, MESSAGES), BOTH(4, TIME)),
    CALL(recvmmsg_time64, 5, BOTH_BY(1, 2, MESSAGES), BOTH(4, TIME64)),
    CALL(semtimedop_time64, 4, IN_BY(1, 2, 6), IN(3, TIME64)),
    CALL(mq_open, 4, TEXT(0), IN(3, QUEUE)),
    CALL(mq_unlink, 1, TEXT(0)),
    CALL(mq_timedsend, 5, IN_BY(1, 2, 1), IN(4, TIME)),
    CALL(mq_timedsend_time64, 5, IN_BY(1, 2, 1), IN(4, TIME64)),
    CALL(mq_timedreceive, 5, MOVED(1, 2, 1), OUT(3, 4), IN(4, TIME)),
    CALL(mq_timedreceive_time64, 5, MOVED(1, 2, 1), OUT(3, 4), IN(4, TIME64)),
    CALL(mq_getsetattr, 3, IN(1, QUEUE), OUT(2, QUEUE)),
    /* signals and time */
    CALL(rt_sigaction, 4, IN(1, ACTION), OUT(2, ACTION)),
    CALL(sigaction, 3, IN(1, OLD_ACTION), OUT(2, OLD_ACTION)),
    CALL(rt_sigprocmask, 4, IN_BY(1, 3, 1), OUT_BY(2, 3, 1)),
    CALL(sigprocmask, 3, IN(1, OLD_SET), OUT(2, OLD_SET)),
    CALL(rt_sigpending, 2, OUT_BY(0, 1, 1)),
    CALL(sigpending, 1, OUT(0, OLD_SET)),
    CALL(rt_sigsuspend, 2, IN_BY(0, 1, 1)),
    CALL(rt_sigtimedwait, 4, IN_BY(0, 3, 1), OUT(1, SIGINFO), IN(2, TIME)),
    CALL(rt_sigtimedwait_time64, 4, IN_BY(0, 3, 1), OUT(1, SIGINFO), IN(2, TIME64)),
    CALL(rt_sigqueueinfo, 3, IN(2, SIGINFO)),
    CALL(rt_tgsigqueueinfo, 4, IN(3, SIGINFO)),
    CALL(signalfd, 3, IN_BY(1, 2, 1)),
    CALL(signalfd4, 4, IN_BY(1, 2, 1)),
    CALL(nanosleep, 2, IN(0, TIME), LEFT(1, TIME)),
    CALL(clock_nanosleep, 4, IN(2, TIME), LEFT(3, TIME)),
    CALL(clock_nanosleep_time64, 4, IN(2, TIME64), LEFT(3, TIME64)),
    CALL(clock_gettime, 2, OUT(1, TIME)),
    CALL(clock_gettime64, 2, OUT(1, TIME64)),
    CALL(clock_getres, 2, OUT(1, TIME)),
    CALL(clock_getres_time64, 2, OUT(1, TIME64)),
    CALL(clock_settime, 2, IN(1, TIME)),
    CALL(clock_settime64, 2, IN(1, TIME64)),
    CALL(clock_adjtime, 2, BOTH(1, CLOCK)),
    CALL(clock_adjtime64, 2, BOTH(1, CLOCK64)),
    CALL(adjtimex, 1, BOTH(0, CLOCK)),
    CALL(gettimeofday, 2, OUT(0, TIME), OUT(1, 8)),
    CALL(settimeofday, 2, IN(0, TIME), IN(1, 8)),
    CALL(time, 1, OUT(0, 4)),
    CALL(stime, 1, IN(0, 4)),
    CALL(times, 1, OUT(0, ALARM)),
    CALL(setitimer, 3, IN(1, ALARM), OUT(2, ALARM)),
    CALL(getitimer, 2, OUT(1, ALARM)),
    CALL(timer_create, 3, IN(1, 64), OUT(2, 4)),
    CALL(timer_settime, 4, IN(2, ALARM), OUT(3, ALARM)),
    CALL(timer_settime64, 4, IN(2, ALARM64), OUT(3, ALARM64)),
    CALL(timer_gettime, 2, OUT(1, ALARM)),
    CALL(timer_gettime64, 2, OUT(1, ALARM64)),
    CALL(timerfd_settime, 4, IN(2, ALARM), OUT(3, ALARM)),
    CALL(timerfd_settime64, 4, IN(2, ALARM64), OUT(3, ALARM64)),
    CALL(timerfd_gettime, 2, OUT(1, ALARM)),
    CALL(timerfd_gettime64, 2, OUT(1, ALARM64)),
    /* processes and the machine */
    CALL(waitpid, 3, OUT(1, 4)),
    CALL(wait4, 4, OUT(1, 4), OUT(3, USAGE)),
    CALL(waitid, 5, OUT(2, CHILD), OUT(4, USAGE)),
    CALL(getrusage, 2, OUT(1, USAGE)),
    CALL(getrlimit, 2, OUT(1, LIMIT)),
    CALL(ugetrlimit, 2, OUT(1, LIMIT)),
    CALL(setrlimit, 2, IN(1, LIMIT)),
    CALL(prlimit64, 4, IN(2, 16), OUT(3, 16)),
    CALL(sched_getaffinity, 3, MOVED(2, 1, 1)),
    CALL(sched_setaffinity, 3, IN_BY(2, 1, 1)),
    CALL(sched_setparam, 2, IN(1, 4)),
    CALL(sched_getparam, 2, OUT(1, 4)),
    CALL(sched_setscheduler, 3, IN(2, 4)),
    CALL(sched_rr_get_interval, 2, OUT(1, TIME)),
    CALL(sched_rr_get_interval_time64, 2, OUT(1, TIME64)),
    CALL(getcpu, 3, OUT(0, 4), OUT(1, 4)),
    CALL(getresuid, 3, OUT(0, 2), OUT(1, 2), OUT(2, 2)),
    CALL(getresuid32, 3, OUT(0, 4), OUT(1, 4), OUT(2, 4)),
    CALL(getresgid, 3, OUT(0, 2), OUT(1, 2), OUT(2, 2)),
    CALL(getresgid32, 3, OUT(0, 4), OUT(1, 4), OUT(2, 4)),
    CALL(getgroups, 2, MOVED(1, 0, 2)),
    CALL(getgroups32, 2, MOVED(1, 0, 4)),
    CALL(setgroups, 2, IN_BY(1, 0, 2)),
    CALL(setgroups32, 2, IN_BY(1, 0, 4)),
    CALL(capget, 2, BOTH(0, 8), OUT(1, 24)),
    CALL(capset, 2, IN(0, 8), IN(1, 24)),
    CALL(getcwd, 2, MOVED(0, 1, 1)),
    CALL(oldolduname, 1, OUT(0, 45)),
    CALL(olduname, 1, OUT(0, 325)),
    CALL(uname, 1, OUT(0, 390)),
    CALL(sethostname, 2, IN_BY(0, 1, 1)),
    CALL(setdomainname, 2, IN_BY(0, 1, 1)),
    CALL(sysinfo, 1, OUT(0, 64)),
    CALL(getrandom, 3, MOVED(0, 1, 1)),
    CALL(mincore, 3, {2, POINTER_OUT, POINTER_PAGES, 1, 1}),
    CALL(set_thread_area, 1, BOTH(0, SEGMENT)),
    CALL(get_thread_area, 1, BOTH(0, SEGMENT)),
    CALL(mmap, 1, IN(0, 24)),
    /* by what they are asked for */
    CALL_WITH(POINTERS_LOCKS, futex, 6, {0}),
    CALL_WITH(POINTERS_LOCKS, futex_time64, 6, {0}),
    CALL(ioctl, 3, {0}),
    CALL(fcntl, 3, {0}),
    CALL(fcntl64, 3, {0}),
    CALL(prctl, 5, {0}),
    CALL(socketcall, 2, {0}),
    CALL(ipc, 6, {0}),
    /* not carried, but for what is listed */
    CALL(ptrace, 4, {0}),
    CALL(seccomp, 3, {0}),
};

/* Structures that were there before the numbers of requests told sizes are narrower. */
static struct pointer of_ioctl(unsigned long request)
{
    return request > SIOCGIFCONF && request <= SIOCSIFMAP ? (struct pointer)BOTH(2, INTERFACE)
                                                          : pointers_of_ioctl(request);
}

static struct pointer of_fcntl(long command)
{
    bool is_wide;
    struct pointer pointer = pointers_of_fcntl(structs32_lock_command(command, &is_wide));
    if (pointer.unit == sizeof(struct flock))
        pointer.unit = (uint16_t)structs32_lock_size(is_wide);
    return pointer;
}

static struct pointer of_futex(long operation, uint16_t bytes)
{
    struct pointer time = pointers_of_futex(operation);
    time.unit = time.unit != 0 ? bytes : 0;
    return time;
}

static struct pointer of_sockets(long command)
{
    return (struct pointer)IN(1, (uint16_t)(structs32_socket_arguments(command) * WORD));
}

/* ipc(2): the kind in the first argument, a pointer in the fifth. */
static void of_queues(long command, struct pointer at[POINTERS_MOST])
{
    switch (command) {
    case SEMTIMEDOP:
        at[1] = (struct pointer)IN(5, TIME);
        at[0] = (struct pointer)IN_BY(4, 2, 6);
        return;
    case SEMOP:
        at[0] = (struct pointer)IN_BY(4, 2, 6);
        return;
    case SEMCTL:
        at[0] = (struct pointer)IN(4, WORD);
        return;
    case MSGRCV:
        at[0] = (struct pointer)IN(4, 2 * WORD);
        return;
    case SHMAT:
        at[0] = (struct pointer)OUT(3, WORD);
        return;
    default:
        return;
    }
}

static bool by_request(long number, const long argument[6], struct pointer at[POINTERS_MOST])
{
    switch (number) {
    case __NR_ioctl:
        at[0] = of_ioctl((unsigned long)argument[1]);
        return true;
    case __NR_fcntl:
    case __NR_fcntl64:
        at[0] = of_fcntl(argument[1]);
        return true;
    case __NR_prctl:
        at[0] = pointers_of_prctl(argument[0]);
        return true;
    case __NR_futex:
        at[0] = of_futex(argument[1], TIME);
        return true;
    case __NR_futex_time64:
        at[0] = of_futex(argument[1], TIME64);
        return true;
    case __NR_socketcall:
        at[0] = of_sockets(argument[0]);
        return true;
    case __NR_ipc:
        of_queues(argument[0], at);
        return true;
    default:
        return false;
    }
}

const struct pointers_table pointers32 = {calls, sizeof calls / sizeof calls[0], WORD, by_request};
