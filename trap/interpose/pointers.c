/* SPDX-License-Identifier: Apache-2.0 */
#include "pointers.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/ioctl.h>
#include <linux/prctl.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "pointer_rows.h"

/* The kernel's sizes of its structures (x86-64). */
enum {
    SET = 8, /* of signals */
    TIME = 16,
    ALARM = 32, /* two times */
    STATUS = 144,
    STATFS = 120,
    STATX = 256,
    USAGE = 144,
    SIGINFO = 128,
    CHILD = 28, /* what of it waitid(2) tells */
    ACTION = 32,
    EVENT = 12, /* of epoll */
    POLLED = 8,
    VECTOR = 16,
    MESSAGE = 56,
    MESSAGES = 64, /* each of many */
    LOCK = 32,
    INTERFACE = 40,
    TASK_NAME = 16,
};

#define CALL(call, ...) POINTERS_ROW(SYS_##call, #call, POINTERS_OF_UNKNOWN_COUNT, POINTERS_NO_MORE, __VA_ARGS__)
#define CALL_WITH(more, call, ...) POINTERS_ROW(SYS_##call, #call, POINTERS_OF_UNKNOWN_COUNT, more, __VA_ARGS__)

static const struct pointers calls[] = {
    /* files by their names */
    CALL(open, TEXT(0)),
    CALL(openat, TEXT(1)),
    CALL(openat2, TEXT(1), IN_BY(2, 3, 1)),
    CALL(creat, TEXT(0)),
    CALL(stat, TEXT(0), OUT(1, STATUS)),
    CALL(lstat, TEXT(0), OUT(1, STATUS)),
    CALL(newfstatat, TEXT(1), OUT(2, STATUS)),
    CALL(statx, TEXT(1), OUT(4, STATX)),
    CALL(statfs, TEXT(0), OUT(1, STATFS)),
    CALL(access, TEXT(0)),
    CALL(faccessat, TEXT(1)),
    CALL(faccessat2, TEXT(1)),
    CALL(readlink, TEXT(0), MOVED(1, 2, 1)),
    CALL(readlinkat, TEXT(1), MOVED(2, 3, 1)),
    CALL(truncate, TEXT(0)),
    CALL(chmod, TEXT(0)),
    CALL(fchmodat, TEXT(1)),
    CALL(chown, TEXT(0)),
    CALL(lchown, TEXT(0)),
    CALL(fchownat, TEXT(1)),
    CALL(utime, TEXT(0), IN(1, TIME)),
    CALL(utimes, TEXT(0), IN(1, ALARM)),
    CALL(futimesat, TEXT(1), IN(2, ALARM)),
    CALL(utimensat, TEXT(1), IN(2, ALARM)),
    CALL(unlink, TEXT(0)),
    CALL(unlinkat, TEXT(1)),
    CALL(rmdir, TEXT(0)),
    CALL(mkdir, TEXT(0)),
    CALL(mkdirat, TEXT(1)),
    CALL(rename, TEXT(0), TEXT(1)),
    CALL(renameat, TEXT(1), TEXT(3)),
    CALL(renameat2, TEXT(1), TEXT(3)),
    CALL(link, TEXT(0), TEXT(1)),
    CALL(linkat, TEXT(1), TEXT(3)),
    CALL(symlink, TEXT(0), TEXT(1)),
    CALL(symlinkat, TEXT(0), TEXT(2)),
    CALL(mknod, TEXT(0)),
    CALL(mknodat, TEXT(1)),
    CALL(chdir, TEXT(0)),
    CALL(chroot, TEXT(0)),
    CALL(setxattr, TEXT(0), TEXT(1), IN_BY(2, 3, 1)),
    CALL(lsetxattr, TEXT(0), TEXT(1), IN_BY(2, 3, 1)),
    CALL(fsetxattr, TEXT(1), IN_BY(2, 3, 1)),
    CALL(getxattr, TEXT(0), TEXT(1), MOVED(2, 3, 1)),
    CALL(lgetxattr, TEXT(0), TEXT(1), MOVED(2, 3, 1)),
    CALL(fgetxattr, TEXT(1), MOVED(2, 3, 1)),
    CALL(listxattr, TEXT(0), MOVED(1, 2, 1)),
    CALL(llistxattr, TEXT(0), MOVED(1, 2, 1)),
    CALL(flistxattr, MOVED(1, 2, 1)),
    CALL(removexattr, TEXT(0), TEXT(1)),
    CALL(lremovexattr, TEXT(0), TEXT(1)),
    CALL(fremovexattr, TEXT(1)),
    CALL(inotify_add_watch, TEXT(1)),
    CALL(memfd_create, TEXT(0)),
    CALL(execve, TEXT(0)),
    CALL(execveat, TEXT(1)),
    CALL(mount, TEXT(0), TEXT(1), TEXT(2)),
    CALL(umount2, TEXT(0)),
    /* descriptors */
    CALL(read, MOVED(1, 2, 1)),
    CALL(write, IN_BY(1, 2, 1)),
    CALL(pread64, MOVED(1, 2, 1)),
    CALL(pwrite64, IN_BY(1, 2, 1)),
    CALL(readv, IN_BY(1, 2, VECTOR)),
    CALL(writev, IN_BY(1, 2, VECTOR)),
    CALL(preadv, IN_BY(1, 2, VECTOR)),
    CALL(pwritev, IN_BY(1, 2, VECTOR)),
    CALL(preadv2, IN_BY(1, 2, VECTOR)),
    CALL(pwritev2, IN_BY(1, 2, VECTOR)),
    CALL(vmsplice, IN_BY(1, 2, VECTOR)),
    CALL(process_vm_readv, IN_BY(1, 2, VECTOR), IN_BY(3, 4, VECTOR)),
    CALL(process_vm_writev, IN_BY(1, 2, VECTOR), IN_BY(3, 4, VECTOR)),
    CALL(sendfile, BOTH(2, 8)),
    CALL(splice, BOTH(1, 8), BOTH(3, 8)),
    CALL(copy_file_range, BOTH(1, 8), BOTH(3, 8)),
    CALL(getdents64, MOVED(1, 2, 1)),
    CALL(fstat, OUT(1, STATUS)),
    CALL(fstatfs, OUT(1, STATFS)),
    CALL(pipe, OUT(0, 8)),
    CALL(pipe2, OUT(0, 8)),
    CALL(poll, {0, POINTER_POLLED, POINTER_COUNTED, 1, POLLED}),
    CALL(ppoll, {0, POINTER_POLLED, POINTER_COUNTED, 1, POLLED}, BOTH(2, TIME), IN_BY(3, 4, 1)),
    CALL(select, BITS(1, 0), BITS(2, 0), BITS(3, 0), BOTH(4, TIME)),
    CALL_WITH(POINTERS_INNER_SET, pselect6, BITS(1, 0), BITS(2, 0), BITS(3, 0), BOTH(4, TIME), IN(5, 2 * SET)),
    CALL(epoll_ctl, IN(3, EVENT)),
    CALL(epoll_wait, MOVED(1, 2, EVENT)),
    CALL(epoll_pwait, MOVED(1, 2, EVENT), IN_BY(4, 5, 1)),
    CALL(epoll_pwait2, MOVED(1, 2, EVENT), IN(3, TIME), IN_BY(4, 5, 1)),
    /* sockets and queues of messages */
    CALL(socketpair, OUT(3, 8)),
    CALL(bind, IN_BY(1, 2, 1)),
    CALL(connect, IN_BY(1, 2, 1)),
    CALL(accept, ADDRESS(1, 2)),
    CALL(accept4, ADDRESS(1, 2)),
    CALL(getsockname, ADDRESS(1, 2)),
    CALL(getpeername, ADDRESS(1, 2)),
    CALL(getsockopt, ADDRESS(3, 4)),
    CALL(setsockopt, IN_BY(3, 4, 1)),
    CALL(sendto, IN_BY(1, 2, 1), IN_BY(4, 5, 1)),
    CALL(recvfrom, MOVED(1, 2, 1), ADDRESS(4, 5)),
    CALL(sendmsg, IN(1, MESSAGE)),
    CALL(recvmsg, BOTH(1, MESSAGE)),
    CALL(sendmmsg, BOTH_BY(1, 2, MESSAGES)),
    CALL(recvmmsg, BOTH_BY(1, 2, MESSAGES), BOTH(4, TIME)),
    CALL(semop, IN_BY(1, 2, 6)),
    CALL(semtimedop, IN_BY(1, 2, 6), IN(3, TIME)),
    CALL(mq_open, TEXT(0), IN(3, 64)),
    CALL(mq_unlink, TEXT(0)),
    CALL(mq_timedsend, IN_BY(1, 2, 1), IN(4, TIME)),
    CALL(mq_timedreceive, MOVED(1, 2, 1), OUT(3, 4), IN(4, TIME)),
    CALL(mq_getsetattr, IN(1, 64), OUT(2, 64)),
    /* signals and time */
    CALL(rt_sigaction, IN(1, ACTION), OUT(2, ACTION)),
    CALL(rt_sigprocmask, IN_BY(1, 3, 1), OUT_BY(2, 3, 1)),
    CALL(rt_sigpending, OUT_BY(0, 1, 1)),
    CALL(rt_sigsuspend, IN_BY(0, 1, 1)),
    CALL(rt_sigtimedwait, IN_BY(0, 3, 1), OUT(1, SIGINFO), IN(2, TIME)),
    CALL(rt_sigqueueinfo, IN(2, SIGINFO)),
    CALL(rt_tgsigqueueinfo, IN(3, SIGINFO)),
    CALL(signalfd, IN_BY(1, 2, 1)),
    CALL(signalfd4, IN_BY(1, 2, 1)),
    CALL(nanosleep, IN(0, TIME), LEFT(1, TIME)),
    CALL(clock_nanosleep, IN(2, TIME), LEFT(3, TIME)),
    CALL(clock_gettime, OUT(1, TIME)),
    CALL(clock_getres, OUT(1, TIME)),
    CALL(clock_settime, IN(1, TIME)),
    CALL(clock_adjtime, BOTH(1, 208)),
    CALL(adjtimex, BOTH(0, 208)),
    CALL(gettimeofday, OUT(0, TIME), OUT(1, 8)),
    CALL(settimeofday, IN(0, TIME), IN(1, 8)),
    CALL(time, OUT(0, 8)),
    CALL(times, OUT(0, ALARM)),
    CALL(setitimer, IN(1, ALARM), OUT(2, ALARM)),
    CALL(getitimer, OUT(1, ALARM)),
    CALL(timer_create, IN(1, 64), OUT(2, 4)),
    CALL(timer_settime, IN(2, ALARM), OUT(3, ALARM)),
    CALL(timer_gettime, OUT(1, ALARM)),
    CALL(timerfd_settime, IN(2, ALARM), OUT(3, ALARM)),
    CALL(timerfd_gettime, OUT(1, ALARM)),
    /* processes and the machine */
    CALL(wait4, OUT(1, 4), OUT(3, USAGE)),
    CALL(waitid, OUT(2, CHILD), OUT(4, USAGE)),
    CALL(getrusage, OUT(1, USAGE)),
    CALL(getrlimit, OUT(1, TIME)),
    CALL(setrlimit, IN(1, TIME)),
    CALL(prlimit64, IN(2, TIME), OUT(3, TIME)),
    CALL(sched_getaffinity, MOVED(2, 1, 1)),
    CALL(sched_setaffinity, IN_BY(2, 1, 1)),
    CALL(sched_setparam, IN(1, 4)),
    CALL(sched_getparam, OUT(1, 4)),
    CALL(sched_setscheduler, IN(2, 4)),
    CALL(sched_rr_get_interval, OUT(1, TIME)),
    CALL(getcpu, OUT(0, 4), OUT(1, 4)),
    CALL(getresuid, OUT(0, 4), OUT(1, 4), OUT(2, 4)),
    CALL(getresgid, OUT(0, 4), OUT(1, 4), OUT(2, 4)),
    CALL(getgroups, MOVED(1, 0, 4)),
    CALL(setgroups, IN_BY(1, 0, 4)),
    CALL(capget, BOTH(0, 8), OUT(1, 24)),
    CALL(capset, IN(0, 8), IN(1, 24)),
    CALL(getcwd, MOVED(0, 1, 1)),
    CALL(uname, OUT(0, 390)),
    CALL(sethostname, IN_BY(0, 1, 1)),
    CALL(setdomainname, IN_BY(0, 1, 1)),
    CALL(sysinfo, OUT(0, 112)),
    CALL(getrandom, MOVED(0, 1, 1)),
    CALL(mincore, {2, POINTER_OUT, POINTER_PAGES, 1, 1}),
    /* by what they are asked for */
    CALL_WITH(POINTERS_LOCKS, futex, {0}),
    CALL(ioctl, {0}),
    CALL(fcntl, {0}),
    CALL(prctl, {0}),
};

