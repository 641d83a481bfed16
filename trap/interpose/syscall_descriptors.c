/* SPDX-License-Identifier: Apache-2.0
 *
 * System calls by number that move the contents of descriptors or memory, or change either.
 */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "by_number.h"
#include "device/transfer.h"
#include "kernel_call.h"
#include "queues.h"

#define VECTOR(index) ((const struct iovec *)a[index])
#define OFFSET(index) ((off64_t *)a[index])

CARRY(read, read((int)a[0], (void *)a[1], (size_t)a[2]))
CARRY(write, write((int)a[0], (const void *)a[1], (size_t)a[2]))
CARRY(pread64, pread((int)a[0], (void *)a[1], (size_t)a[2], a[3]))
CARRY(pwrite64, pwrite((int)a[0], (const void *)a[1], (size_t)a[2], a[3]))
CARRY(readv, readv((int)a[0], VECTOR(1), (int)a[2]))
CARRY(writev, writev((int)a[0], VECTOR(1), (int)a[2]))
CARRY(preadv, preadv((int)a[0], VECTOR(1), (int)a[2], a[3]))
CARRY(pwritev, pwritev((int)a[0], VECTOR(1), (int)a[2], a[3]))
CARRY(preadv2, preadv2((int)a[0], VECTOR(1), (int)a[2], a[3], (int)a[5]))
CARRY(pwritev2, pwritev2((int)a[0], VECTOR(1), (int)a[2], a[3], (int)a[5]))
CARRY(sendfile, sendfile((int)a[0], (int)a[1], (off_t *)a[2], (size_t)a[3]))
CARRY(splice, splice((int)a[0], OFFSET(1), (int)a[2], OFFSET(3), (size_t)a[4], (unsigned)a[5]))
CARRY(copy_file_range, copy_file_range((int)a[0], OFFSET(1), (int)a[2], OFFSET(3), (size_t)a[4], (unsigned)a[5]))
CARRY(process_vm_readv, process_vm_readv((pid_t)a[0], VECTOR(1), (unsigned long)a[2], VECTOR(3), (unsigned long)a[4],
                                         (unsigned long)a[5]))
CARRY(process_vm_writev, process_vm_writev((pid_t)a[0], VECTOR(1), (unsigned long)a[2], VECTOR(3), (unsigned long)a[4],
                                           (unsigned long)a[5]))
/* By name libc may do without the kernel (vDSO), which says of bad pointers what they are. */
CARRY(getrandom, transfer_is_needed((void *)a[0], (size_t)a[1]) ? getrandom((void *)a[0], (size_t)a[1], (unsigned)a[2])
                                                                : KERNEL_CALL(SYS_getrandom, a[0], a[1], a[2]))
CARRY(io_uring_setup, queues_setup_ring((unsigned)a[0], (void *)a[1]))
CARRY(io_submit, queues_submit((unsigned long)a[0], a[1], (void *)a[2]))

CARRY(sendto,
      sendto((int)a[0], (const void *)a[1], (size_t)a[2], (int)a[3], (const struct sockaddr *)a[4], (socklen_t)a[5]))
CARRY(recvfrom, recvfrom((int)a[0], (void *)a[1], (size_t)a[2], (int)a[3], (struct sockaddr *)a[4], (socklen_t *)a[5]))
CARRY(sendmsg, sendmsg((int)a[0], (const struct msghdr *)a[1], (int)a[2]))
CARRY(recvmsg, recvmsg((int)a[0], (struct msghdr *)a[1], (int)a[2]))
CARRY(sendmmsg, sendmmsg((int)a[0], (struct mmsghdr *)a[1], (unsigned)a[2], (int)a[3]))
CARRY(recvmmsg, recvmmsg((int)a[0], (struct mmsghdr *)a[1], (unsigned)a[2], (int)a[3], (struct timespec *)a[4]))

CARRY(close, close((int)a[0]))
CARRY(close_range, close_range((unsigned)a[0], (unsigned)a[1], (int)a[2]))
CARRY(dup, dup((int)a[0]))
CARRY(dup2, dup2((int)a[0], (int)a[1]))
CARRY(dup3, dup3((int)a[0], (int)a[1], (int)a[2]))
CARRY(pidfd_getfd, pidfd_getfd((int)a[0], (int)a[1], (unsigned)a[2]))
CARRY(ioctl, ioctl((int)a[0], (unsigned long)a[1], a[2]))
CARRY(fcntl, fcntl((int)a[0], (int)a[1], a[2]))
CARRY(epoll_ctl, epoll_ctl((int)a[0], (int)a[1], (int)a[2], (struct epoll_event *)a[3]))
CARRY(flock, flock((int)a[0], (int)a[1]))
CARRY(ftruncate, ftruncate((int)a[0], a[1]))
CARRY(fallocate, fallocate((int)a[0], (int)a[1], a[2], a[3]))
CARRY(fsync, fsync((int)a[0]))
CARRY(fdatasync, fdatasync((int)a[0]))
CARRY(sync_file_range, sync_file_range((int)a[0], a[1], a[2], (unsigned)a[3]))
CARRY(lseek, lseek((int)a[0], a[1], (int)a[2]))

CARRY(mmap, (long)mmap((void *)a[0], (size_t)a[1], (int)a[2], (int)a[3], (int)a[4], a[5]))
CARRY(munmap, munmap((void *)a[0], (size_t)a[1]))
CARRY(mprotect, mprotect((void *)a[0], (size_t)a[1], (int)a[2]))
CARRY(pkey_mprotect, pkey_mprotect((void *)a[0], (size_t)a[1], (int)a[2], (int)a[3]))
CARRY(mremap, (long)mremap((void *)a[0], (size_t)a[1], (size_t)a[2], (int)a[3], (void *)a[4]))
CARRY(mlock, mlock((const void *)a[0], (size_t)a[1]))
CARRY(mlock2, mlock2((const void *)a[0], (size_t)a[1], (unsigned)a[2]))
CARRY(munlock, munlock((const void *)a[0], (size_t)a[1]))
