/* SPDX-License-Identifier: Apache-2.0
 *
 * The system calls that the net watches, by what in them could be about a device. The one author of these numbers: the
 * filters are made of these lists, and whoever carries the calls out has a function for each of their rows
 * (interpose/by_number.h). A call of another architecture than x86-64 is in none.
 */
#ifndef TRAPLINE_NET_CALLS_H
#define TRAPLINE_NET_CALLS_H

#include "new_calls.h"

/* They open, also from within libc. */
#define CALLS_OPENING(CALL) CALL(open) CALL(openat) CALL(openat2) CALL(creat)

/* They change what is at a path, also from within libc: what the machine has at that of a device is nobody's. */
#define CALLS_ALTERING(CALL)                                                                                           \
    CALL(truncate)                                                                                                     \
    CALL(chmod)                                                                                                        \
    CALL(fchmodat)                                                                                                     \
    CALL(fchmodat2)                                                                                                    \
    CALL(chown)                                                                                                        \
    CALL(lchown)                                                                                                       \
    CALL(fchownat)                                                                                                     \
    CALL(utime)                                                                                                        \
    CALL(utimes)                                                                                                       \
    CALL(futimesat)                                                                                                    \
    CALL(utimensat)                                                                                                    \
    CALL(setxattr)                                                                                                     \
    CALL(lsetxattr)                                                                                                    \
    CALL(setxattrat)                                                                                                   \
    CALL(removexattr)                                                                                                  \
    CALL(lremovexattr)                                                                                                 \
    CALL(removexattrat)                                                                                                \
    CALL(file_setattr)                                                                                                 \
    CALL(unlink)                                                                                                       \
    CALL(unlinkat)                                                                                                     \
    CALL(rename)                                                                                                       \
    CALL(renameat)                                                                                                     \
    CALL(renameat2)                                                                                                    \
    CALL(link)                                                                                                         \
    CALL(linkat)                                                                                                       \
    CALL(symlink)                                                                                                      \
    CALL(symlinkat)                                                                                                    \
    CALL(mknod)                                                                                                        \
    CALL(mknodat)

/* Of code that makes its calls itself: they look for files. */
#define CALLS_LOOKING(CALL)                                                                                            \
    CALL(stat)                                                                                                         \
    CALL(lstat)                                                                                                        \
    CALL(newfstatat)                                                                                                   \
    CALL(statx)                                                                                                        \
    CALL(access)                                                                                                       \
    CALL(faccessat)                                                                                                    \
    CALL(faccessat2)                                                                                                   \
    CALL(readlink)                                                                                                     \
    CALL(readlinkat)                                                                                                   \
    CALL(getxattr)                                                                                                     \
    CALL(lgetxattr)                                                                                                    \
    CALL(getxattrat)                                                                                                   \
    CALL(listxattr)                                                                                                    \
    CALL(llistxattr)                                                                                                   \
    CALL(listxattrat)                                                                                                  \
    CALL(file_getattr)                                                                                                 \
    CALL(statfs)                                                                                                       \
    CALL(inotify_add_watch)

/* Of such code too: they list directories, start programs, change signals or filters, ask for I/O ports, set up ways
 * that pass descriptors, or get messages that may bring one. */
#define CALLS_NAMING(CALL)                                                                                             \
    CALLS_LOOKING(CALL)                                                                                                \
    CALL(getdents64)                                                                                                   \
    CALL(execve)                                                                                                       \
    CALL(execveat)                                                                                                     \
    CALL(close_range)                                                                                                  \
    CALL(rt_sigaction)                                                                                                 \
    CALL(rt_sigprocmask)                                                                                               \
    CALL(rt_sigpending)                                                                                                \
    CALL(signalfd)                                                                                                     \
    CALL(signalfd4)                                                                                                    \
    CALL(prctl)                                                                                                        \
    CALL(seccomp)                                                                                                      \
    CALL(iopl)                                                                                                         \
    CALL(ioperm)                                                                                                       \
    CALL(recvmsg)                                                                                                      \
    CALL(recvmmsg)                                                                                                     \
    CALL(pidfd_getfd)                                                                                                  \
    CALL(io_uring_setup)                                                                                               \
    CALL(io_submit)

/* They move or change the contents of the descriptor that is their first argument, also from within libc. */
#define CALLS_MOVING(CALL)                                                                                             \
    CALL(read)                                                                                                         \
    CALL(write)                                                                                                        \
    CALL(pread64)                                                                                                      \
    CALL(pwrite64)                                                                                                     \
    CALL(readv)                                                                                                        \
    CALL(writev)                                                                                                       \
    CALL(preadv)                                                                                                       \
    CALL(pwritev)                                                                                                      \
    CALL(preadv2)                                                                                                      \
    CALL(pwritev2)                                                                                                     \
    CALL(lseek)                                                                                                        \
    CALL(ioctl)                                                                                                        \
    CALL(ftruncate)                                                                                                    \
    CALL(fallocate)

