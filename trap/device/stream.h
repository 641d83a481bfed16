/* SPDX-License-Identifier: Apache-2.0
 *
 * AXI4-Stream ports of the RTL as character devices: one write() is one packet, one read() gives bytes of one packet at
 * most. The bytes travel as accesses, in order with all others of the process; the descriptor is a connection to the
 * bridge (uio.h) that is readable for poll and its kin when a read would be answered at once. Results are the kernel's:
 * negative errno on failure. Not on the fault path.
 */
#ifndef TRAPLINE_STREAM_H
#define TRAPLINE_STREAM_H

#include <stdbool.h>
#include <sys/uio.h>

#include "transfer.h"

/* Reads as readv(2) does; but where `may_wait` is false, -EAGAIN even if the descriptor blocks. Waits for a whole
 * packet, or for as many bytes as there is room for. 0 for a packet without bytes. */
long stream_read(struct transfer_call call, int descriptor, int node, const struct iovec *vector, int count,
                 bool may_wait);

/* Writes as writev(2) does: the packet ends with the last byte. What is left of a write that ended early continues
 * the packet. -EINVAL for a size that the beats of the RTL can't carry, or of a device that is only read; -EIO if
 * the RTL does not take it. A signal whose handler has run ends a call that has moved nothing with -EINTR, unless
 * `may_restart` says that the host wants it to go on. */
long stream_write(struct transfer_call call, int descriptor, int node, const struct iovec *vector, int count,
                  bool (*may_restart)(void));

#endif
