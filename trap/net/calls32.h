/* SPDX-License-Identifier: Apache-2.0
 *
 * The system calls of 32-bit programs (i386) that the net watches there, by what in them could be about a device. SAME
 * has the name of the call of 64-bit programs that takes what it takes; of OWN, something is narrower. The one author
 * of these lists: filter32.c and calls32/.
 */
#ifndef TRAPLINE_NET_CALLS32_H
#define TRAPLINE_NET_CALLS32_H

#include "new_calls.h"

/* They look for files, start programs, change signals, masks or filters, or get messages. */
#define CALLS32_NAMING(SAME, OWN)                                                                                      \
    SAME(open, open)                                                                                                   \
    SAME(openat, openat)                                                                                               \
    SAME(openat2, openat2)                                                                                             \
    SAME(creat, creat)                                                                                                 \
    OWN(oldstat)                                                                                                       \
    OWN(oldlstat)                                                                                                      \
    OWN(stat)                                                                                                          \
    OWN(lstat)                                                                                                         \
    OWN(stat64)                                                                                                        \
    OWN(lstat64)                                                                                                       \
    OWN(fstatat64)                                                                                                     \
    SAME(statx, statx)                                                                                                 \
    OWN(statfs)                                                                                                        \
    OWN(statfs64)                                                                                                      \
    SAME(getdents64, getdents64)                                                                                       \
    SAME(access, access)                                                                                               \
    SAME(faccessat, faccessat)                                                                                         \
    SAME(faccessat2, faccessat2)                                                                                       \
    SAME(readlink, readlink)                                                                                           \
    SAME(readlinkat, readlinkat)                                                                                       \
    OWN(truncate)                                                                                                      \
    OWN(truncate64)                                                                                                    \
    SAME(chmod, chmod)                                                                                                 \
    SAME(fchmodat, fchmodat)                                                                                           \
    SAME(chown32, chown)                                                                                               \
    OWN(chown)                                                                                                         \
    OWN(lchown)                                                                                                        \
    OWN(utime)                                                                                                         \
    OWN(utimes)                                                                                                        \
    OWN(futimesat)                                                                                                     \
    OWN(utimensat)                                                                                                     \
    SAME(lchown32, lchown)                                                                                             \
    SAME(fchownat, fchownat)                                                                                           \
    SAME(utimensat_time64, utimensat)                                                                                  \
    SAME(unlink, unlink)                                                                                               \
    SAME(unlinkat, unlinkat)                                                                                           \
    SAME(rename, rename)                                                                                               \
    SAME(renameat, renameat)                                                                                           \
    SAME(renameat2, renameat2)                                                                                         \
    SAME(link, link)                                                                                                   \
    SAME(linkat, linkat)                                                                                               \
    SAME(symlink, symlink)                                                                                             \
    SAME(symlinkat, symlinkat)                                                                                         \
    SAME(mknod, mknod)                                                                                                 \
    SAME(mknodat, mknodat)                                                                                             \
    SAME(fchmodat2, fchmodat2)                                                                                         \
    SAME(setxattr, setxattr)                                                                                           \
    SAME(lsetxattr, lsetxattr)                                                                                         \
    SAME(setxattrat, setxattrat)                                                                                       \
    SAME(getxattr, getxattr)                                                                                           \
    SAME(lgetxattr, lgetxattr)                                                                                         \
    SAME(getxattrat, getxattrat)                                                                                       \
    SAME(listxattr, listxattr)                                                                                         \
    SAME(llistxattr, llistxattr)                                                                                       \
    SAME(listxattrat, listxattrat)                                                                                     \
    SAME(removexattr, removexattr)                                                                                     \
    SAME(lremovexattr, lremovexattr)                                                                                   \
    SAME(removexattrat, removexattrat)                                                                                 \
    SAME(file_getattr, file_getattr)                                                                                   \
    SAME(file_setattr, file_setattr)                                                                                   \
    SAME(inotify_add_watch, inotify_add_watch)                                                                         \
    OWN(execve)                                                                                                        \
    OWN(execveat)                                                                                                      \
    SAME(close_range, close_range)                                                                                     \
    OWN(mmap)                                                                                                          \
    SAME(fork, fork)                                                                                                   \
    OWN(rt_sigaction)                                                                                                  \
    OWN(sigaction)                                                                                                     \
    OWN(signal)                                                                                                        \
    OWN(sigprocmask)                                                                                                   \
    SAME(rt_sigprocmask, rt_sigprocmask)                                                                               \
    OWN(sigpending)                                                                                                    \
    SAME(rt_sigpending, rt_sigpending)                                                                                 \
    SAME(signalfd, signalfd)                                                                                           \
    SAME(signalfd4, signalfd4)                                                                                         \
    SAME(io_uring_setup, io_uring_setup)                                                                               \
    OWN(prctl)                                                                                                         \
    OWN(seccomp)                                                                                                       \
    SAME(iopl, iopl)                                                                                                   \
    SAME(ioperm, ioperm)                                                                                               \
    OWN(recvmsg)                                                                                                       \
    OWN(recvmmsg)                                                                                                      \
    OWN(recvmmsg_time64)                                                                                               \
    SAME(pidfd_getfd, pidfd_getfd)                                                                                     \
    OWN(io_submit)

