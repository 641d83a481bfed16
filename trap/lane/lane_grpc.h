/* SPDX-License-Identifier: Apache-2.0
 *
 * The default lane: AgentService over one HTTP/2 connection per process.
 */
#ifndef TRAPLINE_LANE_GRPC_H
#define TRAPLINE_LANE_GRPC_H

#include <stdbool.h>

#include "channel.h"
#include "trapline/v1/agent.pb.h"

extern const struct channel_lane lane_grpc;

/* Remembers where the bridge is: "unix:/path" or "host:port"; resolves names. False if `address` makes no sense.
 * The limit is that of http2.h. Not on the fault path. */
bool lane_grpc_init(const char *address, const char *token, unsigned silence_limit_s);

/* Takes what the bridge has said to another process of the run for what it would say to this one: AttachReply as bytes.
 * False if it can't be read. */
bool lane_grpc_know(const uint8_t *reply, size_t length);

/* What the bridge said when the lane was last started. */
const trapline_v1_AttachReply *lane_grpc_attach_reply(void);

#endif
