// SPDX-License-Identifier: Apache-2.0
// What a bridge sends to an agent: the messages, and how gRPC and HTTP/2 wrap them.
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "draw.h"
#include "script.h"
#include "trapline/v1/bus.pb.h"

enum { ATTACH_STREAM = 1, TRANSACT_STREAM = 3, ACCESSES = 3 };

// HTTP/2 frame types (RFC 9113, 6).
enum {
    FRAME_DATA,
    FRAME_HEADERS,
    FRAME_PRIORITY,
    FRAME_RST_STREAM,
    FRAME_SETTINGS,
    FRAME_PUSH_PROMISE,
    FRAME_PING,
    FRAME_GOAWAY,
    FRAME_WINDOW_UPDATE,
    FRAME_CONTINUATION,
    FRAME_TYPES
};

// What is to be wrong.
struct spoiler {
    struct random *random;
    bool messages, framing; // protobuf, gRPC's prefix
    bool sizes;             // messages near the limit, and more than they say
};

// Attach answered, then a completion for each of ACCESSES accesses: reads of traffic_width() bytes.
void traffic_add_all(struct script *script, const struct spoiler *spoiler);
unsigned traffic_width(void);

// One chunk that is one frame; `length` is what its header says.
void traffic_add_frame(struct script *script, unsigned type, unsigned flags, uint32_t stream, const void *payload,
                       size_t count, size_t length);

// The same, each message as `draw` has it: the start of a connection, the answer to an access, the end of the call.
void traffic_add_start(struct script *script, const struct draw *draw);
void traffic_add_answer(struct script *script, const trapline_v1_Access *access, const struct draw *draw);
void traffic_add_end(struct script *script, const struct draw *draw);
void traffic_append_clock_reply(struct chunk *to, const struct draw *draw);

// The answer to a request for time.
void traffic_add_clock_reply(struct script *script, const struct spoiler *spoiler);
#endif