/* Tables of buffers: once there is a window, of whatever descriptor. */
#define CALLS32_SCATTERING(SAME, OWN)                                                                                  \
    OWN(readv)                                                                                                         \
    OWN(writev)                                                                                                        \
    OWN(preadv)                                                                                                        \
    OWN(preadv2)                                                                                                       \
    OWN(pwritev2)                                                                                                      \
    OWN(pwritev)

/* The descriptor is the first argument. */
#define CALLS32_MOVING(SAME, OWN)                                                                                      \
    SAME(read, read)                                                                                                   \
    SAME(write, write)                                                                                                 \
    OWN(pread64)                                                                                                       \
    OWN(pwrite64)                                                                                                      \
    CALLS32_SCATTERING(SAME, OWN)                                                                                      \
    OWN(lseek)                                                                                                         \
    OWN(_llseek)                                                                                                       \
    OWN(ioctl)                                                                                                         \
    OWN(ftruncate)                                                                                                     \
    OWN(ftruncate64)                                                                                                   \
    OWN(fallocate)                                                                                                     \
    SAME(close, close)                                                                                                 \
    SAME(dup, dup)                                                                                                     \
    OWN(fcntl)                                                                                                         \
    OWN(fcntl64)                                                                                                       \
    SAME(flock, flock)                                                                                                 \
    OWN(oldfstat)                                                                                                      \
    OWN(fstat)                                                                                                         \
    OWN(fstat64)                                                                                                       \
    SAME(fsync, fsync)                                                                                                 \
    SAME(fdatasync, fdatasync)                                                                                         \
    SAME(fchmod, fchmod)                                                                                               \
    SAME(fchown32, fchown)                                                                                             \
    OWN(fchown)                                                                                                        \
    OWN(fstatfs)                                                                                                       \
    OWN(fstatfs64)                                                                                                     \
    SAME(fsetxattr, fsetxattr)                                                                                         \
    SAME(fgetxattr, fgetxattr)                                                                                         \
    SAME(flistxattr, flistxattr)                                                                                       \
    SAME(fremovexattr, fremovexattr)                                                                                   \
    OWN(sync_file_range)

/* The descriptor is the first or second argument; the first or third; the third; the fifth. */
#define CALLS32_MOVING_TO_SECOND(SAME, OWN)                                                                            \
    OWN(sendfile)                                                                                                      \
    SAME(sendfile64, sendfile)                                                                                         \
    SAME(dup2, dup2)                                                                                                   \
    SAME(dup3, dup3)
#define CALLS32_MOVING_TO_THIRD(SAME, OWN) SAME(splice, splice) SAME(copy_file_range, copy_file_range)
#define CALLS32_HOLDING_THIRD(SAME, OWN) SAME(epoll_ctl, epoll_ctl)

#define CALLS32_MAPPING(SAME, OWN) OWN(mmap2)

/* A child with memory of its own, on the same stack (clone(2)). */
#define CALLS32_FORKING(SAME, OWN) OWN(clone)