/* Requests of before their numbers told sizes: terminals, and sockets (ioctl_tty(2), netdevice(7)). */
static struct pointer old_ioctl(unsigned long request)
{
    switch (request) {
    case TCGETS:
        return (struct pointer)OUT(2, sizeof(struct termios));
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return (struct pointer)IN(2, sizeof(struct termios));
    case TIOCGWINSZ:
        return (struct pointer)OUT(2, 8);
    case TIOCSWINSZ:
        return (struct pointer)IN(2, 8);
    case TIOCGPGRP:
    case TIOCOUTQ:
    case TIOCMGET:
    case TIOCGSID:
    case FIONREAD:
    case SIOCATMARK:
        return (struct pointer)OUT(2, 4);
    case TIOCSPGRP:
    case TIOCMBIS:
    case TIOCMBIC:
    case TIOCMSET:
    case FIONBIO:
    case FIOASYNC:
        return (struct pointer)IN(2, 4);
    default:
        return request > SIOCGIFCONF && request <= SIOCSIFMAP ? (struct pointer)BOTH(2, INTERFACE)
                                                              : (struct pointer){0};
    }
}

struct pointer pointers_of_ioctl(unsigned long request)
{
    uint16_t bytes = _IOC_SIZE(request);
    switch (_IOC_DIR(request)) {
    case _IOC_READ:
        return (struct pointer)OUT(2, bytes);
    case _IOC_WRITE:
        return (struct pointer)IN(2, bytes);
    case _IOC_READ | _IOC_WRITE:
        return (struct pointer)BOTH(2, bytes);
    default:
        return old_ioctl(request);
    }
}

