/* SPDX-License-Identifier: Apache-2.0
 *
 * UIO devices (kernel drivers/uio/uio.c): a descriptor is a connection to the bridge, over which interrupt counts come,
 * so that poll, select, epoll and SIGIO work on it as they are. proto/trapline/v1/notice.proto has the words. Results
 * are the kernel's: negative errno on failure. Not on the fault path, but safe in the host's signal handlers.
 */
#ifndef TRAPLINE_UIO_H
#define TRAPLINE_UIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* mmap selects a map by page number (uio_find_mem_index); device.h tells maps apart by this shift. */
#define UIO_MAP_SHIFT 40

/* A stream (stream.h) is opened, and its descriptor kept, likewise. */
int uio_open(int node, int flags);
/* F_SETFL, which leaves the access mode as it is. */
int uio_set_status_flags(int descriptor, int flags);
/* F_GETFL as the device's own descriptor would have it, of a connection. Negative errno. */
int uio_status_flags(int descriptor);
/* Reads as read(2) does; but where `may_wait` is false, -EAGAIN even if the descriptor blocks. */
long uio_read(int descriptor, int node, void *buffer, size_t count, bool may_wait);
long uio_write(int descriptor, int node, const void *buffer, size_t count);

/* Whether any UIO device is open in this process. */
bool uio_any_open(void);
/* Whether one of them sends a signal when an interrupt comes (fcntl(2), O_ASYNC). */
bool uio_any_signals(void);
/* A descriptor of a UIO node that came by another way than uio_open. */
void uio_remember(int descriptor);

/* Around a call in which a thread waits for events: simulated time may run. `timeout_ns` 0 stands for ever. */
void uio_wait_begin(uint64_t timeout_ns);
void uio_wait_end(void);

#endif