/* Once there is a window. */
#define CALLS32_CHANGING(SAME, OWN)                                                                                    \
    SAME(munmap, munmap)                                                                                               \
    SAME(mprotect, mprotect)                                                                                           \
    OWN(mremap)                                                                                                        \
    SAME(mlock, mlock)                                                                                                 \
    SAME(mlock2, mlock2)                                                                                               \
    SAME(munlock, munlock)                                                                                             \
    SAME(sendto, sendto)                                                                                               \
    SAME(recvfrom, recvfrom)                                                                                           \
    OWN(sendmsg)                                                                                                       \
    OWN(sendmmsg)                                                                                                      \
    OWN(process_vm_readv)                                                                                              \
    OWN(process_vm_writev)                                                                                             \
    SAME(getrandom, getrandom)                                                                                         \
    OWN(nanosleep)                                                                                                     \
    OWN(clock_nanosleep)                                                                                               \
    SAME(clock_nanosleep_time64, clock_nanosleep)                                                                      \
    SAME(sched_yield, sched_yield)                                                                                     \
    SAME(poll, poll)                                                                                                   \
    OWN(ppoll)                                                                                                         \
    SAME(ppoll_time64, ppoll)                                                                                          \
    OWN(select)                                                                                                        \
    OWN(_newselect)                                                                                                    \
    OWN(pselect6)                                                                                                      \
    OWN(pselect6_time64)                                                                                               \
    SAME(epoll_wait, epoll_wait)                                                                                       \
    SAME(epoll_pwait, epoll_pwait)                                                                                     \
    SAME(epoll_pwait2, epoll_pwait2)                                                                                   \
    SAME(pause, pause)                                                                                                 \
    OWN(rt_sigtimedwait)                                                                                               \
    OWN(rt_sigtimedwait_time64)                                                                                        \
    OWN(sigsuspend)                                                                                                    \
    SAME(rt_sigsuspend, rt_sigsuspend)                                                                                 \
    OWN(clock_gettime)                                                                                                 \
    SAME(clock_gettime64, clock_gettime)                                                                               \
    OWN(gettimeofday)                                                                                                  \
    OWN(time)                                                                                                          \
    SAME(alarm, alarm)                                                                                                 \
    OWN(setitimer)                                                                                                     \
    OWN(getitimer)                                                                                                     \
    SAME(timerfd_create, timerfd_create)                                                                               \
    OWN(timerfd_settime)                                                                                               \
    OWN(timerfd_gettime)                                                                                               \
    SAME(timerfd_settime64, timerfd_settime)                                                                           \
    SAME(timerfd_gettime64, timerfd_gettime)

/* The same, where the second argument is a command that waits (futex(2)) and the fourth a time. */
#define CALLS32_TIMED(SAME, OWN)                                                                                       \
    OWN(futex)                                                                                                         \
    SAME(futex_time64, futex)

/* Where the first argument asks to be traced (ptrace(2), PTRACE_TRACEME). */
#define CALLS32_TRACED(SAME, OWN) OWN(ptrace)

/* Those that stand for many, of which the first argument says which one: of sockets (socketcall(2)), where some get
 * messages and all have their arguments in memory, and of queues and semaphores (ipc(2)), where some have a pointer
 * there. */
#define CALLS32_OF_SOCKETS(SAME, OWN) OWN(socketcall)
#define CALLS32_OF_QUEUES(SAME, OWN) OWN(ipc)

/* None of their arguments points at what the kernel reads or writes before they return (CALLS_POINTLESS of calls.h).
 * All others, also those that are not known, are stopped where one does so in a window. */