/* The same, of two descriptors: one is the first argument, the other the second or third. */
#define CALLS_MOVING_TO_SECOND(CALL) CALL(sendfile)
#define CALLS_MOVING_TO_THIRD(CALL) CALL(splice) CALL(copy_file_range)

/* The same, of the fifth argument. */
#define CALLS_MAPPING(CALL) CALL(mmap)

/* Others about the descriptor that is their first argument, of code that makes its calls itself: libc does so in places
 * where nothing may be stopped. */
#define CALLS_HOLDING(CALL)                                                                                            \
    CALL(close)                                                                                                        \
    CALL(dup)                                                                                                          \
    CALL(fcntl)                                                                                                        \
    CALL(flock)                                                                                                        \
    CALL(fstat)                                                                                                        \
    CALL(fsync)                                                                                                        \
    CALL(fdatasync)                                                                                                    \
    CALL(sync_file_range)                                                                                              \
    CALL(fchmod)                                                                                                       \
    CALL(fchown)                                                                                                       \
    CALL(fsetxattr)                                                                                                    \
    CALL(fgetxattr)                                                                                                    \
    CALL(flistxattr)                                                                                                   \
    CALL(fremovexattr)                                                                                                 \
    CALL(fstatfs)

/* The same, of the second argument too. */
#define CALLS_HOLDING_SECOND(CALL) CALL(dup2) CALL(dup3)

/* The same, of the third argument. */
#define CALLS_HOLDING_THIRD(CALL) CALL(epoll_ctl)

/* Of code that makes its calls itself, once there is a window: they change mappings, take buffers that may lie in one,
 * wait, or ask for the time. */
#define CALLS_CHANGING(CALL)                                                                                           \
    CALL(munmap)                                                                                                       \
    CALL(mprotect)                                                                                                     \
    CALL(pkey_mprotect)                                                                                                \
    CALL(mremap)                                                                                                       \
    CALL(mlock)                                                                                                        \
    CALL(mlock2)                                                                                                       \
    CALL(munlock)                                                                                                      \
    CALL(sendto)                                                                                                       \
    CALL(recvfrom)                                                                                                     \
    CALL(sendmsg)                                                                                                      \
    CALL(sendmmsg)                                                                                                     \
    CALL(process_vm_readv)                                                                                             \
    CALL(process_vm_writev)                                                                                            \
    CALL(getrandom)                                                                                                    \
    CALL(nanosleep)                                                                                                    \
    CALL(clock_nanosleep)                                                                                              \
    CALL(sched_yield)                                                                                                  \
    CALL(poll)                                                                                                         \
    CALL(ppoll)                                                                                                        \
    CALL(select)                                                                                                       \
    CALL(pselect6)                                                                                                     \
    CALL(epoll_wait)                                                                                                   \
    CALL(epoll_pwait)                                                                                                  \
    CALL(epoll_pwait2)                                                                                                 \
    CALL(pause)                                                                                                        \
    CALL(rt_sigsuspend)                                                                                                \
    CALL(rt_sigtimedwait)                                                                                              \
    CALL(clock_gettime)                                                                                                \
    CALL(gettimeofday)                                                                                                 \
    CALL(time)                                                                                                         \
    CALL(alarm)                                                                                                        \
    CALL(setitimer)                                                                                                    \
    CALL(getitimer)                                                                                                    \
    CALL(timerfd_create)                                                                                               \
    CALL(timerfd_settime)                                                                                              \
    CALL(timerfd_gettime)

/* The same, of whatever descriptor: the tables that they take name more buffers. */
#define CALLS_SCATTERING(CALL) CALL(readv) CALL(writev) CALL(preadv) CALL(pwritev) CALL(preadv2) CALL(pwritev2)

/* The same, where the second argument is a command that waits (futex(2)) and the fourth a time: all others are the
 * kernel's, which wakes and locks of a program are in great number. */
#define CALLS_TIMED(CALL) CALL(futex)

/* Of these, which are in the lists above, those also that make memory runnable, by their third argument, from within
 * libc and its loader too: code comes so. */
#define CALLS_RUNNING(CALL) CALL(mmap) CALL(mprotect) CALL(pkey_mprotect)

/* Of code that makes its calls itself, where the first argument asks to be traced (ptrace(2), PTRACE_TRACEME). */
#define CALLS_TRACED(CALL) CALL(ptrace)

/* Of programs in another world than ours (ground/second_world.h): those that make a child with memory of its own, of
 * which nothing is asked but to tell its number. Others run on the stack of the call, or are a thread's. */
#define CALLS_FORKING(CALL) CALL(fork)
#define CALLS_FORKING_BY_FLAGS(CALL) CALL(clone)
/* A filter does not see what stands in memory. */
#define CALLS_FORKING_BY_MEMORY(CALL) CALL(clone3)

/* None of their arguments points at what the kernel reads or writes before they return, but at places that it only
 * notes, or changes the mappings of; or a handler can't make them in the host's place. All others, also those that are
 * not known, are stopped where one does so in a window, from libc too. */
