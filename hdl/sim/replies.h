// SPDX-License-Identifier: Apache-2.0
//
// Replies to the bridge (model.proto), as they begin.

#pragma once

#include <pb.h>

#include <cstdint>

#include "trapline/v1/model.pb.h"

// The id is 0 on what nobody asked for; `body` is the tag of the oneof.
inline trapline_v1_ModelReply reply_of(uint64_t id, pb_size_t body)
{
    trapline_v1_ModelReply reply = trapline_v1_ModelReply_init_zero;
    reply.id = id;
    reply.which_body = body;
    return reply;
}