#define CALLS32_POINTLESS(CALL)                                                                                        \
    CALL(close)                                                                                                        \
    CALL(lseek)                                                                                                        \
    CALL(mmap2)                                                                                                        \
    CALL(mprotect)                                                                                                     \
    CALL(munmap)                                                                                                       \
    CALL(brk)                                                                                                          \
    CALL(sigreturn)                                                                                                    \
    CALL(rt_sigreturn)                                                                                                 \
    CALL(sched_yield)                                                                                                  \
    CALL(mremap)                                                                                                       \
    CALL(msync)                                                                                                        \
    CALL(madvise)                                                                                                      \
    CALL(shmget)                                                                                                       \
    CALL(shmat)                                                                                                        \
    CALL(shmdt)                                                                                                        \
    CALL(dup)                                                                                                          \
    CALL(dup2)                                                                                                         \
    CALL(dup3)                                                                                                         \
    CALL(pause)                                                                                                        \
    CALL(alarm)                                                                                                        \
    CALL(getpid)                                                                                                       \
    CALL(getppid)                                                                                                      \
    CALL(gettid)                                                                                                       \
    CALL(getpgrp)                                                                                                      \
    CALL(getpgid)                                                                                                      \
    CALL(setpgid)                                                                                                      \
    CALL(getsid)                                                                                                       \
    CALL(setsid)                                                                                                       \
    CALL(socket)                                                                                                       \
    CALL(shutdown)                                                                                                     \
    CALL(listen)                                                                                                       \
    CALL(clone)                                                                                                        \
    CALL(clone3)                                                                                                       \
    CALL(fork)                                                                                                         \
    CALL(vfork)                                                                                                        \
    CALL(exit)                                                                                                         \
    CALL(exit_group)                                                                                                   \
    CALL(kill)                                                                                                         \
    CALL(tkill)                                                                                                        \
    CALL(tgkill)                                                                                                       \
    CALL(semget)                                                                                                       \
    CALL(msgget)                                                                                                       \
    CALL(flock)                                                                                                        \
    CALL(fsync)                                                                                                        \
    CALL(fdatasync)                                                                                                    \
    CALL(syncfs)                                                                                                       \
    CALL(sync)                                                                                                         \
    CALL(sync_file_range)                                                                                              \
    CALL(ftruncate)                                                                                                    \
    CALL(ftruncate64)                                                                                                  \
    CALL(fallocate)                                                                                                    \
    CALL(readahead)                                                                                                    \
    CALL(fadvise64)                                                                                                    \
    CALL(fadvise64_64)                                                                                                 \
    CALL(fchdir)                                                                                                       \
    CALL(fchmod)                                                                                                       \
    CALL(fchown)                                                                                                       \
    CALL(fchown32)                                                                                                     \
    CALL(umask)                                                                                                        \
    CALL(getuid)                                                                                                       \
    CALL(getuid32)                                                                                                     \
    CALL(geteuid)                                                                                                      \
    CALL(geteuid32)                                                                                                    \
    CALL(getgid)                                                                                                       \
    CALL(getgid32)                                                                                                     \
    CALL(getegid)                                                                                                      \
    CALL(getegid32)                                                                                                    \
    CALL(setuid)                                                                                                       \
    CALL(setuid32)                                                                                                     \
    CALL(setgid)                                                                                                       \
    CALL(setgid32)                                                                                                     \
    CALL(sigaltstack)                                                                                                  \
    CALL(signal)                                                                                                       \
    CALL(sigsuspend)                                                                                                   \
    CALL(sgetmask)                                                                                                     \
    CALL(ssetmask)                                                                                                     \
    CALL(personality)                                                                                                  \
    CALL(nice)                                                                                                         \
    CALL(getpriority)                                                                                                  \
    CALL(setpriority)                                                                                                  \
    CALL(mlock)                                                                                                        \
    CALL(mlock2)                                                                                                       \
    CALL(munlock)                                                                                                      \
    CALL(mlockall)                                                                                                     \
    CALL(munlockall)                                                                                                   \
    CALL(pkey_mprotect)                                                                                                \
    CALL(remap_file_pages)                                                                                             \
    CALL(arch_prctl)                                                                                                   \
    CALL(io_destroy)                                                                                                   \
    CALL(set_tid_address)                                                                                              \
    CALL(set_robust_list)                                                                                              \
    CALL(rseq)                                                                                                         \
    CALL(membarrier)                                                                                                   \
    CALL(restart_syscall)                                                                                              \
    CALL(timer_getoverrun)                                                                                             \
    CALL(timer_delete)                                                                                                 \
    CALL(timerfd_create)                                                                                               \
    CALL(eventfd)                                                                                                      \
    CALL(eventfd2)                                                                                                     \
    CALL(epoll_create)                                                                                                 \
    CALL(epoll_create1)                                                                                                \
    CALL(close_range)

#define CALLS32_WATCHED(SAME, OWN)                                                                                     \
    CALLS32_NAMING(SAME, OWN)                                                                                          \
    CALLS32_MOVING(SAME, OWN)                                                                                          \
    CALLS32_MOVING_TO_SECOND(SAME, OWN)                                                                                \
    CALLS32_MOVING_TO_THIRD(SAME, OWN)                                                                                 \
    CALLS32_HOLDING_THIRD(SAME, OWN)                                                                                   \
    CALLS32_MAPPING(SAME, OWN)                                                                                         \
    CALLS32_FORKING(SAME, OWN)                                                                                         \
    CALLS32_CHANGING(SAME, OWN)                                                                                        \
    CALLS32_TIMED(SAME, OWN)                                                                                           \
    CALLS32_TRACED(SAME, OWN)                                                                                          \
    CALLS32_OF_SOCKETS(SAME, OWN)                                                                                      \
    CALLS32_OF_QUEUES(SAME, OWN)

#endif
