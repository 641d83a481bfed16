/* SPDX-License-Identifier: Apache-2.0
 *
 * What the bridge is told of accesses to real devices (trapline/v1/ring.h). The caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_RING_H
#define TRAPLINE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "trapline/v1/ring.h"

/* This process tells of its accesses as that session from now on; `is_lost` says that nobody reads them any more. 0, or
 * -errno if the file can't be opened or mapped (EIO: it is too short; EPROTO: it is of another version). */
long ring_begin(const char *path, uint32_t session, bool (*is_lost)(void));

/* Whether there is one. */
bool ring_is_there(void);

/* Has the ring for itself, and room in it; waits for both. What is about to be done is written down, so that it is
 * known of whoever is killed meanwhile. False: nobody would make room. */
bool ring_enter(const struct ring_record *intent);

/* What happened meanwhile; the session and the time are filled in. NULL: nothing. Waits for the bridge where that wants
 * to compare it first. False: the host must not go on. */
bool ring_leave(const struct ring_record *record);

#endif
