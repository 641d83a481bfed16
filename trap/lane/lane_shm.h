/* SPDX-License-Identifier: Apache-2.0
 *
 * Accesses by memory that this process shares with models (trapline/v1/lane.h), over a session that gRPC has opened.
 * By gRPC goes what the bridge has to see before it is done: the first access of each instruction, a locked one, and
 * whatever reaches a model that has no mailbox of ours, or none yet. Fault path; the caller holds the bus lock.
 */
#ifndef TRAPLINE_LANE_SHM_H
#define TRAPLINE_LANE_SHM_H

#include "channel.h"

extern const struct channel_lane lane_shm;

/* Outside the fault path, after lane_grpc_init. The files of mailboxes are in this directory, which must stay known. */
void lane_shm_init(const char *run_directory);

#endif
