/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's own queues of reads and writes, by which it comes to files and buffers without a call that we see.
 */
#ifndef TRAPLINE_INTERPOSE_QUEUES_H
#define TRAPLINE_INTERPOSE_QUEUES_H

#include <stdbool.h>

/* io_uring_setup(2): refused with EPERM, as by a kernel that has it disabled (sysctl kernel.io_uring_disabled), for a
 * ring opens paths too. Programs go on without. -1 with errno. */
long queues_setup_ring(unsigned entries, void *parameters);

/* io_submit(2), up to the first request on a device. That one fails with EINVAL, as on a character device whose driver
 * has registers (no read_iter). -1 with errno. */
long queues_submit(unsigned long context, long count, void *requests);

/* One request of those (struct iocb): whether it is on a device; says so, and gives -1 with errno. */
bool queues_is_refused(const void *request);
long queues_refuse(const void *request);

#endif