struct pointer pointers_of_fcntl(long command)
{
    switch (command) {
    case F_GETLK:
    case F_OFD_GETLK:
        return (struct pointer)BOTH(2, LOCK);
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return (struct pointer)IN(2, LOCK);
    case F_GETOWN_EX:
    case F_GET_RW_HINT:
    case F_GET_FILE_RW_HINT:
        return (struct pointer)OUT(2, 8);
    case F_SETOWN_EX:
    case F_SET_RW_HINT:
    case F_SET_FILE_RW_HINT:
        return (struct pointer)IN(2, 8);
    default:
        return (struct pointer){0};
    }
}

struct pointer pointers_of_prctl(long option)
{
    switch (option) {
    case PR_SET_NAME:
        return (struct pointer)IN(1, TASK_NAME);
    case PR_GET_NAME:
        return (struct pointer)OUT(1, TASK_NAME);
    case PR_GET_PDEATHSIG:
    case PR_GET_CHILD_SUBREAPER:
    case PR_GET_TSC:
        return (struct pointer)OUT(1, 4);
    default:
        return (struct pointer){0};
    }
}

/* Where the fourth argument is a time. */
struct pointer pointers_of_futex(long operation)
{
    switch (operation & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_LOCK_PI:
    case FUTEX_LOCK_PI2:
    case FUTEX_WAIT_REQUEUE_PI:
        return (struct pointer)IN(3, TIME);
    default:
        return (struct pointer){0};
    }
}

static bool by_request(long number, const long argument[6], struct pointer at[POINTERS_MOST])
{
    switch (number) {
    case SYS_ioctl:
        at[0] = pointers_of_ioctl((unsigned long)argument[1]);
        return true;
    case SYS_fcntl:
        at[0] = pointers_of_fcntl(argument[1]);
        return true;
    case SYS_prctl:
        at[0] = pointers_of_prctl(argument[0]);
        return true;
    case SYS_futex:
        at[0] = pointers_of_futex(argument[1]);
        return true;
    default:
        return false;
    }
}

const struct pointers_table pointers64 = {calls, sizeof calls / sizeof calls[0], sizeof(uint64_t), by_request};

const struct pointers *pointers_of(const struct pointers_table *table, long number)
{
    for (unsigned i = 0; i < table->count; i++)
        if (table->calls[i].number == number)
            return &table->calls[i];
    return NULL;
}
