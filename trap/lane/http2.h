/* SPDX-License-Identifier: Apache-2.0
 *
 * A gRPC client on one HTTP/2 connection (nghttp2), blocking, without threads: calls, messages out, messages in.
 * Not thread-safe: the caller holds the bus lock. Fault path.
 */
#ifndef TRAPLINE_HTTP2_H
#define TRAPLINE_HTTP2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest message that can be received. */
#define HTTP2_MESSAGE_MAX (64 * 1024)

/* Once per process image. A bridge that is waited for may say nothing for as many seconds; 0: for ever. */
void http2_init(unsigned silence_limit_s);

/* Starts HTTP/2 on the socket of the lane, connected; what was before is forgotten. False if the arena is too small. */
bool http2_start(void);

/* What a caller tells about itself beside the messages. */
struct http2_metadata {
    const char *name;
    uint64_t value;
};

/* Opens a gRPC call, with one number as metadata unless NULL. Returns the stream, negative on failure. */
int32_t http2_call(const char *path, const struct http2_metadata *metadata);

/* The last message half-closes its stream. */
enum http2_rank { HTTP2_ONE_OF_MANY, HTTP2_LAST };

/* Sends one framed message (wire.h) on the stream. False if the connection is gone. */
bool http2_send(int32_t stream, const uint8_t *frame, size_t length, enum http2_rank rank);

/* Waits for the next whole message on the stream. Returns its bytes, valid until the next call, or NULL if the call
 * ended or the connection is gone: http2_failure() tells why. */
const uint8_t *http2_receive(int32_t stream, size_t *length);

/* Whether the peer answers, which it is waited for as for a message; without a limit of silence this asks nothing. */
bool http2_is_answered(void);

/* Why the last call ended: gRPC's status message, or what happened to the connection. Never NULL. */
const char *http2_failure(void);

#endif