#define CALLS_POINTLESS(CALL)                                                                                          \
    CALL(close)                                                                                                        \
    CALL(lseek)                                                                                                        \
    CALL(mmap)                                                                                                         \
    CALL(mprotect)                                                                                                     \
    CALL(munmap)                                                                                                       \
    CALL(brk)                                                                                                          \
    CALL(rt_sigreturn)                                                                                                 \
    CALL(sched_yield)                                                                                                  \
    CALL(mremap)                                                                                                       \
    CALL(msync)                                                                                                        \
    CALL(madvise)                                                                                                      \
    CALL(shmget)                                                                                                       \
    CALL(shmat)                                                                                                        \
    CALL(dup)                                                                                                          \
    CALL(dup2)                                                                                                         \
    CALL(pause)                                                                                                        \
    CALL(alarm)                                                                                                        \
    CALL(getpid)                                                                                                       \
    CALL(socket)                                                                                                       \
    CALL(shutdown)                                                                                                     \
    CALL(listen)                                                                                                       \
    CALL(clone)                                                                                                        \
    CALL(fork)                                                                                                         \
    CALL(vfork)                                                                                                        \
    CALL(exit)                                                                                                         \
    CALL(kill)                                                                                                         \
    CALL(semget)                                                                                                       \
    CALL(shmdt)                                                                                                        \
    CALL(msgget)                                                                                                       \
    CALL(flock)                                                                                                        \
    CALL(fsync)                                                                                                        \
    CALL(fdatasync)                                                                                                    \
    CALL(ftruncate)                                                                                                    \
    CALL(fchdir)                                                                                                       \
    CALL(fchmod)                                                                                                       \
    CALL(fchown)                                                                                                       \
    CALL(umask)                                                                                                        \
    CALL(getuid)                                                                                                       \
    CALL(getgid)                                                                                                       \
    CALL(setuid)                                                                                                       \
    CALL(setgid)                                                                                                       \
    CALL(geteuid)                                                                                                      \
    CALL(getegid)                                                                                                      \
    CALL(setpgid)                                                                                                      \
    CALL(getppid)                                                                                                      \
    CALL(getpgrp)                                                                                                      \
    CALL(setsid)                                                                                                       \
    CALL(sigaltstack)                                                                                                  \
    CALL(personality)                                                                                                  \
    CALL(getpriority)                                                                                                  \
    CALL(setpriority)                                                                                                  \
    CALL(mlock)                                                                                                        \
    CALL(munlock)                                                                                                      \
    CALL(mlockall)                                                                                                     \
    CALL(munlockall)                                                                                                   \
    CALL(arch_prctl)                                                                                                   \
    CALL(sync)                                                                                                         \
    CALL(gettid)                                                                                                       \
    CALL(readahead)                                                                                                    \
    CALL(tkill)                                                                                                        \
    CALL(io_destroy)                                                                                                   \
    CALL(remap_file_pages)                                                                                             \
    CALL(set_tid_address)                                                                                              \
    CALL(restart_syscall)                                                                                              \
    CALL(fadvise64)                                                                                                    \
    CALL(timer_getoverrun)                                                                                             \
    CALL(timer_delete)                                                                                                 \
    CALL(exit_group)                                                                                                   \
    CALL(tgkill)                                                                                                       \
    CALL(set_robust_list)                                                                                              \
    CALL(sync_file_range)                                                                                              \
    CALL(timerfd_create)                                                                                               \
    CALL(eventfd)                                                                                                      \
    CALL(fallocate)                                                                                                    \
    CALL(eventfd2)                                                                                                     \
    CALL(epoll_create1)                                                                                                \
    CALL(dup3)                                                                                                         \
    CALL(syncfs)                                                                                                       \
    CALL(membarrier)                                                                                                   \
    CALL(mlock2)                                                                                                       \
    CALL(pkey_mprotect)                                                                                                \
    CALL(rseq)                                                                                                         \
    CALL(clone3)                                                                                                       \
    CALL(close_range)

#define CALLS_UNTIMED(CALL)                                                                                            \
    CALLS_OPENING(CALL)                                                                                                \
    CALLS_NAMING(CALL)                                                                                                 \
    CALLS_MOVING(CALL)                                                                                                 \
    CALLS_MOVING_TO_SECOND(CALL)                                                                                       \
    CALLS_MOVING_TO_THIRD(CALL)                                                                                        \
    CALLS_MAPPING(CALL)                                                                                                \
    CALLS_HOLDING(CALL)                                                                                                \
    CALLS_HOLDING_SECOND(CALL)                                                                                         \
    CALLS_HOLDING_THIRD(CALL)                                                                                          \
    CALLS_CHANGING(CALL)

#define CALLS_WATCHED(CALL)                                                                                            \
    CALLS_ALTERING(CALL)                                                                                               \
    CALLS_UNTIMED(CALL)                                                                                                \
    CALLS_TIMED(CALL)                                                                                                  \
    CALLS_TRACED(CALL)                                                                                                 \
    CALLS_FORKING(CALL)                                                                                                \
    CALLS_FORKING_BY_FLAGS(CALL)

#endif
