/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to the bridge as one descriptor among the host's: whatever the host does to the numbers of its
 * descriptors, by whatever way, no byte of ours goes into a file of the host's and none of its bytes is taken. Fault
 * path; the caller holds the bus lock.
 */
#ifndef TRAPLINE_LANE_SOCKET_H
#define TRAPLINE_LANE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge_address.h"

/* Connects to the bridge. 0, or -errno: the problem is then told by lane_socket_problem. */
long lane_socket_connect(const struct bridge_address *bridge);

/* Closes the connection, unless what stands at its number is the host's. */
void lane_socket_drop(void);

/* Negative if there is none. */
int lane_socket_descriptor(void);

/* Out of the way of a host that wants the number for itself; false if it can't be. */
bool lane_socket_move(void);

/* Whether the descriptor is still the connection; else the problem is known. In a sandbox of the host's nobody
 * looks. */
bool lane_socket_is_ours(void);

/* Whether the other end is still there; it may have said something. */
bool lane_socket_is_connected(void);

/* Sends all. False: the problem is known. */
bool lane_socket_send(const uint8_t *bytes, size_t count);

/* Waits for bytes. How many, -EAGAIN after the silence that was set, 0 on failure: the problem is known. */
long lane_socket_receive(uint8_t *bytes, size_t size);

/* Seconds without a word after which lane_socket_receive returns. */
void lane_socket_limit_silence(unsigned seconds);

/* What went wrong last, as a sentence. */
const char *lane_socket_problem(void);

#endif
